#include "bench/stopping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <utility>

namespace surd::bench {
namespace {

struct Totals {
  std::mutex mutex;  // costs are whole numbers: their order has no influence on the sum
  double cost = 0;
  double seeds = 0;
  double rounds = 0;
  double reached = 0;

  void add(const law::Searched& study) {
    const std::lock_guard lock(mutex);
    cost += study.cost;
    seeds += study.seeds;
    rounds += study.rounds;
    reached += study.look.reached;
  }
};

law::Curve unrun(const law::Scenario& scenario, int most) {
  law::Curve curve;
  for (const double length : scenario.lengths) {
    for (const double width : scenario.widths) {
      curve.candidates.push_back(
          {.length = length, .hidden = width, .cost = seed_cost(length, width), .most = most});
    }
  }
  return curve;
}

law::Searched searched(const StoppingCase& search, const std::vector<law::Scenario>& scenarios,
                       RandomStream& random, const law::Proposing& proposing) {
  std::vector<law::Truth> truths;
  std::vector<law::Curve> curves;
  for (const law::Scenario& scenario : scenarios) {
    truths.emplace_back(scenario, random);
    curves.push_back(unrun(scenario, search.most));
  }
  const law::SearchRules rules{.at_once = search.at_once, .half_width = search.half_width};
  return law::search_through(
      std::move(curves), rules,
      [&](std::size_t curve, const law::Candidate& candidate) {
        return truths[curve].draw(candidate.length, candidate.hidden, random);
      },
      proposing);
}

law::Experiment experiment_of(const StoppingCase& search, int studies, std::uint64_t seed,
                              int threads) {
  law::Experiment experiment =
      base_experiment(search.goal, search.alpha, search.lengths, studies, seed, threads);
  experiment.scenario.scatter = search.own;
  experiment.shared_scatter = search.shared;
  if (experiment.baseline) experiment.baseline->scatter = search.own;
  return experiment;
}

}  // namespace

std::vector<StoppingCase> stopping_cases() {
  std::vector<StoppingCase> cases;
  for (const Goal goal : {Goal::alpha, Goal::delta}) {
    const StoppingCase base{.goal = goal};
    const auto changed = [&](const auto& change) { change(cases.emplace_back(base)); };
    using Case = StoppingCase;
    changed([](Case&) {});
    for (const double alpha : {0.0, 1.0}) changed([&](Case& one) { one.alpha = alpha; });
    for (const int lengths : {6, 12}) changed([&](Case& one) { one.lengths = lengths; });
    changed([](Case& one) { one.own = 0.2; });
    if (goal == Goal::delta) changed([](Case& one) { one.shared = 0.2; });
    for (const double width : {0.3, 0.15}) changed([&](Case& one) { one.half_width = width; });
    for (const int at_once : {4, 64}) changed([&](Case& one) { one.at_once = at_once; });
    changed([](Case& one) { one.most = 32; });
    for (const double alpha : {0.0, 0.5, 1.0}) {
      changed([&](Case& one) {
        one = {.goal = goal,
               .alpha = alpha,
               .lengths = 6,
               .own = 0.2,
               .half_width = 0.3,
               .at_once = 4};
      });
    }
    changed([](Case& one) { one.own = 0.2, one.lengths = 12, one.half_width = 0.3; });
    changed([](Case& one) { one.own = 0.2, one.half_width = 0.3, one.most = 32; });
    changed([](Case& one) { one.lengths = 6, one.half_width = 0.3, one.at_once = 4; });
    changed([](Case& one) { one.alpha = 1, one.half_width = 0.3, one.at_once = 64; });
  }
  return cases;
}

StoppingRow measure_stopping(const StoppingCase& search, int studies, std::uint64_t seed,
                             int threads, const law::Proposing& proposing) {
  Totals totals;
  law::Experiment experiment = experiment_of(search, studies, seed, threads);
  const auto run = [&](const std::vector<law::Scenario>& scenarios, RandomStream& random) {
    law::Searched study = searched(search, scenarios, random, proposing);
    totals.add(study);
    return std::move(study.curves);
  };
  experiment.design = [&](const law::Scenario& scenario, RandomStream& random) {
    return run({scenario}, random).front().cells;
  };
  experiment.design_of_both = [&](const law::Scenario& scenario, const law::Scenario& baseline,
                                  RandomStream& random) {
    auto curves = run({scenario, baseline}, random);
    return std::pair(std::move(curves[0].cells), std::move(curves[1].cells));
  };
  StoppingRow row{
      .search = search, .found = law::power_of(experiment).primary(), .studies = studies};
  const double whole =
      grid_cost(experiment.scenario) + (experiment.baseline ? grid_cost(*experiment.baseline) : 0);
  row.cost_share = totals.cost / studies / whole;
  row.seeds = totals.seeds / studies;
  row.rounds = totals.rounds / studies;
  row.reached = totals.reached / studies;
  return row;
}

std::string stopping_header() {
  return "| goal | alpha | lengths | scatter own, shared | to | at once | most | coverage | bias | "
         "no value | reached | half-width | cost | rounds | seeds |\n"
         "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
}

std::string stopping_line(const StoppingRow& row) {
  const StoppingCase& search = row.search;
  const law::Share coverage = row.found.coverage.value_or(law::Share{});
  return fmt::format(
      "| {} | {} | {} | {}, {} | {} | {} | {} | {:.3f} [{:.3f}, {:.3f}] | {:+.3f} | {} | {:.3f} | "
      "{:.3f} | {:.4f} | {:.1f} | {:.0f} |\n",
      search.goal == Goal::alpha ? "alpha" : "delta", search.alpha, search.lengths, search.own,
      search.shared, search.half_width, search.at_once, search.most, coverage.value, coverage.low,
      coverage.high, row.found.bias, row.studies - row.found.studies, row.reached,
      row.found.half_width, row.cost_share, row.rounds, row.seeds);
}

Json to_json(const StoppingRow& row) {
  const StoppingCase& search = row.search;
  const law::Share coverage = row.found.coverage.value_or(law::Share{});
  return {{"goal", search.goal == Goal::alpha ? "alpha" : "delta"},
          {"alpha", search.alpha},
          {"lengths", search.lengths},
          {"scatter_own", search.own},
          {"scatter_shared", search.shared},
          {"half_width_aimed_at", search.half_width},
          {"at_once", search.at_once},
          {"most", search.most},
          {"studies", row.studies},
          {"without_value", row.studies - row.found.studies},
          {"coverage", coverage.value},
          {"coverage_low", coverage.low},
          {"coverage_high", coverage.high},
          {"bias", row.found.bias},
          {"standard_deviation", row.found.standard_deviation},
          {"half_width", row.found.half_width},
          {"reached", row.reached},
          {"cost_share", row.cost_share},
          {"rounds", row.rounds},
          {"seeds", row.seeds}};
}

}  // namespace surd::bench
