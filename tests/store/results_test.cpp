#include "store/results.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <random>

#include "base/files.hpp"
#include "store/journal.hpp"
#include "store/run_folder.hpp"
#include "store/snapshot.hpp"
#include "store/sample.hpp"

using namespace surd;
using namespace surd::store;
using namespace surd::store::test;
using Catch::Matchers::Contains;

namespace {

// What a command prints on both streams.
std::string output_of(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string text;
  std::array<char, 4096> part{};
  while (const std::size_t got = std::fread(part.data(), 1, part.size(), pipe))
    text.append(part.data(), got);
  REQUIRE(::pclose(pipe) == 0);
  return text;
}

bool same_row(const ResultRow& a, const ResultRow& b) {
  return differing_columns(a, b).empty() && a.seconds == b.seconds && a.attempts == b.attempts;
}

}  // namespace

TEST_CASE("results.h5 gives back every row") {
  const Folder folder;
  const Sample sample;
  const History history = replay(sample.records);
  write_results(folder / "results.h5", sample.study, history);
  const auto expected = make_rows(std::span(&sample.study, 1), history);
  const auto rows = read_run(folder / "results.h5")->rows();
  REQUIRE(rows.size() == sample.study.trials.size());
  REQUIRE(rows.size() == 36);
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(same_row(rows[i], expected[i]));

  const ResultRow& row = rows[0];
  CHECK(row.id == sample.study.trials[0].id.value);
  CHECK(row.task == "lookup");
  CHECK(row.size == 8);
  CHECK(row.length == 16);
  CHECK(row.mean_tokens == 16);
  CHECK(row.hidden == 4);
  CHECK(row.architecture == "standard");
  CHECK(row.status == "finished");
  CHECK(row.stop_reason == "steps");
  CHECK(row.tokens == 153600);
  CHECK(row.flops == Approx(spec::training_flops(spec::shape(sample.study.cells[0]), 16,
                                                 sample.study.cells[0].mean.supervised) *
                            9600));
  CHECK(row.flops_forward == Approx(spec::training_flops(spec::shape(sample.study.cells[0]), 16,
                                                         sample.study.cells[0].mean.supervised) /
                                    3));
  CHECK(row.flops_generation ==
        Approx(row.flops_forward));     // every sequence of this task has its length
  CHECK(rows[5].flops_generation > 0);  // no result is needed to know it
  CHECK(row.parameters == spec::parameter_count(spec::shape(sample.study.cells[0])));
  CHECK(row.attempts == 1);
  CHECK(row.accuracy_validation_best == history.done.at({row.id}).result.accuracy_validation_best);
  CHECK(row.accuracy_validation_best > row.accuracy_validation);
  CHECK(row.gradient_norm == history.done.at({row.id}).result.curve.back().gradient_norm);
  CHECK(rows[2].status == "diverged");
  CHECK(std::isnan(rows[2].loss_validation));
  CHECK(std::isnan(rows[2].gradient_norm));
  CHECK(rows[3].status == "failed");
  CHECK(rows[Sample::skipped_from].status == "skipped");
  CHECK(rows[4].status == "missing");
  CHECK(rows[5].status == "missing");
  CHECK(std::isnan(rows[5].accuracy_test));
  CHECK(std::isnan(rows[5].accuracy_validation_best));
  CHECK(rows[5].steps_to_solve == -1);
}

TEST_CASE("the table does not depend on the order of the journal") {
  const Folder folder;
  Sample sample;
  write_results(folder / "a.h5", sample.study, replay(sample.records));
  const unsigned seed = std::random_device{}();
  INFO("shuffled with seed " << seed);
  std::shuffle(sample.records.begin() + 2, sample.records.end() - 2, std::mt19937(seed));
  write_results(folder / "b.h5", sample.study, replay(sample.records));
  CHECK(output_of("h5diff " + (folder / "a.h5").string() + " " + (folder / "b.h5").string()) ==
        "");  // fails where they differ
}

