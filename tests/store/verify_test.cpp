#include "store/verify.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

#include "base/files.hpp"
#include "store/checkpoint.hpp"
#include "store/journal.hpp"
#include "store/run_folder.hpp"
#include "store/sample.hpp"
#include "store/snapshot.hpp"

using namespace surd;
using namespace surd::store;
using namespace surd::store::test;
using Catch::Matchers::Contains;

namespace {

// A run with a checkpoint of its missing trial and a results.h5.
struct Run {
  Folder temporary;
  RunFolder folder{temporary / "run"};
  Sample sample;
  TrialId unfinished = sample.study.trials[5].id;

  Run() {
    folder.create();
    write_checkpoint(folder.checkpoints() / "attempt-000001.ckpt",
                     std::vector<LaneState>{{unfinished, "state"}});
    {
      Journal journal(folder.journal());
      for (const Record& record : sample.records) journal.append(record);
      journal.append(CheckpointWritten{{1}, "attempt-000001.ckpt", {unfinished}, 1.7e9});
      journal.sync();
    }
    rebuild_results(folder.path());
  }
  Verification verify() const { return verify_run(folder.path()); }
};

}  // namespace

TEST_CASE("a whole run is found whole") {
  const Run run;
  const Verification found = run.verify();
  CHECK(found.damage.empty());
  CHECK(found.notes.empty());
  CHECK(found.records == static_cast<std::int64_t>(run.sample.records.size()) + 1);
  CHECK(found.trials_done == 29);
  CHECK(found.checkpoints == 1);
  CHECK_THROWS_AS(verify_run(run.temporary / "none"), InputError);
}

TEST_CASE("verify names a damaged record, a torn tail is only a note") {
  const Run run;
  const std::string whole = read_file(run.folder.journal());
  std::string damaged = whole;
  damaged[whole.find('\n', whole.find('\n') + 1) + 30] ^= 4;
  put(run.folder.journal(), damaged);
  REQUIRE(run.verify().damage.size() >= 1);
  CHECK_THAT(run.verify().damage[0], Contains("record 2 (line 3)"));
  CHECK(run.verify().damage.size() == 1);
  CHECK_THAT(run.verify().notes.at(0), Contains("--salvage") && Contains("`head -n 2`"));

  put(run.folder.journal(), whole + "{\"attempt\":");
  CHECK(run.verify().damage.empty());
  REQUIRE(run.verify().notes.size() == 1);
  CHECK_THAT(run.verify().notes[0], Contains("unfinished last line of 11 bytes"));
}

TEST_CASE("verify names a damaged, a missing and a foreign checkpoint") {
  const Run run;
  const auto path = run.folder.checkpoints() / "attempt-000001.ckpt";
  std::string bytes = read_file(path);
  bytes.back() ^= 1;
  put(path, bytes);
  REQUIRE(run.verify().damage.size() == 1);
  CHECK_THAT(run.verify().damage[0],
             Contains("attempt-000001.ckpt") && Contains(run.unfinished.value));
  std::filesystem::remove(path);
  CHECK(run.verify().damage.size() == 1);
  write_checkpoint(path, std::vector<LaneState>{{{"other"}, "state"}});
  REQUIRE(run.verify().damage.size() == 1);
  CHECK_THAT(run.verify().damage[0], Contains("is not in it"));
}

TEST_CASE("verify compares results.h5 with the journal") {
  Run run;
  // The same results, one of them changed in its last bit.
  auto records = run.sample.records;
  auto& changed = std::get<TrialDone>(records[2]);
  changed.result.accuracy_test = std::nextafter(changed.result.accuracy_test, 1);
  records.push_back(CheckpointWritten{{1}, "attempt-000001.ckpt", {run.unfinished}, 1.7e9});
  write_results(run.folder.results(), run.sample.study, replay(records));
  REQUIRE(run.verify().damage.size() == 1);
  CHECK_THAT(run.verify().damage[0], Contains("trial 0 ") && Contains("accuracy_test"));

  // Written before the last trial: no damage.
  records.erase(records.begin() + 10, records.end());
  write_results(run.folder.results(), run.sample.study, replay(records));
  CHECK(run.verify().damage.empty());
  REQUIRE(run.verify().notes.size() == 1);
  CHECK_THAT(run.verify().notes[0], Contains("older than the journal"));

  std::filesystem::remove(run.folder.results());
  CHECK(run.verify().damage.empty());
  CHECK_THAT(run.verify().notes.at(0), Contains("not there"));
}

