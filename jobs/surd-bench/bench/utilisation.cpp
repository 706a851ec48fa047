#include "bench/utilisation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "design/expected.hpp"
#include "grid/plan.hpp"
#include "schedule/simulate.hpp"

namespace surd::bench {
namespace {

constexpr double flops_per_s = 1e10;

grid::Study study_of(const UtilisationCase& of) {
  const std::string architectures = of.curves == 1 ? "[linear]" : "[standard, linear, sparse]";
  const std::string layers = of.curves == 9 ? "[1, 2, 3]" : "[1]";
  return grid::parse_study(
      fmt::format(
          "study: utilisation\n"
          "grid:\n"
          "  task: [lookup]\n"
          "  length: [16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192]\n"
          "  hidden: [4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192]\n"
          "  architecture: {}\n"
          "  model.layers: {}\n"
          "trials: {{seeds: 16, learning_rates: [1e-2, 2e-2]}}\n"
          "run: {{design: boundary, boundary: {{goal: {}, at_once: {}, half_width: .2}}}}\n",
          architectures, layers, to_string(of.goal), of.at_once),
      "surd-bench utilisation");
}

}  // namespace

UtilisationRow measure_utilisation(const UtilisationCase& of, int studies) {
  const grid::Study study = study_of(of);
  Indexed<CellIndex, double> step_s;
  for (const grid::Cell& cell : study.cells)
    step_s.push_back(grid::trial_cost(cell).flops() / cell.recipe.steps / flops_per_s);
  UtilisationRow row{.of = of, .studies = studies};
  row.trials_at_once = design::expected_search(study, 1).trials_at_once;
  for (int number = 0; number < studies; ++number) {
    schedule::Scene scene;
    for (int worker = 0; worker < of.workers; ++worker) {
      scene.workers.push_back(
          {.rank = Rank{worker + 1}, .host = fmt::format("node{}", worker / 8), .device = "cpu"});
    }
    scene.step_s = [&](TrialIndex trial, std::size_t lanes, const schedule::Worker&) {
      return step_s[study.trials[trial].cell] * static_cast<double>(lanes);
    };
    scene.result = design::drawn_results(study, static_cast<std::uint64_t>(number));
    const schedule::Simulation simulation = schedule::simulate(study, scene);
    double work_s = 0;
    double longest_s = 0;
    for (const TrialIndex trial : simulation.ran) {
      const CellIndex cell = study.trials[trial].cell;
      const double trial_s = step_s[cell] * study.cells[cell].recipe.steps;
      work_s += trial_s;
      longest_s = std::max(longest_s, trial_s);
    }
    row.busy += simulation.busy / studies;
    row.stretch += simulation.makespan_s / std::max(work_s / of.workers, longest_s) / studies;
    row.trials += static_cast<double>(simulation.ran.size()) / studies;
  }
  return row;
}

std::string utilisation_header() {
  return "| goal | curves | seeds at once | trials at once | workers | busy | time over an even "
         "spread | trials run |\n|---|---|---|---|---|---|---|---|\n";
}

std::string utilisation_line(const UtilisationRow& row) {
  return fmt::format("| {} | {} | {} | {} | {} | {:.2f} | {:.2f} | {:.0f} |\n",
                     to_string(row.of.goal), row.of.curves, row.of.at_once, row.trials_at_once,
                     row.of.workers, row.busy, row.stretch, row.trials);
}

Json to_json(const UtilisationRow& row) {
  return {{"goal", to_string(row.of.goal)}, {"curves", row.of.curves},
          {"at_once", row.of.at_once},      {"trials_at_once", row.trials_at_once},
          {"workers", row.of.workers},      {"busy", row.busy},
          {"stretch", row.stretch},         {"trials", row.trials},
          {"studies", row.studies}};
}

}  // namespace surd::bench
