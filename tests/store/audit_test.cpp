#include "store/audit.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>

#include "base/files.hpp"
#include "store/journal.hpp"
#include "store/merge.hpp"
#include "store/results.hpp"
#include "store/run_folder.hpp"
#include "store/snapshot.hpp"
#include "store/sample.hpp"
#include "store/compare.hpp"
#include "store/verify.hpp"

using namespace surd;
using namespace surd::store;
using namespace surd::store::test;
using Catch::Matchers::Contains;

namespace {

// The small study with an audit of four trials: solved now, diverged, quarantined and not trained
// yet.
struct AuditSample {
  Sample sample;
  std::vector<TrialDone> again;

  AuditSample() {
    for (const std::size_t i : {6, 7, 8, 9}) {
      TrialDone record = done_of(sample.study, i);
      spec::Trial longer = record.trial();
      longer.recipe.steps *= 2;
      again.push_back(trial_done(longer, record.result, record.attempt));
    }
    again[0].result = result(0.96875, 8);
    again[1].result.outcome = spec::Outcome::diverged;
    again[1].result.stop_reason = spec::StopReason::diverged;
    again[1].result.accuracy_test = 1;  // of no account
    AuditDrawn drawn{0.25, {}, 1.7e9 + 70};
    std::vector<TrialId> ids;
    for (std::size_t i = 0; i < 4; ++i) {
      drawn.trials.push_back({sample.study.trials[6 + i].id, again[i].id});
      ids.push_back(again[i].id);
    }
    for (const Record& record : std::vector<Record>{
             drawn, started(2, ids), again[0], again[1], ended(2, spec::AttemptEnd::failed),
             Quarantined{{again[2].id}, "failed on two nodes", "log", 1.7e9 + 80}}) {
      sample.records.push_back(record);
    }
  }
  History history() const { return replay(sample.records); }
  RunFolder run(const std::filesystem::path& path) const {
    const RunFolder folder(path);
    folder.create();
    Journal journal(folder.journal());
    for (const Record& record : sample.records) journal.append(record);
    journal.sync();
    return folder;
  }
};

void check_rows(const std::vector<AuditRow>& rows, const AuditSample& expected) {
  REQUIRE(rows.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(rows[i].trial == static_cast<std::int64_t>(6 + i));
    CHECK(rows[i].id == expected.sample.study.trials[6 + i].id.value);
    CHECK(rows[i].audit_id == expected.again[i].id.value);
    CHECK(rows[i].seed == static_cast<std::int64_t>(expected.sample.study.trials[6 + i].seed));
    CHECK(rows[i].accuracy_test_before ==
          result(0.25 + 0.001 * static_cast<double>(6 + i)).accuracy_test);
    CHECK(rows[i].solved_before == 0);
    CHECK(rows[i].attempts == 1);
  }
  CHECK(rows[0].status == "finished");
  CHECK(rows[0].steps_before == 100);
  CHECK(rows[0].steps_after == 800);
  CHECK(rows[0].accuracy_test_after == 0.96875 - 0.0009765625);
  CHECK(rows[0].solved_after == 1);
  CHECK(rows[0].tokens == 153600 * 8);
  CHECK(rows[1].status == "diverged");
  CHECK(rows[1].solved_after == 0);
  CHECK(rows[2].status == "failed");
  CHECK(rows[3].status == "missing");
  for (const std::size_t i : {2, 3}) {
    CHECK(std::isnan(rows[i].accuracy_test_after));
    CHECK(rows[i].solved_after == -1);
    CHECK(rows[i].steps_after == 0);
  }
}

}  // namespace

TEST_CASE("the audit's table comes back from results.h5, and the table of trials stays as it was") {
  const Folder folder;
  const AuditSample audit;
  write_results(folder / "results.h5", audit.sample.study, audit.history());
  check_rows(read_run(folder / "results.h5")->audit(), audit);
  const auto rows = read_run(folder / "results.h5")->rows();
  CHECK(rows.size() == 36);
  CHECK(read_run(folder / "results.h5")->audit()[0].flops == rows[6].flops * 8);

  const Sample without;
  write_results(folder / "without.h5", without.study, replay(without.records));
  const auto before = read_run(folder / "without.h5")->rows();
  for (std::size_t i = 0; i < rows.size(); ++i)
    CHECK(differing_columns(rows[i], before[i]).empty());
  CHECK(read_run(folder / "without.h5")->audit().empty());
}