TEST_CASE(
    "results.h5 that knows more than its journal is damage, and rebuild does not overwrite it") {
  const Run run;
  const std::string journal = read_file(run.folder.journal());
  const std::string results = read_file(run.folder.results());
  const auto first_lines = [&](int count) {
    std::size_t end = 0;
    for (int i = 0; i < count; ++i) end = journal.find('\n', end) + 1;
    return journal.substr(0, end);
  };
  const auto refused = [&] {
    CHECK_THROWS_AS(rebuild_results(run.folder.path()), InputError);
    CHECK_THROWS_WITH(rebuild_results(run.folder.path()),
                      Contains("that the journal lacks") && Contains("Move results.h5 away"));
    CHECK(read_file(run.folder.results()) == results);
  };

  put(run.folder.journal(), first_lines(23));  // cut between two lines: every line of it is good
  Verification found = run.verify();
  REQUIRE(found.damage.size() == 2);
  CHECK_THAT(found.damage[0],
             Contains("results.h5 holds 9 finished trials that the journal lacks: ") &&
                 Contains(run.sample.study.trials[31 - 8].id.value) &&
                 !Contains(run.sample.study.trials[31].id.value));
  CHECK_THAT(found.damage[1], Contains("made from 34 records") && Contains("22"));
  CHECK(found.notes.empty());
  refused();

  put(run.folder.journal(), first_lines(1));  // the header alone
  found = run.verify();
  REQUIRE(found.damage.size() == 2);
  CHECK_THAT(found.damage[0], Contains("29 finished trials"));
  refused();

  put(run.folder.journal(), first_lines(static_cast<int>(run.sample.records.size()) +
                                        1));  // only a checkpoint's record is gone
  found = run.verify();
  REQUIRE(found.damage.size() == 1);
  CHECK_THAT(found.damage[0], Contains("made from 34 records"));

  put(run.folder.journal(), "");
  CHECK(!run.verify().damage.empty());
  refused();
  std::filesystem::remove(run.folder.journal());
  found = run.verify();
  REQUIRE(found.damage.size() == 1);
  CHECK_THAT(found.damage[0], Contains("journal.jsonl: not there, though results.h5 is"));

  put(run.folder.journal(), first_lines(23));
  std::filesystem::remove(run.folder.results());
  rebuild_results(run.folder.path());
  CHECK(run.verify().trials_done == 20);
  CHECK(read_run(run.folder.results())->rows()[31].status == "missing");
}

TEST_CASE("rebuild leaves a run alone that is being written, and overwrites a damaged results.h5") {
  const Run run;
  put(run.folder.results(), "not HDF5");
  {
    const Journal writer(run.folder.journal());
    CHECK_THROWS_AS(rebuild_results(run.folder.path()), InputError);
    CHECK_THROWS_WITH(rebuild_results(run.folder.path()),
                      Contains(fmt::format("process {} on host {}", ::getpid(), host_name())));
    CHECK(read_file(run.folder.results()) == "not HDF5");
  }
  rebuild_results(run.folder.path());
  CHECK(run.verify().damage.empty());
}

TEST_CASE("a run that goes on is never found damaged") {
  const Folder temporary;
  const RunFolder folder(temporary / "run");
  folder.create();
  const Sample sample;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {  // the run
    Journal journal(folder.journal());
    History history;
    for (const Record& record : sample.records) {
      journal.append(record);
      journal.sync();
      history.apply(record);
      for (int i = 0; i < 5; ++i) write_results(folder.results(), sample.study, history);
    }
    ::_exit(0);
  }
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (!std::filesystem::exists(folder.results())) continue;
    const Verification found = verify_run(folder.path());
    INFO((found.damage.empty() ? "" : found.damage.front()));
    CHECK(found.damage.empty());
  }
  CHECK(status == 0);
  CHECK(verify_run(folder.path()).damage.empty());
}

TEST_CASE("verify outlives results.h5 with flipped bits, on which HDF5 itself may crash") {
  const Run run;
  const std::string good = read_file(run.folder.results());
  const unsigned seed = std::random_device{}();
  INFO("damaged with seed " << seed);
  std::mt19937 random(seed);
  int found = 0;
  for (int i = 0; i < 60; ++i) {
    std::string damaged = good;
    damaged[random() % damaged.size()] ^= static_cast<char>(1U << random() % 8);
    put(run.folder.results(), damaged);
    found += run.verify().damage.empty() ? 0 : 1;
  }
  CHECK(found > 0);
}

TEST_CASE(
    "verify finds a trial with other settings than its id, and results that contradict each "
    "other") {
  const Run run;
  {
    Journal journal(run.folder.journal());
    TrialDone other = std::get<TrialDone>(run.sample.records[2]);
    other.result.accuracy_test = 0.125;
    journal.append(other);
    TrialDone wrong = done(77, 0.5);
    wrong.id = {"0000"};
    journal.append(wrong);
    journal.sync();
  }
  const Verification found = run.verify();
  REQUIRE(found.damage.size() == 2);
  CHECK_THAT(found.damage[0], Contains("different results"));
  CHECK_THAT(found.damage[1], Contains("trial 0000"));
}
