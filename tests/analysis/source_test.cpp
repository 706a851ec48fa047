#include "analysis/input/source.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "analysis/input/csv.hpp"
#include "analysis/findings/findings.hpp"
#include "base/error.hpp"
#include "folder.hpp"
#include "grid/study.hpp"
#include "store/journal.hpp"
#include "store/results.hpp"

namespace surd::analysis {
namespace {

constexpr const char* study_of_source = R"(
study: small
grid:
  task: [lookup]
  length: [16, 24, 32]
  hidden: [4, 8, 16, 32]
  architecture: [standard, linear]
  model.layers: [1, 2]
trials: {seeds: 2, learning_rates: [1e-2, 2e-2]}
)";

// Solved where hidden is large enough for the length, at the second rate only; the first trial has
// not run, the second diverged.
store::History history_of(const grid::Study& study) {
  store::History history;
  for (std::size_t i = 1; i < study.trials.size(); ++i) {
    const auto& planned = study.trials[i];
    const grid::Cell& cell = study.cells[planned.cell];
    const bool enough = cell.hidden * (cell.architecture.name == "linear" ? 2 : 4) > cell.length;
    const double accuracy = enough && planned.learning_rate > 0.015 ? 1 : 0.25;
    spec::TrialResult result;
    result.outcome = i == 1 ? spec::Outcome::diverged : spec::Outcome::finished;
    result.accuracy_validation = accuracy;
    result.accuracy_test = accuracy;
    history.apply(store::trial_done(grid::whole_trial(study, planned), result, AttemptId{1}));
  }
  return history;
}

using test::Folder;

TEST_CASE("a results.h5, its folder and its export as CSV give the same exponents") {
  const Folder folder;
  const grid::Study study = grid::parse_study(study_of_source, "small.yaml");
  const store::History history = history_of(study);
  store::write_results(folder.path() / "results.h5", study, history);
  std::ofstream(folder.path() / "trials.csv")
      << store::to_csv(store::make_rows(std::span(&study, 1), history));

  const Input from_file = read_input(folder.path() / "results.h5");
  REQUIRE(from_file.trials.size() == study.trials.size());
  CHECK(from_file.trials[0].status == law::Status::missing);
  CHECK(from_file.trials[1].status == law::Status::diverged);
  CHECK(from_file.trials[0].axes == "model.layers=1");
  const Findings expected = fit_everything(from_file, {});
  CHECK(expected.fits.size() == 4);
  for (const char* other : {"", "trials.csv"}) {
    const Findings found = fit_everything(read_input(folder.path() / other), {});
    REQUIRE(found.fits.size() == expected.fits.size());
    CHECK(found.unused.size() == expected.unused.size());
    for (std::size_t i = 0; i < found.fits.size(); ++i) {
      CHECK(law::name(found.fits[i].series) == law::name(expected.fits[i].series));
      CHECK(found.fits[i].fit.reason == expected.fits[i].fit.reason);
      CHECK(found.fits[i].fit.alpha == expected.fits[i].fit.alpha);
    }
  }
}

TEST_CASE(
    "what the study says of its fit holds unless the user says otherwise, from results.h5 and from "
    "the journal") {
  const Folder folder;
  const grid::Study study =
      grid::parse_study(study_of_source, "small.yaml", {"fit.tau=0.35", "fit.baseline=linear"});
  store::write_results(folder.path() / "results.h5", study, history_of(study));
  {
    store::Journal journal(folder.path() / "journal.jsonl");
    store::StudyOpened opened;
    opened.numerics_version = spec::numerics_version;
    opened.study = study.text_frozen;
    journal.append(opened);
    journal.sync();
  }
  for (const char* source : {"results.h5", ""}) {
    const Input input = read_input(folder.path() / source);
    CHECK(settle({}, input).tau == 0.35);
    CHECK(settle({}, input).baseline == "linear");
    CHECK(settle({.tau = 0.98}, input).tau == 0.98);
    CHECK(settle({.baseline = "standard"}, input).baseline == "standard");
  }
  const Input csv =
      input_from_csv(parse_csv("task,architecture,length,hidden,seeds,solved\nt,sparse,16,8,3,2\n"
                               "t,linear,16,8,3,2\nt,standard,16,8,3,2\n",
                               "a.csv"));
  CHECK(settle({}, csv).baseline == "sparse");  // the first that the file names
  CHECK(settle({.baseline = "linear"}, csv).baseline == "linear");
  CHECK(settle({}, read_input("figure1")).baseline == "standard");
  CHECK(settle({}, read_input(std::string(SURD_SOURCE_DIR) + "/tests/data/figure1.csv")).tau ==
        usual_tau);
}

TEST_CASE("a results.h5 and its journal give the budget audit") {
  const Folder folder;
  const grid::Study study = grid::parse_study(study_of_source, "small.yaml");
  store::History history = history_of(study);
  const std::vector<store::AuditedTrial> drawn = {{study.trials[2].id, {"anew"}},
                                                  {study.trials[3].id, {"not yet"}}};
  spec::TrialResult result;
  result.accuracy_validation = 0.9375;
  result.accuracy_test = 0.875;
  history.apply(store::AuditDrawn{.share = 0.05, .trials = drawn});
  store::TrialDone anew =
      store::trial_done(grid::whole_trial(study, study.trials[2]), result, AttemptId{2});
  anew.id = {"anew"};
  history.apply(anew);
  store::write_results(folder.path() / "results.h5", study, history);
  const Input input = read_input(folder.path() / "results.h5");
  REQUIRE(input.audited.size() == 2);
  CHECK(input.audited[0].id == study.trials[2].id.value);
  CHECK(input.audited[0].status == law::Status::finished);
  CHECK(input.audited[0].accuracy_validation == 0.9375);
  CHECK(input.audited[0].accuracy_test == 0.875);
  CHECK(input.audited[1].status == law::Status::missing);
  CHECK(fit_everything(input, {}).audit->left == 1);
}

TEST_CASE("of a run folder with a damaged results.h5 the journal is read, which is noted") {
  const Folder folder;
  const grid::Study study = grid::parse_study(study_of_source, "small.yaml");
  store::write_results(folder.path() / "results.h5", study, history_of(study));
  {
    store::Journal journal(folder.path() / "journal.jsonl");
    store::StudyOpened opened;
    opened.numerics_version = spec::numerics_version;
    opened.study = study.text_frozen;
    journal.append(opened);
    const store::History history = history_of(study);
    for (const auto& [id, done] : history.done)
      journal.append(store::trial_done(done.trial(), done.result, done.attempt));
    journal.sync();
  }
  const Input whole = read_input(folder.path() / "results.h5");
  CHECK(whole.notes.empty());
  std::filesystem::resize_file(folder.path() / "results.h5", 4000);
  CHECK_THROWS_AS(read_input(folder.path() / "results.h5"), Error);
  const Input input = read_input(folder.path());
  REQUIRE(input.notes.size() == 1);
  CHECK_THAT(input.notes[0], Catch::Matchers::Contains("results.h5: damaged") &&
                                 Catch::Matchers::Contains("read from the journal"));
  REQUIRE(input.trials.size() == whole.trials.size());
  for (std::size_t i = 0; i < input.trials.size(); ++i) {
    CHECK(input.trials[i].id == whole.trials[i].id);
    CHECK(input.trials[i].status == whole.trials[i].status);
  }
}

TEST_CASE("a FIFO is no input, and nobody waits for it") {
  const Folder folder;
  REQUIRE(::mkfifo((folder / "trials.csv").c_str(), 0600) == 0);
  CHECK_THROWS_WITH(read_input(folder / "trials.csv"), Catch::Matchers::Contains("it is a FIFO"));
}

TEST_CASE("a CSV is told from HDF5 by its content, not its name") {
  const Folder folder;
  const auto path = folder.path() / "odd.h5";
  std::ofstream(path) << "task,architecture,length,hidden,seeds,solved\nl,s,16,8,3,2\n";
  CHECK(read_input(path).counted.size() == 1);
}

}  // namespace
}  // namespace surd::analysis