TEST_CASE(
    "a run folder gives the audit from its journal where results.h5 is older, and rebuild and "
    "verify know it") {
  const Folder folder;
  AuditSample audit;
  const RunFolder run = audit.run(folder / "run");
  check_rows(read_run(run.path())->audit(), audit);
  rebuild_results(run.path());
  check_rows(read_run(run.results())->audit(), audit);
  CHECK(verify_run(run.path()).damage.empty());
  CHECK_FALSE(is_stale(*read_run(run.results()), run.journal()));

  const std::string whole = read_file(run.journal());
  {
    Journal journal(run.journal());
    journal.append(AuditDrawn{1, {{audit.sample.study.trials[10].id, {"0123"}}}, 1.7e9 + 90});
    journal.sync();
  }
  CHECK(is_stale(*read_run(run.results()), run.journal()));
  CHECK(read_run(run.path())->audit().size() == 5);

  // The same with one result of the audit changed.
  auto records = audit.sample.records;
  std::get<TrialDone>(records[records.size() - 4]).result.accuracy_test = 0.9375;
  write_results(run.results(), audit.sample.study, replay(records));
  put(run.journal(), whole);
  const Verification found = verify_run(run.path());
  REQUIRE(found.damage.size() == 1);
  CHECK_THAT(found.damage[0], Contains("audited trial 0 ") && Contains("accuracy_test_after"));
}

TEST_CASE("an audit's result that the journal lacks is damage, and nobody overwrites it") {
  const Folder folder;
  const AuditSample audit;
  const RunFolder run = audit.run(folder / "run");
  rebuild_results(run.path());
  const std::string whole = read_file(run.journal());
  put(run.journal(), whole.substr(0, whole.find(R"("type":"audit")")));  // and a torn line
  const History history = replay(read_journal(run.journal()).records);
  CHECK_THROWS_AS(require_whole_journal(run, history), InputError);
  CHECK_THROWS_WITH(require_whole_journal(run, history),
                    Contains("2 finished trials that the journal lacks") &&
                        Contains(audit.again[0].id.value) &&
                        Contains("Put the whole journal back"));
  CHECK_THROWS_AS(rebuild_results(run.path()), InputError);
}

TEST_CASE("a merge keeps audits") {
  const Folder folder;
  const AuditSample audit;
  audit.run(folder / "a");
  const Sample other;
  {
    RunFolder(folder / "b").create();
    Journal journal(RunFolder(folder / "b").journal());
    for (const Record& record : other.records) journal.append(record);
    journal.sync();
  }
  merge_runs(std::vector<std::filesystem::path>{folder / "b", folder / "a"}, folder / "c");
  check_rows(read_run(RunFolder(folder / "c").results())->audit(), audit);
  CHECK(verify_run(folder / "c").damage.empty());
}

TEST_CASE("trials of an audit that the study no longer names are not in its table") {
  const Folder folder;
  const AuditSample audit;
  grid::Study smaller = audit.sample.study;
  std::erase_if(smaller.trials, [&](const grid::StudyTrial& trial) {
    return trial.id == audit.sample.study.trials[6].id;
  });
  write_results(folder / "results.h5", smaller, audit.history());
  const auto rows = read_run(folder / "results.h5")->audit();
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].trial == 6);
  CHECK(rows[0].id == audit.sample.study.trials[7].id.value);
}

TEST_CASE("the audit as CSV has a line a row") {
  const AuditSample audit;
  const grid::Study& study = audit.sample.study;
  const auto rows = make_audit_rows(
      std::span(&study, 1), make_rows(std::span(&study, 1), audit.history()), audit.history());
  const std::string text = to_csv(rows);
  CHECK(text.starts_with("trial,id,audit_id,task,length,"));
  CHECK_THAT(text, Contains(",missing,,100,0,-1,") && Contains(",nan,"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 5);
}

TEST_CASE("writes the sample of an audit for other readers", "[.][sample]") {
  const char* folder = std::getenv("SURD_SAMPLE_DIR");
  REQUIRE(folder != nullptr);
  const AuditSample audit;
  write_results(std::filesystem::path(folder) / "audit.h5", audit.sample.study, audit.history());
}
