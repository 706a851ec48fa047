#include "analysis/report/training.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>

#include "analysis/report/page.hpp"
#include "analysis/input/source.hpp"
#include "base/error.hpp"
#include "base/files.hpp"
#include "folder.hpp"
#include "grid/study.hpp"
#include "store/results.hpp"

namespace surd::analysis {
namespace {

using test::Folder;

constexpr const char* study_of_training =
    "study: small\nquestion: Does it grow?\ngrid: {task: [lookup], length: [16, 32, 48], hidden: "
    "[4, 8, 16, 32, 64], architecture: [standard, "
    "linear]}\n"
    "trials: {seeds: 3, learning_rates: [1e-2, 2e-2]}\nrecipe: {steps: 1000, eval_every: 100}\n";

// Linear needs a width of half the length, standard of 8; the lower rate never solves. One trial is
// missing, one diverged at once.
store::History history_of(const grid::Study& study) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  store::History history;
  history.apply(store::StudyOpened{.program_version = "1",
                                   .revision = "r",
                                   .numerics_version = spec::numerics_version,
                                   .machine = "m",
                                   .host = "h",
                                   .study = study.text_frozen,
                                   .time_s = 5});
  for (std::size_t i = 1; i < study.trials.size(); ++i) {
    const grid::StudyTrial& one = study.trials[i];
    const grid::Cell& cell = study.cells[one.cell];
    const bool solved =
        cell.hidden > (cell.label == "linear" ? cell.length / 2 : 6) && one.learning_rate == 2e-2;
    spec::TrialResult result;
    result.steps = solved ? 500 : 1000;
    result.tokens =
        static_cast<std::int64_t>(result.steps * cell.recipe.batch_sequences * cell.mean.tokens);
    result.accuracy_validation = result.accuracy_validation_best = result.accuracy_test =
        solved ? 1 : 0.25;
    result.seconds = 1.5;
    for (int step = 50; step <= result.steps; step += 50) {
      const bool validated = step % 100 == 0;
      result.curve.push_back(
          {step, 3.0 / step, validated ? 4.0 / step : nan, validated ? 0.001 * step : nan, 1});
    }
    if (i == 1) {
      result = {.outcome = spec::Outcome::diverged,
                .stop_reason = spec::StopReason::diverged,
                .steps = 10,
                .curve = {}};
      result.curve.push_back({10, INFINITY, nan, nan, 1});
    }
    history.apply(store::trial_done(grid::whole_trial(study, one), result, {1}));
  }
  return history;
}

struct Run {
  Folder folder;
  grid::Study study = grid::parse_study(study_of_training, "small.yaml");
  std::filesystem::path path = folder.path() / "results.h5";
  Run() { store::write_results(path, study, history_of(study)); }
};

// Of a run: what its figures are made of, and the figures.
struct DrawnCurves {
  Input input;
  Findings findings = fit_what_there_is(input, {});
  std::vector<Group> groups = groups_of(findings);
  TrainingFigures figures;
  DrawnCurves(const Run& run, const Sampling& sampling) : input(read_input(run.path)) {
    figures = training_figures(training_of(*store::read_run(run.path)), input, findings, groups,
                               sampling);
  }
};

// Curves that are drawn: an accuracy each, beside the line of what counts as solved.
std::size_t count(const TrainingFigures& figures) {
  std::size_t curves = 0;
  for (const auto& group : figures.curves) {
    for (const Figure& figure : group) {
      for (const Column& column : figure.columns) curves += column.panels[0].series.size() - 1;
    }
  }
  return curves;
}

TEST_CASE(
    "the page has the curves of the widths around each threshold, the rate that counts on top") {
  const Run run;
  const DrawnCurves drawn(run, {});
  CHECK(drawn.figures.curves_sampled.shown == count(drawn.figures));
  CHECK(drawn.figures.curves_sampled.trials == 179);  // all of 180 but the first
  REQUIRE(drawn.figures.curves.size() == 1);
  REQUIRE(drawn.figures.curves[0].size() == 6);
  const Json figure = to_json(drawn.figures.curves[0][5]);
  CHECK(figure["choice"] == Json({"linear", "48"}));
  REQUIRE(figure["columns"].size() == 4);  // of five widths; the threshold lies between 16 and 32
  CHECK(figure["columns"][0]["title"] == "D = 8");
  CHECK(figure["columns"][3]["title"] == "D = 64");
  const Json& accuracies = figure["columns"][2]["panels"][0]["series"];
  REQUIRE(accuracies.size() == 7);  // and the line of what counts as solved
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(accuracies[i]["style"].is_null() == (i < 3));
    const auto hover = accuracies[i]["hover"].get<std::string>();
    CHECK(hover.starts_with("D = 32, seed "));
    CHECK((hover.find(i < 3 ? "learning rate 0.01\nnot the best rate"
                            : "learning rate 0.02\nstep") != std::string::npos));
  }
  CHECK(accuracies[5]["x"] == Json({100, 200, 300, 400, 500}));
  CHECK(accuracies[5]["y"] == Json({10, 20, 30, 40, 50}));  // per cent
  CHECK(accuracies[6]["y"] == Json({90, 90}));
  const Json& losses = figure["columns"][2]["panels"][1]["series"];
  CHECK(losses[10]["x"] == Json({50, 100, 150, 200, 250, 300, 350, 400, 450, 500}));
  CHECK(losses[10]["y"][0] == 0.06);
  CHECK(losses[11]["x"] == accuracies[5]["x"]);
  CHECK(losses[11]["y"][1] == 0.02);
}