TEST_CASE(
    "a trial that two studies name is one row, and a grid with two trials at one place is not "
    "written") {
  const Folder folder;
  const auto first = small_study();
  const auto more =
      grid::parse_study(std::string(study_text) + "recipe: {steps: 900}\n", "more.yaml");
  const History history = replay(std::vector<Record>{opened("x")});
  const std::vector<grid::Study> same = {first, first};
  CHECK(make_rows(same, history).size() == first.trials.size());
  const std::vector<grid::Study> different = {first, more};
  write_results(folder / "results.h5", different, history);
  CHECK(read_run(folder / "results.h5")->rows().size() == 2 * first.trials.size());
  CHECK_THAT(output_of("h5dump -g /grid " + (folder / "results.h5").string()),
             Contains("not_written") && Contains("several trials share"));
}

TEST_CASE("h5dump shows units and a long name on every dataset, and the root attributes") {
  const Folder folder;
  const Sample sample;
  write_results(folder / "results.h5", sample.study, replay(sample.records));
  const std::string text = output_of("h5dump -A " + (folder / "results.h5").string());
  const auto count = [&](const std::string& word) {
    std::size_t found = 0;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
      ++found;
    return found;
  };
  CHECK(count("DATASET \"") - count("DATASET 0") > 50);
  const std::size_t trials = 1 + columns_before_further().size() + columns_after_further().size();
  const std::size_t datasets =
      trials + 4 + 9 + 9 + 13;  // scales and metrics of /grid/lookup, /curves, /attempts
  CHECK(count("ATTRIBUTE \"units\"") == datasets);
  CHECK(count("ATTRIBUTE \"long_name\"") == datasets);
  for (const char* name :
       {"format_version", "program_version", "revision", "numerics_version", "machine", "study"}) {
    CHECK(count(std::string("ATTRIBUTE \"") + name + "\"") == 1);
  }
  CHECK_THAT(text, Contains("CSET H5T_CSET_UTF8") && Contains("STRSIZE H5T_VARIABLE") &&
                       Contains("DIMENSION_SCALE") && Contains("UTF-8"));
  CHECK_THAT(text, !Contains("HDF5-DIAG"));
}

TEST_CASE("further axes are columns, and the grid says that it is not written") {
  const Folder folder;
  const auto study = grid::parse_study(
      "study: axes\ngrid: {task: [lookup], length: [16], hidden: [8], architecture: [standard], "
      "model.layers: [1, 2], model.activation: [gelu, "
      "relu], "
      "recipe.clip: [0.5, 1]}\n",
      "axes.yaml");
  write_results(folder / "results.h5", study,
                replay(std::vector<Record>{opened(study.text_frozen)}));
  const auto rows = read_run(folder / "results.h5")->rows();
  CHECK(further_axes(rows) == study.further_axes);
  CHECK(rows.front().further ==
        std::vector<std::pair<std::string, Json>>{
            {"model.layers", 1}, {"model.activation", "gelu"}, {"recipe.clip", 0.5}});
  CHECK(rows.back().further ==
        std::vector<std::pair<std::string, Json>>{
            {"model.layers", 2}, {"model.activation", "relu"}, {"recipe.clip", 1.0}});
  const std::string text = output_of("h5dump -g /grid " + (folder / "results.h5").string());
  CHECK_THAT(text, Contains("not_written") && Contains("model.layers"));
  CHECK_THAT(to_csv(rows),
             Contains("architecture,model.layers,model.activation,recipe.clip,seed") &&
                 Contains(",standard,1,gelu,0.5,"));
}

TEST_CASE("what is no results file is refused in words, without a word from HDF5") {
  const Folder folder;
  const int terminal = ::dup(STDERR_FILENO);
  REQUIRE(std::freopen((folder / "stderr").c_str(), "w", stderr) != nullptr);
  put(folder / "text.h5", "length,hidden\n");
  put(folder / "cut.h5", "\x89HDF\r\n\x1a\n and then nothing");
  const Sample sample;
  write_results(folder / "good.h5", sample.study, replay(sample.records));
  const std::string good = read_file(folder / "good.h5");
  put(folder / "half.h5", good.substr(0, good.size() / 2));
  CHECK_THROWS_AS(read_run(folder / "text.h5")->rows(), InputError);
  CHECK_THROWS_WITH(read_run(folder / "text.h5")->rows(), Contains("not an HDF5 file"));
  CHECK_THROWS_AS(read_run(folder / "cut.h5")->rows(), Error);
  CHECK_THROWS_WITH(read_run(folder / "half.h5")->rows(),
                    Contains("half.h5") && Contains("truncated"));
  CHECK_THROWS_WITH(read_run(folder / "none.h5")->rows(), Contains("no such file"));
  CHECK_THROWS_WITH(read_run(folder.path())->rows(), Contains("no run folder"));
  CHECK_THROWS_AS(write_results(folder / "no" / "results.h5", sample.study, replay(sample.records)),
                  Error);
  std::fflush(stderr);
  ::dup2(terminal, STDERR_FILENO);
  ::close(terminal);
  CHECK(read_file(folder / "stderr") == "");
}

