#include "store/salvage.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/files.hpp"
#include "store/checkpoint.hpp"
#include "store/journal.hpp"
#include "store/results.hpp"
#include "store/sample.hpp"
#include "store/snapshot.hpp"
#include "store/verify.hpp"

using namespace surd;
using namespace surd::store;
using namespace surd::store::test;
using Catch::Matchers::Contains;

namespace {

// A run of one bundle, with checkpoints of one trial in two files, the first of which is gone.
struct Damaged {
  Folder temporary;
  RunFolder folder{temporary / "run"};
  Sample sample;
  TrialId unfinished = sample.study.trials[5].id;
  std::string whole;
  std::vector<std::size_t> begins;  // of its lines

  Damaged() {
    folder.create();
    put(folder.study(), sample.study.text_frozen);
    write_checkpoint(folder.checkpoints() / "attempt-000001-0002.ckpt",
                     std::vector<LaneState>{{unfinished, "state"}});
    {
      Journal journal(folder.journal());
      for (const Record& record : sample.records) journal.append(record);
      for (const char* file : {"attempt-000001-0001.ckpt", "attempt-000001-0002.ckpt"})
        journal.append(CheckpointWritten{{1}, file, {unfinished}, 1.7e9, {50}});
      journal.sync();
    }
    rebuild_results(folder.path());
    whole = read_file(folder.journal());
    begins = {0};
    for (std::size_t i = 0; i < whole.size(); ++i) {
      if (whole[i] == '\n') begins.push_back(i + 1);
    }
  }

  void drop(std::size_t first, std::size_t last) {
    put(folder.journal(), whole.substr(0, begins[first]) + whole.substr(begins[last + 1]));
  }
  void flip(std::size_t line, std::size_t byte) {
    std::string bytes = read_file(folder.journal());
    bytes[begins[line] + byte] ^= 1;
    put(folder.journal(), bytes);
  }
  SalvageReport salvage() {
    const std::string before = read_file(folder.journal());
    SalvageReport report = salvage_run(folder.path());
    CHECK(read_file(report.damaged) == before);
    return report;
  }
  History history() const { return replay(read_journal(folder.journal()).records); }
  void check_whole() const {
    const Verification found = verify_run(folder.path());
    INFO((found.damage.empty() ? "" : found.damage.front()));
    CHECK(found.damage.empty());
    { Journal journal(folder.journal()); }  // a run can go on
  }
};

}  // namespace

TEST_CASE("a whole journal is left as it is by a salvage") {
  const Damaged run;
  CHECK(salvage_run(run.folder.path()).faults.empty());
  CHECK(read_file(run.folder.journal()) == run.whole);
  CHECK_FALSE(std::filesystem::exists(run.folder.path() / "journal.damaged-1.jsonl"));
}

TEST_CASE("one damaged record costs one record, and the trial that it was is named") {
  Damaged run;
  run.flip(4, 60);
  CHECK_THROWS_WITH(Journal(run.folder.journal()), Contains("--salvage"));
  const SalvageReport report = run.salvage();
  CHECK(report.damaged.filename() == "journal.damaged-1.jsonl");
  CHECK(report.missing == std::vector<SeqRange>{{4, 4}});
  CHECK(report.kept == static_cast<std::int64_t>(run.begins.size()) - 3);
  const TrialId lost = std::get<TrialDone>(run.sample.records[3]).id;
  REQUIRE(report.trials.size() == 1);
  CHECK_THAT(report.trials[0], Contains(lost.value) && Contains("lookup L=16") &&
                                   Contains("seed") && Contains("it is trained again"));
  const History history = run.history();
  CHECK(history.done.size() == 28);
  CHECK_FALSE(history.done.contains(lost));
  REQUIRE(history.salvaged.size() == 1);
  CHECK(history.salvaged[0].missing == std::vector<std::pair<std::int64_t, std::int64_t>>{{4, 4}});
  CHECK(history.salvaged[0].file == "journal.damaged-1.jsonl");
  run.check_whole();
  CHECK(std::filesystem::exists(run.folder.path() / "results.damaged-1.h5"));
  // Damaged again, and salvaged again.
  std::string bytes = read_file(run.folder.journal());
  bytes[bytes.size() / 2] ^= 1;
  put(run.folder.journal(), bytes);
  CHECK(run.salvage().damaged.filename() == "journal.damaged-2.jsonl");
  CHECK(run.history().salvaged.size() == 2);
  run.check_whole();
}

