#include "sweep/ledger.hpp"

#include <catch2/catch.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/files.hpp"
#include "store/snapshot.hpp"
#include "sweep/small_study.hpp"

using namespace surd;
using namespace surd::sweep;
using namespace surd::sweep::test;
using Catch::Contains;

namespace {

store::AttemptStarted started(std::int64_t id, std::vector<TrialId> trials) {
  return {.attempt = {id},
          .trials = std::move(trials),
          .ranks = {1},
          .host = "node1",
          .device = "cpu avx2",
          .slurm_job = ""};
}

// As the disk has it now, whatever a ledger holds in memory.
store::History on_disk(const store::RunFolder& run) {
  return store::replay(store::read_journal(run.journal()).records);
}

}  // namespace

TEST_CASE(
    "what a worker or a restart counts on is on the disk once it is settled, the rest is written") {
  SmallRun small;
  const auto& trials = small.study.trials;
  Ledger ledger(small.study, small.run, {"a machine"});
  ledger.record(started(1, {trials[0].id}));
  CHECK(on_disk(small.run).attempts.empty());
  CHECK_FALSE(ledger.settle());
  CHECK(on_disk(small.run).attempts.size() == 1);
  ledger.record_done(small.study, trials[0], result_of(1), {1});
  CHECK(on_disk(small.run).done.empty());
  CHECK(ledger.settle());
  CHECK(on_disk(small.run).done.contains(trials[0].id));
  ledger.record(store::AttemptEnded{{1}, spec::AttemptEnd::finished, "", "node1", 0, 1});
  CHECK_FALSE(ledger.settle());
  ledger.record(started(2, {trials[1].id}));
  ledger.record(store::AttemptEnded{{2}, spec::AttemptEnd::failed, "no memory", "node1", 0, 1});
  CHECK(ledger.settle());
}

TEST_CASE(
    "a checkpoint that a newer one replaces goes when the journal is on the disk, and not before") {
  SmallRun small;
  const TrialId id = small.study.trials[0].id;
  Ledger ledger(small.study, small.run, {"a machine"});
  const auto save = [&](const std::string& file, int step) {
    std::ofstream(small.run.checkpoints() / file) << "state";
    ledger.record(store::CheckpointWritten{{1}, file, {id}, 0, {step}});
  };
  ledger.record(started(1, {id}));
  save("one.ckpt", 10);
  ledger.settle();
  save("two.ckpt", 20);
  CHECK(std::filesystem::exists(small.run.checkpoints() / "one.ckpt"));
  CHECK(ledger.settle());
  CHECK_FALSE(std::filesystem::exists(small.run.checkpoints() / "one.ckpt"));
  CHECK(std::filesystem::exists(small.run.checkpoints() / "two.ckpt"));
  ledger.record_done(small.study, small.study.trials[0], result_of(1), {1});
  ledger.settle();
  CHECK_FALSE(std::filesystem::exists(small.run.checkpoints() / "two.ckpt"));
}

TEST_CASE(
    "a run that died is found again: results, checkpoints with their steps, failures, losses") {
  SmallRun small;
  const auto& trials = small.study.trials;
  {
    Ledger ledger(small.study, small.run, {"a machine"});
    ledger.record(started(1, {trials[0].id, trials[1].id}));
    ledger.record_done(small.study, trials[0], result_of(0.75), {1});
    ledger.record(store::CheckpointWritten{{1}, "one.ckpt", {trials[1].id}, 0, {40}});
    ledger.record(started(2, {trials[2].id}));
    ledger.record(store::AttemptEnded{{2}, spec::AttemptEnd::failed, "no memory", "node2", 0, 1});
    ledger.record(started(3, {trials[3].id}));
    ledger.settle();
  }
  const Ledger ledger(small.study, small.run, {"a machine"});
  CHECK(ledger.history().open_attempts().empty());
  CHECK(ledger.history().attempts.at({3}).end->cause == spec::AttemptEnd::lost);
  const auto past = ledger.past(small.study);
  CHECK(past[0].kind == schedule::Past::Kind::done);
  CHECK(past[0].accuracy == 0.75);
  CHECK(past[1].kind == schedule::Past::Kind::unknown);
  CHECK(past[1].saved_step == 40);
  CHECK(past[1].losses.count == 0);  // it got somewhere
  CHECK(past[2].failed_hosts == std::vector<std::string>{"node2"});
  CHECK(past[3].saved_step == 0);
  CHECK(past[3].losses.count == 1);
  CHECK(std::filesystem::exists(small.run.study()));
}