TEST_CASE(
    "a disk that takes no more is an error in one line, the old file stands, and the process ends "
    "as it should") {
  const Folder folder;
  const Sample sample;
  const History history = replay(sample.records);
  write_results(folder / "results.h5", sample.study, history);
  const std::string good = read_file(folder / "results.h5");
  std::cout.flush();
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {  // a process of its own: HDF5 closes what it holds at exit, and the limit
                     // cannot be lifted again
    ::signal(SIGXFSZ, SIG_IGN);
    for (const int fault : {SIGABRT, SIGSEGV}) ::signal(fault, SIG_DFL);  // not Catch2's handlers
    const rlimit limit{8192, 8192};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) std::exit(2);
    try {
      write_results(folder / "results.h5", sample.study, history);
      std::exit(3);
    } catch (const Error& error) {
      const std::string text = error.what();
      std::exit(text.find('\n') == std::string::npos && text.find("results.h5") != std::string::npos
                    ? 0
                    : 4);
    }
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(!WIFSIGNALED(status));
  CHECK(WEXITSTATUS(status) == 0);
  CHECK(read_file(folder / "results.h5") == good);
}

TEST_CASE("a run folder is read from its journal where results.h5 is missing or older") {
  const Folder temporary;
  const RunFolder folder(temporary / "run");
  folder.create();
  Sample sample;
  const auto last = std::get<TrialDone>(sample.records[sample.records.size() - 3]);
  {
    Journal journal(folder.journal());
    for (const Record& record : sample.records) journal.append(record);
    journal.sync();
  }
  const auto from_journal = read_run(folder.path())->rows();
  rebuild_results(folder.path());
  CHECK(from_journal[Sample::skipped_from].status == "skipped");
  auto rows = read_run(folder.path())->rows();
  REQUIRE(rows.size() == from_journal.size());
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(same_row(rows[i], from_journal[i]));

  {
    Journal journal(folder.journal());
    journal.append(opened(sample.study.text_frozen));
    journal.append(RunEnded{0, "complete", 1.7e9});
    journal.sync();
  }
  CHECK(read_run(folder.path())->rows()[Sample::skipped_from].status ==
        "skipped");  // still the file: nothing new for the table
  {
    Journal journal(folder.journal());
    journal.append(done_of(sample.study, 5));
    journal.sync();
  }
  CHECK(read_run(folder.path())->rows()[5].status == "finished");
  CHECK(read_run(folder.results())->rows()[5].status == "missing");

  // Another journal in its place, shorter than the one that the file was made from.
  std::filesystem::remove(folder.journal());
  {
    Journal journal(folder.journal());
    journal.append(opened(sample.study.text_frozen));
    journal.sync();
  }
  CHECK(read_run(folder.path())->rows()[0].status == "missing");
}

