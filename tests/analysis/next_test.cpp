#include "analysis/findings/next.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "analysis/input/axes.hpp"
#include "analysis/report/next_output.hpp"
#include "base/error.hpp"
#include "grid/document.hpp"
#include "grid/study.hpp"

namespace surd::analysis {
namespace {

const std::string study_for_next = R"(study: small
grid:
  task: [lookup]
  length: [16, 32, 64]
  hidden: [4, 8, 16, 32]
  architecture: [standard, {sparse: {c: 2}}]
trials: {seeds: 2, learning_rates: [1e-2, 2e-2]}
model: {layers: 1, heads: 2}
)";

// Two seeds of each cell of study_for_next at two rates: solved from width 8 on (standard), from 4
// L^(1/2) on (sparse). A trial costs 1e6 L d^2.
Input results(bool flops = true) {
  Input input{.path = "small", .trials = {}, .counted = {}, .notes = {}};
  for (const char* architecture : {"standard", "sparse(c=2)"}) {
    for (const double length : {16.0, 32.0, 64.0}) {
      for (const double hidden : {4.0, 8.0, 16.0, 32.0}) {
        for (const std::int64_t seed : {1, 2}) {
          for (const double rate : {1e-2, 2e-2}) {
            const bool solved =
                hidden >= (std::string(architecture) == "standard" ? 8 : 4 * std::sqrt(length));
            law::Trial trial{.id = std::to_string(input.trials.size()),
                             .task = "lookup",
                             .architecture = architecture,
                             .axes = ""};
            trial.length = length;
            trial.hidden = hidden;
            trial.seed = seed;
            trial.learning_rate = rate;
            trial.accuracy_validation = trial.accuracy_test = solved ? 0.99 : 0.3;
            input.trials.push_back(trial);
            if (flops) input.flops.push_back(1e6 * length * hidden * hidden);
          }
        }
      }
    }
  }
  return input;
}

Wish wish(const std::string& architecture, double budget = 1e12) {
  Wish wish;
  wish.architecture = architecture;
  wish.search.budget = budget;
  return wish;
}

TEST_CASE("all architectures are compared with the baseline where delta names none") {
  Input three = results();
  for (std::size_t i = 0; i < 48; ++i) {  // that needs twice the width of the baseline
    law::Trial trial = three.trials[i];
    REQUIRE(trial.architecture == "standard");
    trial.architecture = "linear";
    trial.hidden *= 2;
    three.trials.push_back(trial);
    three.flops.push_back(three.flops[i]);
  }
  Wish asked = wish("", 1e13);
  asked.goal = Goal::delta;
  asked.search.at_once = 60;
  const Next next = next_seeds(three, {}, asked);
  CHECK(next.architectures == std::vector<std::string>{"linear", "sparse(c=2)", "standard"});
  CHECK(next.wish.architecture == "linear, sparse(c=2)");
  for (const std::string& architecture : next.architectures) {
    INFO(architecture);
    CHECK(std::any_of(next.cells.begin(), next.cells.end(),
                      [&](const NextSeeds& cell) { return cell.architecture == architecture; }));
  }
  Wish one = asked;
  one.architecture = "linear";
  const std::optional<double> alone = next_seeds(three, {}, one).fitted_half_width;
  one.architecture = "sparse(c=2)";
  const std::optional<double> other = next_seeds(three, {}, one).fitted_half_width;
  REQUIRE(alone);
  REQUIRE(other);
  CHECK(next.fitted_half_width == std::max(*alone, *other));
  CHECK(to_yaml(next).starts_with(
      "# What to run next for delta alpha against standard of lookup linear, sparse(c=2):"));
}

TEST_CASE("the fragment and the study together are a study with the further seeds") {
  for (const Goal goal : {Goal::alpha, Goal::delta}) {
    Wish asked = wish("sparse(c=2)");
    asked.goal = goal;
    const Next next = next_seeds(results(), {}, asked);
    REQUIRE(!next.cells.empty());
    const grid::Study before = grid::parse_study(study_for_next, "small.yaml");
    INFO(to_yaml(next));
    const grid::Study after = grid::parse_study(study_for_next + to_yaml(next), "small.yaml");
    std::size_t seeds = 0;
    for (const NextSeeds& cell : next.cells) {
      seeds += cell.seeds.size();
      for (const std::int64_t seed : cell.seeds) {
        const auto named = std::count_if(
            after.trials.begin(), after.trials.end(), [&](const grid::StudyTrial& trial) {
              const grid::Cell& place = after.cells[trial.cell];
              return place.label == cell.architecture && place.length == cell.length &&
                     place.hidden == cell.hidden && trial.seed == static_cast<std::uint64_t>(seed);
            });
        CHECK(named == 2);  // one a learning rate
      }
    }
    CHECK(after.trials.size() == before.trials.size() + 2 * seeds);
    CHECK(static_cast<int>(seeds) == next.proposal.seeds);
  }
}

TEST_CASE(
    "a seed costs what its cell's trials did at all learning rates, and what their power law says "
    "elsewhere") {
  const Next next = next_seeds(results(), {}, wish("sparse(c=2)"));
  CHECK(next.unit == "FLOPs");
  bool between = false;
  for (const NextSeeds& cell : next.cells) {
    CHECK(cell.cost == Approx(2e6 * cell.length * cell.hidden * cell.hidden).epsilon(1e-6));
    between =
        between || (cell.hidden != 4 && cell.hidden != 8 && cell.hidden != 16 && cell.hidden != 32);
    const bool is_new = cell.hidden == 12 || cell.hidden == 24;
    CHECK(cell.seeds.front() == (is_new ? 1 : 3));
    CHECK(static_cast<int>(cell.hidden) % 4 == 0);
  }
  CHECK(between);
  Wish grid_only = wish("sparse(c=2)");
  grid_only.new_widths = false;
  for (const NextSeeds& cell : next_seeds(results(), {}, grid_only).cells)
    CHECK((cell.hidden == 4 || cell.hidden == 8 || cell.hidden == 16 || cell.hidden == 32));
}

TEST_CASE("without FLOPs the cost is length x width^2, and that is said") {
  const Next next = next_seeds(results(false), {}, wish("standard", 1e6));
  CHECK(next.unit == "length x width^2");
  REQUIRE(next.notes.size() == 1);
  REQUIRE(!next.cells.empty());
  for (const NextSeeds& cell : next.cells)
    CHECK(cell.cost == Approx(cell.length * cell.hidden * cell.hidden));
}

TEST_CASE("widths that the design skips are not proposed") {
  Input input = results();
  for (law::Trial& trial : input.trials) {
    if (trial.hidden == 32 && trial.length == 16) trial.status = law::Status::skipped;
  }
  const Next next = next_seeds(input, {}, wish("standard"));
  for (const NextSeeds& cell : next.cells) CHECK_FALSE((cell.length == 16 && cell.hidden > 16));
  for (law::Trial& trial : input.trials) trial.status = law::Status::skipped;
  input.trials.front().status = law::Status::finished;  // of standard
  CHECK_THROWS_AS(next_seeds(input, {}, wish("sparse(c=2)")), InputError);
}

TEST_CASE("the JSON has what the fragment says") {
  const Next next = next_seeds(results(), {}, wish("sparse(c=2)"));
  const Json json = to_json(next);
  CHECK(json["format_version"] == 1);
  CHECK(json["architecture"] == "sparse(c=2)");
  CHECK(json["seeds"] == next.proposal.seeds);
  CHECK(json["cells"].size() == next.cells.size());
  CHECK(json["half_width_after"].get<double>() < json["half_width"].get<double>());
  CHECK(to_yaml(next).find("architecture: {sparse: {c: 2}}, seeds: [") != std::string::npos);
}

TEST_CASE("names of any characters make a fragment that YAML reads back") {
  for (const std::string name : {"my task: x", "a\nb", "\"#{", "it's", "[1, 2]", "&x",
                                 "1, model.layers=2", "\"a, b\"", ""}) {
    Input input = results();
    for (law::Trial& trial : input.trials) {
      trial.task = name;
      trial.axes = axes_label(std::vector<std::pair<std::string, std::string>>{
          {"my axis: y", name}, {"model.heads", "4"}});
      if (trial.architecture == "standard") trial.architecture = "plain: {" + name;
    }
    for (const std::string& architecture : {std::string("sparse(c=2)"), "plain: {" + name}) {
      const std::string text = to_yaml(next_seeds(input, {}, wish(architecture)));
      INFO(text);
      const Json entries = grid::to_json(*grid::parse_document(text, "fragment").find("include"));
      REQUIRE(!entries.empty());
      for (const Json& entry : entries) {
        CHECK(entry["task"] == name);
        CHECK(entry["model.heads"] == 4);
        CHECK(entry["my axis: y"] == name);
        CHECK_FALSE(entry.contains("model.layers"));
        CHECK(entry["architecture"] ==
              (architecture == "sparse(c=2)" ? Json{{"sparse", {{"c", 2}}}} : Json(architecture)));
      }
    }
  }
  CHECK(to_yaml(next_seeds(results(), {}, wish("standard"))).find("{task: lookup, length: ") !=
        std::string::npos);
}

TEST_CASE("counted seeds are numbered on, however many there are") {
  Input input{.path = "counted", .trials = {}, .counted = {}, .notes = {}};
  for (const double length : {16.0, 64.0, 256.0}) {
    for (const double hidden : {8.0, 16.0, 32.0}) {
      const int seeds = length == 16 ? 2'000'000'000 : 3;
      input.counted.push_back({.task = "lookup",
                               .architecture = "standard",
                               .axes = "",
                               .cell = {.length = length,
                                        .hidden = hidden,
                                        .seeds = seeds,
                                        .solved = hidden >= 16 ? seeds : 0}});
    }
  }
  const Next next = next_seeds(input, {}, wish("standard"));
  REQUIRE(!next.cells.empty());
  for (const NextSeeds& cell : next.cells) {
    const bool is_new = cell.hidden != 8 && cell.hidden != 16 && cell.hidden != 32;
    CHECK(cell.seeds.front() == (is_new ? 1 : cell.length == 16 ? 2'000'000'001 : 4));
  }
}

TEST_CASE("where the law does not fit the widened interval of fit stands beside what is expected") {
  Input input{.path = "bent", .trials = {}, .counted = {}, .notes = {}};
  for (const double length : {16.0, 64.0, 256.0, 1024.0}) {
    for (const double hidden : {8.0, 16.0, 32.0, 64.0, 128.0}) {
      const bool solved = hidden >= (length == 64 ? 128 : length == 256 ? 16 : 32);
      for (const char* architecture : {"standard", "linear"}) {
        const law::Cell cell{
            .length = length, .hidden = hidden, .seeds = 10, .solved = solved ? 10 : 0};
        input.counted.push_back(
            {.task = "lookup", .architecture = architecture, .axes = "", .cell = cell});
      }
    }
  }
  for (const Goal goal : {Goal::alpha, Goal::delta}) {
    Wish asked = wish("linear");
    asked.goal = goal;
    const Next bent = next_seeds(input, {}, asked);
    CHECK(bent.dispersion > 1);
    REQUIRE(bent.proposal.half_width);
    if (bent.fitted_half_width) CHECK(*bent.fitted_half_width > *bent.proposal.half_width);
    CHECK(to_yaml(bent).find("widened for lack of fit (h ") != std::string::npos);
    CHECK(to_json(bent)["dispersion"] == bent.dispersion);
  }
  CHECK(to_yaml(next_seeds(results(), {}, wish("standard"))).find("lack of fit") ==
        std::string::npos);
}

TEST_CASE("a wish that leaves no curve, or several, is refused with the names there are") {
  const auto message = [](const Wish& asked) {
    try {
      next_seeds(results(), {}, asked);
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("nothing thrown");
  };
  const auto without_baseline = [](const std::string& baseline) {
    return next_seeds(results(), {.baseline = baseline, .options = {}}, wish("")).wish.architecture;
  };
  CHECK(without_baseline("standard") == "sparse(c=2)");
  CHECK(without_baseline("sparse(c=2)") == "standard");
  Input three = results();
  three.trials.push_back(three.trials.front());
  three.trials.back().architecture = "linear";
  CHECK_THROWS_WITH(
      next_seeds(three, {}, wish("")),
      Catch::Contains("several are there") && Catch::Contains("lookup linear, lookup sparse(c=2)"));
  CHECK(message(wish("linear")).find("one of lookup sparse(c=2), lookup standard") !=
        std::string::npos);
  Wish delta = wish("standard");
  delta.goal = Goal::delta;
  CHECK(message(delta).find("nothing to take the difference from") != std::string::npos);
  delta.architecture = "";
  CHECK(message(delta) == "nothing thrown");  // one of two is the baseline
  CHECK(message(wish("standard", 0)).find("the budget") != std::string::npos);
}

}  // namespace
}  // namespace surd::analysis