TEST_CASE("a curve that is not finite is null in the page") {
  const Run run;
  const DrawnCurves drawn(run, {});
  bool found = false;
  for (const Figure& figure : drawn.figures.curves[0]) {
    const Json panels = to_json(figure)["columns"][0]["panels"];
    for (const Json& one : panels[1]["series"])
      found = found || (one["x"] == Json({10}) && one["y"] == Json({nullptr}));
  }
  CHECK(found);
}

TEST_CASE("costs: planned is the full budget of all trials, spent what they took") {
  const Run run;
  const Input input = read_input(run.path);
  const Training training = training_of(*store::read_run(run.path));
  const auto rows = store::read_run(run.path)->rows();
  REQUIRE(training.flops.size() == rows.size());
  for (std::size_t i = 2; i < rows.size(); ++i) {
    CHECK(training.flops[i] == rows[i].flops);
    CHECK(training.planned_flops[i] * static_cast<double>(rows[i].steps) / 1000 ==
          Approx(rows[i].flops));
  }
  const Findings findings = fit_what_there_is(input, {});
  const Lines lines = cost_lines(training, input, findings);
  REQUIRE(lines.size() == 4);
  for (const auto& line : lines) CHECK(line.size() == lines[0].size());
  CHECK(lines[1][1] == "linear");
  CHECK(lines[1][2] == "90");
  CHECK(lines[1][3] == "90");
  CHECK(lines[2][3] == "88");  // one missing, one diverged before it had cost anything
  CHECK(lines[3][0] == "all");
  CHECK(lines[3][8] == "4 min 27 s");  // 178 trials of 1.5 s
  const DrawnCurves drawn(run, {});
  CHECK(drawn.figures.costs_sampled.shown == 178);
  CHECK(drawn.figures.costs_sampled.trials == 178);
  const std::vector<Series>& all = drawn.figures.costs.columns[0].panels[0].series;
  const auto first = std::find_if(all.begin(), all.end(),
                                  [](const Series& series) { return series.of == "linear"; });
  REQUIRE(first != all.end());
  CHECK(first->points.size() == 90);
  CHECK(first->points[0].y == 1.5);
  double least = INFINITY;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].architecture == "linear") least = std::min(least, training.flops[i]);
  }
  CHECK(first->points[0].x == Approx(least).epsilon(1e-3));
}