TEST_CASE("twenty thousand trials are written in time that grows with their number") {
  const Folder folder;
  const auto study = grid::parse_study(
      "study: large\ngrid: {task: [lookup], length: [16, 24, 32, 48, 64], hidden: [4, 6, 8, 12], "
      "architecture: [standard, linear]}\n"
      "trials: {seeds: 250, learning_rates: [0.01, 0.02]}\n",
      "large.yaml");
  REQUIRE(study.trials.size() == 20'000);
  History history;
  history.apply(opened(study.text_frozen));
  for (std::size_t i = 0; i < study.trials.size(); ++i) {
    TrialDone record = trial_done(grid::whole_trial(study, study.trials[i]),
                                  result(0.25 + 0.001 * static_cast<double>(i % 50)), {1});
    record.result.curve.resize(10, record.result.curve.front());
    history.apply(record);
  }
  const auto begin = std::chrono::steady_clock::now();
  write_results(folder / "results.h5", study, history);
  const auto written = std::chrono::steady_clock::now();
  CHECK(read_run(folder / "results.h5")->rows().size() == 20'000);
  const auto read = std::chrono::steady_clock::now();
  const auto seconds = [](auto a, auto b) { return std::chrono::duration<double>(b - a).count(); };
  std::cout << fmt::format(
      "20,000 trials: written in {:.2f} s, {:.0f} MB, read in {:.2f} s\n", seconds(begin, written),
      static_cast<double>(std::filesystem::file_size(folder / "results.h5")) / 1e6,
      seconds(written, read));
}

// Not a test of its own: read_with_xarray.py calls it and reads the file with independent
// libraries.
TEST_CASE("a snapshot stays as it was read, whatever is written meanwhile") {
  const Folder folder;
  const Sample sample;
  const History whole = replay(sample.records);
  write_results(folder / "results.h5", sample.study, History{});
  const auto empty = read_run(folder / "results.h5");
  write_results(folder / "results.h5", sample.study, whole);
  const auto full = read_run(folder / "results.h5");
  CHECK(empty->rows()[0].status == "missing");
  CHECK(empty->curves().step.empty());
  CHECK(empty->attempts().empty());
  CHECK(empty->provenance().attempts == 0);
  CHECK(empty->journal_records() == 0);
  CHECK_FALSE(full->curves().step.empty());
  CHECK(full->attempts().size() == whole.attempts.size());
  CHECK(full->journal_records() == whole.records);
  CHECK(full->planned_flops().size() == sample.study.trials.size());
}

TEST_CASE("file and journal give the same attempts, origin and settings of the fit") {
  const Folder folder;
  const Sample sample;
  write_results(folder / "results.h5", sample.study, replay(sample.records));
  const auto file = read_run(folder / "results.h5");
  const auto journal = snapshot_of(replay(sample.records), "journal.jsonl");
  const std::vector<AttemptRow> rows = file->attempts(), expected = journal->attempts();
  REQUIRE(rows.size() == expected.size());
  REQUIRE_FALSE(rows.empty());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(rows[i].attempt == expected[i].attempt);
    CHECK(differing_columns(attempt_columns(), rows[i], expected[i]).empty());
  }
  const Provenance a = file->provenance(), b = journal->provenance();
  CHECK(a.study == b.study);
  CHECK(a.study_name == b.study_name);
  CHECK(a.attempts == b.attempts);
  CHECK(a.attempts_s == b.attempts_s);
  CHECK(a.devices == b.devices);
  CHECK(a.start_s == b.start_s);
  CHECK(a.end_s == b.end_s);
  CHECK(file->fit_settings() == journal->fit_settings());
}

TEST_CASE("writes the sample for other readers", "[.][sample]") {
  const char* folder = std::getenv("SURD_SAMPLE_DIR");
  REQUIRE(folder != nullptr);
  const Sample sample;
  const History history = replay(sample.records);
  write_results(std::filesystem::path(folder) / "results.h5", sample.study, history);
  const auto rows = make_rows(std::span(&sample.study, 1), history);
  Json columns = Json::object();
  const auto add = [&](const Column& column) {
    Json values = Json::array();
    for (const ResultRow& row : rows) {
      std::visit(
          [&]<typename Value>(Value ResultRow::*member) {
            if constexpr (std::is_same_v<Value, double>) {
              values.push_back(number_to_json(row.*member));
            } else {
              values.push_back(row.*member);
            }
          },
          column.member);
    }
    columns[column.name] = std::move(values);
  };
  Json names = Json::array();
  for (const auto columns_of : {columns_before_further(), columns_after_further()}) {
    for (const Column& column : columns_of) {
      add(column);
      names.push_back(column.name);
    }
  }
  Json curves = Json::array();
  for (const ResultRow& row : rows) {
    const auto done = history.done.find({row.id});
    curves.push_back(done == history.done.end() ? Json::array()
                                                : spec::to_json(done->second.result).at("curve"));
  }
  const Json expected = {{"names", names},
                         {"columns", columns},
                         {"curves", curves},
                         {"study", sample.study.text_frozen}};
  put(std::filesystem::path(folder) / "expected.json", expected.dump());
  put(std::filesystem::path(folder) / "table.csv", to_csv(rows));
}