TEST_CASE("a trial that takes its process with it is set aside, alone and in words") {
  SmallRun small;
  const auto& trials = small.study.trials;
  for (std::int64_t attempt = 1; attempt <= 2; ++attempt) {
    Ledger ledger(small.study, small.run, {"a machine"});
    ledger.set_aside_fatal(small.study);
    CHECK(ledger.history().quarantined.empty());
    ledger.record(started(attempt, {trials[2].id}));
    ledger.settle();
  }
  Ledger ledger(small.study, small.run, {"a machine"});
  ledger.set_aside_fatal(small.study);
  REQUIRE(ledger.history().quarantined.size() == 1);
  CHECK(ledger.history().quarantined.begin()->first == trials[2].id);
  CHECK(on_disk(small.run).quarantined.contains(trials[2].id));
  CHECK(ledger.past(small.study)[2].kind == schedule::Past::Kind::quarantined);
}

TEST_CASE("results.h5 is renewed when results came and it is due, and closed with the run") {
  SmallRun small;
  Ledger ledger(small.study, small.run, {"a machine"});
  const auto finished = [&] {
    const auto rows = store::read_run(small.run.results())->rows();
    return std::count_if(rows.begin(), rows.end(),
                         [](const auto& row) { return row.status == "finished"; });
  };
  const double now_s = 1e9;  // long after the start
  ledger.renew_results(now_s);
  CHECK(finished() == 0);
  ledger.record_done(small.study, small.study.trials[0], result_of(1), {1});
  ledger.renew_results(0);
  CHECK(finished() == 0);  // not due
  ledger.renew_results(now_s);
  CHECK(finished() == 1);
  ledger.record_done(small.study, small.study.trials[1], result_of(1), {1});
  ledger.close(Exit::stopped, "stopped with 2 trials left");
  CHECK(finished() == 2);
  CHECK(on_disk(small.run).ended->sentence == "stopped with 2 trials left");
  CHECK(store::read_run(small.run.path())->file() == small.run.results());
}

TEST_CASE("what an audit drew is known, as far as it is in the study") {
  SmallRun small;
  Ledger ledger(small.study, small.run, {"a machine"});
  CHECK(ledger.drawn().empty());
  const TrialId drawn = small.study.trials[1].id;
  ledger.record(store::AuditDrawn{0.5, {{drawn, {"twice"}}, {{"of another study"}, {"anew"}}}, 0});
  CHECK(ledger.drawn() == std::vector<store::AuditedTrial>{{drawn, {"twice"}}});
}

TEST_CASE("finished trials leave the study only where that is asked for, and come back with it") {
  SmallRun small;
  const grid::Study narrow = grid::parse_study(small_study, "small.yaml", {"grid.hidden=[4]"});
  {
    Ledger ledger(small.study, small.run, {"a machine", {"small.yaml", {}}});
    for (const auto& trial : small.study.trials)
      ledger.record_done(small.study, trial, result_of(1), {1});
    ledger.close(Exit::complete, "");
  }
  const std::string journal = read_file(small.run.journal());
  const std::string frozen = read_file(small.run.study());
  const Start start{"a machine", {"small.yaml", {"grid.hidden=[4]"}}};
  CHECK_THROWS_WITH(Ledger(narrow, small.run, start),
                    Contains("2 finished trials") && Contains("hidden 8") && Contains("--shrink"));
  CHECK(read_file(small.run.journal()) == journal);
  CHECK(read_file(small.run.study()) == frozen);
  Start shrink = start;
  shrink.shrink = true;
  Ledger(narrow, small.run, shrink).close(Exit::complete, "");
  CHECK(store::read_run(small.run.path())->rows().size() == 2);
  CHECK(read_file(small.run.study()) == narrow.text_frozen);
  Ledger(narrow, small.run, start).close(Exit::complete, "");  // again, without asking again
  Ledger back(small.study, small.run, {"a machine", {"small.yaml", {}}});
  back.write_results();
  for (const auto& row : store::read_run(small.run.results())->rows())
    CHECK(row.status == "finished");
  CHECK(back.past(small.study)[3].kind == schedule::Past::Kind::done);
}

TEST_CASE("a run that goes on with its own folder keeps how its study was asked for") {
  SmallRun small;
  const store::StudyRequest first{"small.yaml", {"recipe.steps=100"}};
  const auto opened_by = [&](const store::StudyRequest& request) {
    return Ledger(small.study, small.run, {"a machine", request}).history().opened->request;
  };
  CHECK(opened_by({small.run.path().string(), {}}) == store::StudyRequest{});  // nobody knows
  CHECK(opened_by(first) == first);
  CHECK(opened_by({small.run.path().string(), {}}) == first);
  CHECK(opened_by({small.run.path().string() + "/.", {"run.retries=1"}}) ==
        store::StudyRequest{"small.yaml", {"recipe.steps=100", "run.retries=1"}});
  CHECK(opened_by({small.run.path().string(), {"recipe.steps=100"}}) ==
        store::StudyRequest{"small.yaml", {"run.retries=1", "recipe.steps=100"}});
}

TEST_CASE("a second ledger on the same folder is refused") {
  SmallRun small;
  const Ledger ledger(small.study, small.run, {"a machine"});
  CHECK_THROWS_AS(Ledger(small.study, small.run, {"a machine"}), InputError);
}