TEST_CASE("what of a trial is only in a damaged line is named without results.h5 too") {
  Damaged run;
  std::filesystem::remove(run.folder.results());
  run.flip(4, run.whole.find("\"result\"", run.begins[4]) - run.begins[4] + 20);
  const SalvageReport report = run.salvage();
  REQUIRE(report.trials.size() == 1);
  CHECK_THAT(report.trials[0], Contains(std::get<TrialDone>(run.sample.records[3]).id.value) &&
                                   Contains("its record is damaged"));
  run.check_whole();
}

TEST_CASE("any records may be gone: what is left is a whole run") {
  for (const auto& [first, last] : std::vector<std::pair<std::size_t, std::size_t>>{
           {0, 0}, {2, 2}, {3, 20}, {32, 33}, {1, 34}}) {
    Damaged run;
    INFO(first << " to " << last);
    run.drop(first, last);
    const SalvageReport report = run.salvage();
    CHECK(report.faults.size() == 1);
    const bool only_header = last == 0;
    CHECK(report.missing.size() == (only_header ? 0 : 1));
    CHECK(run.history().next_attempt() == AttemptId{2});
    if (first > 1 || only_header) run.check_whole();
  }
}

TEST_CASE("where the study's record is gone the frozen study still says what was lost") {
  Damaged run;
  run.drop(1, 3);
  const SalvageReport report = run.salvage();
  REQUIRE(report.trials.size() == 1);
  CHECK_THAT(report.trials[0], Contains("lookup L=16"));
  REQUIRE(!report.notes.empty());
  CHECK_THAT(report.notes[0], Contains("the record of the study is lost"));
  Journal journal(run.folder.journal());
  CHECK(journal.take_records().size() == run.begins.size() - 5 + 1);
}

TEST_CASE("a checkpoint whose record is lost is found, and one whose file is gone is let go") {
  Damaged run;
  run.drop(run.begins.size() - 2, run.begins.size() - 2);  // cut between two lines: no damage
  run.flip(run.begins.size() - 4, 20);                     // the end of the attempt
  run.salvage();
  CHECK(run.history().checkpoints.at(run.unfinished).file == "attempt-000001-0002.ckpt");
  run.check_whole();

  Damaged other;
  std::filesystem::remove(other.folder.checkpoints() / "attempt-000001-0002.ckpt");
  other.flip(4, 60);
  other.salvage();
  CHECK_FALSE(other.history().checkpoints.contains(other.unfinished));
  other.check_whole();
}

TEST_CASE("line ends of another system cost nothing") {
  Damaged run;
  std::string bytes = run.whole;
  std::replace(bytes.begin(), bytes.end(), '\n', '\r');
  put(run.folder.journal(), bytes);
  const SalvageReport report = run.salvage();
  CHECK(report.missing.empty());
  CHECK(report.trials.empty());
  CHECK(run.history().done.size() == 29);
  run.check_whole();
}

TEST_CASE("lines in another order are put in order, and one that stands twice stands once") {
  Damaged run;
  const auto line = [&](std::size_t i) {
    return run.whole.substr(run.begins[i], run.begins[i + 1] - run.begins[i]);
  };
  put(run.folder.journal(), run.whole.substr(0, run.begins[5]) + line(6) + line(5) + line(6) +
                                run.whole.substr(run.begins[7]));
  const SalvageReport report = run.salvage();
  CHECK(report.missing.empty());
  CHECK(run.history().done.size() == 29);
  CHECK(run.history().records == static_cast<std::int64_t>(run.begins.size()) - 2 + 1);
  run.check_whole();
}

TEST_CASE("a run that goes on is not salvaged") {
  Damaged run;
  const Journal writer(run.folder.journal());
  CHECK_THROWS_AS(salvage_run(run.folder.path()), InputError);
}
