#include "jobs/surd/plan.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/option.hpp"
#include "grid/plan.hpp"
#include "store/study_place.hpp"

namespace surd::jobs {

namespace {

struct PlanOptions {
  std::string study;
  std::vector<std::string> overrides;
  bool json = false;
  bool list_trials = false;
  double gflops = 10;  // about one core on small models
};

void plan(const PlanOptions& options) {
  const grid::Study study = store::load_study(options.study, options.overrides);
  const grid::Plan plan = grid::make_plan(study);
  const double flops_per_s = options.gflops * 1e9;
  if (options.json) {
    fmt::print("{}\n", grid::to_json(study, plan, flops_per_s, options.list_trials).dump(2));
  } else {
    fmt::print("{}", grid::to_text(study, plan, flops_per_s));
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
  command->callback([options, &exit_code] {
    plan(*options);
    exit_code = static_cast<int>(Exit::complete);
  });
}

}  // namespace surd::jobs
