#include "store/merge.hpp"

#include <catch2/catch.hpp>

#include "base/files.hpp"
#include "store/journal.hpp"
#include "store/run_folder.hpp"
#include "store/sample.hpp"
#include "store/snapshot.hpp"
#include "store/verify.hpp"

using namespace surd;
using namespace surd::store;
using namespace surd::store::test;
using Catch::Matchers::Contains;

namespace {

// A run of the small study that finished trials [begin, end), in one attempt on `device`.
RunFolder make_run(const std::filesystem::path& path, std::size_t begin, std::size_t end,
                   const std::string& device, double change = 0) {
  const grid::Study study = small_study();
  const RunFolder folder(path);
  folder.create();
  Journal journal(folder.journal());
  journal.append(opened(study.text_frozen));
  std::vector<TrialId> ids;
  for (std::size_t i = begin; i < end; ++i) ids.push_back(study.trials[i].id);
  journal.append(started(1, ids, device));
  for (std::size_t i = begin; i < end; ++i) {
    TrialDone record = done_of(study, i);
    record.result.accuracy_test += change;
    record.result.seconds += static_cast<double>(begin);
    journal.append(record);
  }
  journal.append(ended(1, spec::AttemptEnd::finished));
  journal.append(RunEnded{3, "stopped", 1.7e9});
  journal.sync();
  return folder;
}

MergeReport merge(const std::vector<std::filesystem::path>& runs,
                  const std::filesystem::path& out) {
  return merge_runs(runs, out);
}

}  // namespace

TEST_CASE("a merge is the union of the runs, with attempts numbered anew") {
  const Folder folder;
  make_run(folder / "a", 0, 20, "cpu avx2");
  make_run(folder / "b", 16, 32, "cpu avx2");
  const MergeReport report = merge({folder / "a", folder / "b"}, folder / "c");
  CHECK(report.trials == 32);
  CHECK(report.shared == 4);
  CHECK(report.notes.empty());
  const auto rows = read_run(folder / "c")->rows();
  REQUIRE(rows.size() == 36);
  for (std::size_t i = 0; i < rows.size(); ++i)
    CHECK(rows[i].status == (i < Sample::skipped_from ? "finished" : "skipped"));
  CHECK(rows[17].seconds == 12.5);
  CHECK(rows[17].attempts == 2);
  const History history = replay(read_journal(RunFolder(folder / "c").journal()).records);
  CHECK(history.attempts.size() == 2);
  CHECK(history.done.at({rows[31].id}).attempt == AttemptId{2});
  CHECK(read_file(RunFolder(folder / "c").study()) == small_study().text_frozen);
  CHECK(verify_run(folder / "c").damage.empty());
}

TEST_CASE(
    "a merge refuses a difference within a class of devices and keeps the first between classes") {
  const Folder folder;
  make_run(folder / "a", 0, 4, "cpu avx2");
  make_run(folder / "same", 0, 4, "cpu avx2", 1e-15);
  make_run(folder / "other", 0, 4, "cpu avx512", 1e-15);
  CHECK_THROWS_AS(merge({folder / "a", folder / "same"}, folder / "c"), InputError);
  CHECK_THROWS_WITH(merge({folder / "a", folder / "same"}, folder / "c"),
                    Contains("accuracy_test") && Contains("both on cpu avx2"));
  CHECK_FALSE(std::filesystem::exists(folder / "c"));
  const MergeReport report = merge({folder / "a", folder / "other"}, folder / "c");
  CHECK(report.trials == 4);
  REQUIRE(report.notes.size() == 4);
  CHECK_THAT(report.notes[0], Contains("the first is kept"));
  CHECK(read_run(folder / "c")->rows()[0].accuracy_test ==
        read_run(folder / "a")->rows()[0].accuracy_test);
}

TEST_CASE("a merge of different studies has the trials of all") {
  const Folder folder;
  make_run(folder / "a", 0, 32, "cpu avx2");
  const auto study = grid::parse_study(
      "study: other\ngrid: {task: [lookup], length: [16], hidden: [12, 16], architecture: "
      "[standard], model.layers: [1, 2]}\n",
      "b");
  {
    const RunFolder other(folder / "b");
    other.create();
    Journal journal(other.journal());
    journal.append(opened(study.text_frozen));
    journal.append(done_of(study, 0));
    journal.append(Quarantined{{study.trials[1].id}, "failed", "", 0});
    journal.sync();
  }
  const MergeReport report = merge({folder / "a", folder / "b"}, folder / "c");
  REQUIRE(report.notes.size() == 1);
  CHECK_THAT(report.notes[0], Contains("the studies differ"));
  const auto rows = read_run(folder / "c")->rows();
  REQUIRE(rows.size() == 36 + study.trials.size());
  CHECK(further_axes(rows) == std::vector<std::string>{"model.layers"});
  CHECK(rows[36].status == "finished");
  CHECK(rows[37].status == "failed");
  CHECK(rows[38].status == "missing");
  CHECK(verify_run(folder / "c").damage.empty());
}

TEST_CASE("a merge refuses a folder twice, a folder in use and what is no run") {
  const Folder folder;
  make_run(folder / "a", 0, 2, "cpu avx2");
  CHECK_THROWS_WITH(merge({folder / "a", folder / "x" / ".." / "a"}, folder / "c"),
                    Contains("named twice"));
  CHECK_THROWS_WITH(merge({folder / "a"}, folder / "a"), Contains("there is a run already"));
  CHECK_THROWS_WITH(merge({folder / "none"}, folder / "c"), Contains("no such run folder"));
  std::filesystem::create_directory(folder / "table");
  put(folder / "table" / "results.h5", "of a run whose journal is lost");
  CHECK_THROWS_WITH(merge({folder / "a"}, folder / "table"), Contains("there is a run already"));
}