TEST_CASE("what the page carries is bounded and chosen the same each time") {
  const Run run;
  for (const std::size_t most : {1000U, 100U, 40U, 20U, 7U, 2U}) {
    CAPTURE(most);
    const Sampling sampling{.widths = 4, .runs = 8, .points = 3, .curves = most, .scattered = 10};
    const TrainingFigures chosen = DrawnCurves(run, sampling).figures;
    const TrainingFigures again = DrawnCurves(run, sampling).figures;
    CHECK(to_json(chosen.curves[0].back()) == to_json(again.curves[0].back()));
    CHECK(to_json(chosen.costs) == to_json(again.costs));
    CHECK(count(chosen) <= most);
    CHECK(count(chosen) > 0);
    CHECK(chosen.curves_sampled.shown == count(chosen));
    CHECK(chosen.costs_sampled.shown == 10);
    const std::vector<Panel>& panels = chosen.curves[0].back().columns.back().panels;
    CHECK(panels[0].series[0].points.size() == 3);
    CHECK(panels[0].series[0].points.back().x == panels[1].series[0].points.back().x);
  }
}

TEST_CASE(
    "the page of a hundred thousand trials is no larger than the library in it and three more "
    "megabytes") {
  Input input{.path = "large", .trials = {}, .counted = {}, .notes = {}};
  Training training;
  for (int series = 0; series < 10; ++series) {
    for (int length = 0; length < 10; ++length) {
      for (int width = 0; width < 20; ++width) {
        for (int seed = 0; seed < 25; ++seed) {
          for (const double rate : {1e-3, 1e-2}) {
            law::Trial trial;
            trial.id = std::to_string(input.trials.size());
            trial.task = series % 2 == 0 ? "lookup" : "sort";
            trial.architecture = "architecture " + std::to_string(series / 2);
            trial.length = 16 << length;
            trial.hidden = 8 * (width + 1);
            trial.seed = seed;
            trial.learning_rate = rate;
            trial.accuracy_validation = trial.accuracy_test =
                width > length + series / 2 + seed % 3 ? 0.98765432101 : 0.12345678901;
            training.curves.start.push_back(static_cast<std::int64_t>(training.curves.step.size()));
            for (int point = 0; point < 2;
                 ++point) {  // of short curves: Sampling::points bounds the others
              training.curves.step.push_back(100 * (point + 1));
              training.curves.loss_train.push_back(0.123456789);
              training.curves.loss_validation.push_back(0.123456789);
              training.curves.accuracy_validation.push_back(0.123456789);
            }
            training.curves.count.push_back(2);
            training.flops.push_back(1.23456789e12);
            training.planned_flops.push_back(2e12);
            training.seconds.push_back(1.23456789);
            input.trials.push_back(std::move(trial));
          }
        }
      }
    }
  }
  REQUIRE(input.trials.size() == 100'000);
  Choices choices;
  choices.baseline = "architecture 0";
  const Findings findings = fit_what_there_is(input, choices);
  Origin origin{
      .run = {}, .training = std::move(training), .command = "", .written = "", .file_time = ""};
  const std::string html =
      page(input, findings, figures(input, findings, &*origin.training), origin);
  const auto library = html.find("</script>", html.find("<script id=\"plotly\">")) -
                       html.find("<script id=\"plotly\">");
  CHECK(html.size() - library < 3'000'000);
  CHECK(html.find("The figure shows 1500 of 100000 trials") != std::string::npos);
  CHECK(html.find("The learning curves are those of 1200 of 100000 trials") != std::string::npos);
}

TEST_CASE("the page without script has the curves of a run too, and stays small") {
  const Run run;
  const Input input = read_input(run.path);
  const Findings findings = fit_what_there_is(input, {});
  Origin origin{.run = store::read_run(run.path)->provenance(),
                .training = training_of(*store::read_run(run.path)),
                .command = "",
                .written = "",
                .file_time = ""};
  const Figures all = figures(input, findings, &*origin.training, plain_sampling);
  const std::string html = page(input, findings, all, origin, Drawn::svg);
  CHECK(html.size() < 400'000);
  CHECK(html.find("<script") == std::string::npos);
  const Sampled& sampled = all.training->curves_sampled;
  CHECK(sampled.shown > 0);
  CHECK(sampled.shown <= plain_sampling.curves);
  CHECK(html.find(fmt::format("The learning curves are those of {} of {} trials", sampled.shown,
                              sampled.trials)) != std::string::npos);
  // Its panels are named by width, with no more widths than the sampling has room for.
  for (const char* shown : {"D = 16", "D = 32"}) {
    CAPTURE(shown);
    CHECK(html.find(shown) != std::string::npos);
  }
  CHECK(html.find("D = 64") == std::string::npos);
}

// --- In a browser, where there is one

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 65536> part{};
  while (const std::size_t got = std::fread(part.data(), 1, part.size(), pipe))
    text.append(part.data(), got);
  ::pclose(pipe);
  return text;
}

std::string browser() {
  std::string found =
      output_of("command -v chromium chromium-browser google-chrome 2>/dev/null | head -n 1");
  if (!found.empty()) found.pop_back();
  return found;
}

// What the page looks like to a script when all is drawn, in attributes of the root element; the
// scripts' errors among them.
constexpr const char* probe = R"(<script>
const root = document.documentElement;
window.addEventListener('error', (event) => { root.dataset.error = event.message; });
window.addEventListener('unhandledrejection', (event) => { root.dataset.error = String(event.reason); });
</script>)";
constexpr const char* measure = R"(<script>
const timer = setInterval(() => {
  if (root.dataset.figures !== 'drawn') return;
  clearInterval(timer);
  root.dataset.wider = root.scrollWidth - root.clientWidth;
  root.dataset.empty = [...document.querySelectorAll('figure')].filter((figure) => !figure.querySelector('svg')).length;
  root.dataset.plots = document.querySelectorAll('figure').length;
}, 20);
</script>)";

