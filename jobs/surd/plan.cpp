#include "jobs/surd/plan.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/option.hpp"
#include "design/expected.hpp"
#include "grid/plan.hpp"
#include "law/look.hpp"
#include "store/study_place.hpp"

namespace surd::jobs {

namespace {

struct PlanOptions {
  std::string study;
  std::vector<std::string> overrides;
  bool json = false;
  bool list_trials = false;
  double gflops = 10;  // about one core on small models
  std::optional<int> ranks;
};

// Searches that are played to say what one will cost.
constexpr int searches_played = 5;
// Trials that a worker should find at any time, so that it seldom waits for the next round:
// `surd-bench utilisation`.
constexpr std::size_t trials_a_worker = 8;

std::vector<std::string> search_warnings(const grid::Study& study, const design::Expected& expected,
                                         const std::optional<int>& ranks) {
  std::vector<std::string> warnings;
  std::map<std::string, std::set<int>> lengths;
  for (const grid::Cell& cell : study.cells) lengths[cell.task.name].insert(cell.length);
  for (const auto& [task, values] : lengths) {
    if (values.size() >= law::bracketed_least || !study.run.boundary.half_width) continue;
    warnings.push_back(fmt::format(
        "{} has {} lengths: a search ends at a half-width from {} on, else by its budget, or where "
        "no seed is of use any more",
        task, values.size(), law::bracketed_least));
  }
  const auto workers = static_cast<std::size_t>(ranks.value_or(1));
  if (expected.trials_at_once < trials_a_worker * workers) {
    warnings.push_back(fmt::format(
        "run.boundary.at_once {} gives {} trials to run at a time, which keeps some {} of {} ranks "
        "busy: {} would do",
        study.run.boundary.at_once, expected.trials_at_once,
        expected.trials_at_once / trials_a_worker, workers,
        (trials_a_worker * workers * static_cast<std::size_t>(study.run.boundary.at_once) +
         expected.trials_at_once - 1) /
            expected.trials_at_once));
  }
  return warnings;
}

Json search_json(const grid::Study& study, const design::Expected& expected) {
  const grid::BoundarySettings& settings = study.run.boundary;
  return {{"goal", to_string(settings.goal)},
          {"half_width", settings.half_width ? Json(*settings.half_width) : Json()},
          {"budget_flops", settings.budget ? Json(*settings.budget) : Json()},
          {"groups", expected.groups},
          {"trials_at_once", expected.trials_at_once},
          {"guess",
           {{"alpha", expected.guess.alpha},
            {"width", expected.guess.width},
            {"length", expected.guess.length}}},
          {"searches", expected.searches},
          {"reached", expected.reached},
          {"flops", expected.flops},
          {"flops_least", expected.flops_least},
          {"flops_most", expected.flops_most},
          {"flops_grid", expected.flops_grid},
          {"rounds", expected.rounds}};
}

std::string search_text(const grid::Study& study, const design::Expected& expected,
                        double flops_per_s, int ranks) {
  const grid::BoundarySettings& settings = study.run.boundary;
  const std::string aim = settings.half_width
                              ? fmt::format("a half-width of {}", *settings.half_width)
                              : std::string("the end of its budget");
  std::string text =
      fmt::format("\nsearch          for {} to {}{}, {} group{} of curves, {} trials at a time\n",
                  settings.goal == grid::Goal::delta ? "delta alpha" : "alpha", aim,
                  settings.budget ? fmt::format(" or {:.3g} FLOPs", *settings.budget) : "",
                  expected.groups, expected.groups == 1 ? "" : "s", expected.trials_at_once);
  text += fmt::format(
      "it may cost     {:.3g} FLOPs ({:.3g} to {:.3g}), {:.2g} of the grid's {:.3g}, {} on {} "
      "rank{}, in {:.0f} rounds\n",
      expected.flops, expected.flops_least, expected.flops_most,
      expected.flops / expected.flops_grid, expected.flops_grid,
      duration_text(expected.flops / flops_per_s / ranks), ranks, ranks == 1 ? "" : "s",
      expected.rounds);
  text += fmt::format(
      "                by {} played searches, {} of which reached it: a guess of alpha {}{}, width "
      "{:.3g} needed at length {:.3g} (run.boundary.guess_alpha, guess_width)\n",
      expected.searches, expected.reached, expected.guess.alpha,
      settings.goal == grid::Goal::delta ? " (baseline 0)" : "", expected.guess.width,
      expected.guess.length);
  return text;
}

void plan(const PlanOptions& options) {
  const grid::Study study = store::load_study(options.study, options.overrides);
  grid::Plan plan = grid::make_plan(study);
  const double flops_per_s = options.gflops * 1e9;
  std::optional<design::Expected> expected;
  if (study.run.design == grid::Design::boundary) {
    expected = design::expected_search(study, searches_played);
    for (std::string& warning : search_warnings(study, *expected, options.ranks))
      plan.warnings.push_back(std::move(warning));
  }
  if (options.json) {
    Json json = grid::to_json(study, plan, flops_per_s, options.list_trials);
    if (expected) json["search"] = search_json(study, *expected);
    fmt::print("{}\n", json.dump(2));
  } else {
    fmt::print("{}", grid::to_text(study, plan, flops_per_s));
    if (expected)
      fmt::print("{}", search_text(study, *expected, flops_per_s, options.ranks.value_or(1)));
  }
}

}  // namespace

void add_plan_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<PlanOptions>();
  CLI::App* command =
      app.add_subcommand("plan", "Count a study's cells and trials and say what they will cost");
  command->add_option("study", options->study, "Study file (YAML), or a run folder")->required();
  command
      ->add_option("--set", options->overrides,
                   "Override a key: recipe.steps=50, grid.length=[16,24]")
      ->take_all()
      ->allow_extra_args(false);
  command->add_flag("--json", options->json, "Print JSON");
  command->add_flag("--trials", options->list_trials, "With --json: list every trial with its id");
  command->add_option("--gflops", options->gflops, "Rate of one rank for the forecast, in GFLOP/s")
      ->check(positive_number)
      ->capture_default_str();
  command->add_option("--ranks", options->ranks, "Workers, for what a search will take")
      ->check(CLI::Range(1, 1'000'000));
  command->callback([options, &exit_code] {
    plan(*options);
    exit_code = static_cast<int>(Exit::complete);
  });
}

}  // namespace surd::jobs