TEST_CASE("a browser draws every figure without an error and nothing is wider than the page") {
  const std::string program = browser();
  if (program.empty()) {
    WARN("no chromium here: the page was not opened in a browser");
    return;
  }
  const Run run;
  const Input input = read_input(run.path);
  Origin origin{.run = store::read_run(run.path)->provenance(),
                .training = training_of(*store::read_run(run.path)),
                .command = "",
                .written = "",
                .file_time = ""};
  const Findings findings = fit_what_there_is(input, {});
  std::string html = page(input, findings, figures(input, findings, &*origin.training), origin);
  html.insert(html.find("<main>"), probe);
  html.insert(html.find("</body>"), measure);
  const auto file = run.folder.path() / "page.html";
  write_file_atomically(file, html);
  for (const std::string width : {"1600", "500"}) {
    CAPTURE(width);
    const std::string dom =
        output_of("HOME=" + run.folder.path().string() + " timeout 60 " + program +
                  " --headless --no-sandbox --disable-gpu --virtual-time-budget=10000 --dump-dom "
                  "--window-size=" +
                  width + ",1200 file://" + file.string() + " 2>/dev/null");
    const std::string root = dom.substr(0, dom.find("<head>"));
    CAPTURE(root);
    CHECK(root.find("data-figures=\"drawn\"") != std::string::npos);
    CHECK(root.find("data-error") == std::string::npos);
    CHECK(root.find("data-wider=\"0\"") != std::string::npos);
    CHECK(root.find("data-empty=\"0\"") != std::string::npos);
    CHECK(root.find("data-plots=\"8\"") !=
          std::string::npos);  // 2 forests, thresholds, 2 maps, profile, curves, costs
  }
}

}  // namespace
}  // namespace surd::analysis
