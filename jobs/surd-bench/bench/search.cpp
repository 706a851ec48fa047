#include "bench/search.hpp"

#include <fmt/format.h>

#include <cmath>
#include <mutex>
#include <utility>
#include <vector>

#include "bench/grids.hpp"
#include "law/simulate.hpp"

namespace surd::bench {
namespace {

struct Spent {
  double cost = 0;
  int seeds = 0;
  int rounds = 0;
};

// One study of one curve or of two whose difference is asked for: asks what to run, draws it from
// the truth, and asks again until nothing more is proposed.
std::vector<law::Curve> search_study(const SearchCase& search,
                                     const std::vector<law::Scenario>& scenarios,
                                     RandomStream& random, Spent& spent) {
  std::vector<law::Truth> truths;
  std::vector<law::Curve> curves;
  double budget = 0;
  for (const law::Scenario& scenario : scenarios) {
    truths.emplace_back(scenario, random);
    law::Curve& curve = curves.emplace_back();
    for (const double length : scenario.lengths) {
      for (const double width : scenario.widths) {
        curve.cells.push_back({.length = length, .hidden = width});
        curve.candidates.push_back(
            {.length = length, .hidden = width, .cost = seed_cost(length, width)});
      }
    }
    budget += search.budget_share * grid_cost(scenario);
  }
  while (budget > 0) {
    const law::Search next{
        .strategy = search.strategy, .at_once = search.at_once, .budget = budget, .half_width = {}};
    const law::Proposal proposal = law::propose(curves, next);
    if (proposal.picks.empty()) break;
    for (const law::Pick& pick : proposal.picks) {
      law::Cell& cell = curves[pick.curve].cells[pick.candidate];
      cell.seeds += pick.seeds;
      for (int seed = 0; seed < pick.seeds; ++seed)
        cell.solved += truths[pick.curve].draw(cell.length, cell.hidden, random);
    }
    budget -= proposal.cost;
    spent.cost += proposal.cost;
    spent.seeds += proposal.seeds;
    ++spent.rounds;
  }
  for (law::Curve& curve : curves)
    std::erase_if(curve.cells, [](const law::Cell& cell) { return cell.seeds == 0; });
  return curves;
}

const char* word(Goal goal) { return goal == Goal::alpha ? "alpha" : "delta"; }
const char* word(law::Strategy strategy) {
  return strategy == law::Strategy::per_flop ? "per FLOP" : "replicates";
}

}  // namespace

double seed_cost(double length, double width) { return length * width * width; }

double grid_cost(const law::Scenario& scenario) {
  double sum = 0;
  for (const double length : scenario.lengths) {
    for (const double width : scenario.widths) sum += scenario.seeds * seed_cost(length, width);
  }
  return sum;
}

law::Experiment base_experiment(Goal goal, double alpha, int lengths, int studies,
                                std::uint64_t seed, int threads) {
  law::Experiment experiment;
  experiment.scenario.lengths = geometric_lengths(lengths);
  experiment.scenario.alpha = alpha;
  if (goal == Goal::delta) {
    experiment.baseline = experiment.scenario;
    experiment.baseline->alpha = 0;
  }
  experiment.jitter = std::log(2.0) / 2;
  experiment.studies = studies;
  experiment.seed = seed;
  experiment.threads = threads;
  return experiment;
}

SearchRow measure_search(const SearchCase& search, law::Experiment experiment,
                         const law::Accuracy& grid) {
  Spent sum;  // costs are whole numbers, so the order in which threads add them has no influence
  std::mutex mutex;
  const auto searched = [&](const std::vector<law::Scenario>& scenarios, RandomStream& random) {
    Spent spent;
    auto curves = search_study(search, scenarios, random, spent);
    const std::lock_guard lock(mutex);
    sum.cost += spent.cost;
    sum.seeds += spent.seeds;
    sum.rounds += spent.rounds;
    return curves;
  };
  experiment.design = [&](const law::Scenario& scenario, RandomStream& random) {
    return searched({scenario}, random).front().cells;
  };
  experiment.design_of_both = [&](const law::Scenario& scenario, const law::Scenario& baseline,
                                  RandomStream& random) {
    auto curves = searched({scenario, baseline}, random);
    return std::pair(std::move(curves[0].cells), std::move(curves[1].cells));
  };
  SearchRow row{.search = search,
                .alpha = experiment.scenario.alpha,
                .found = law::power_of(experiment).primary(),
                .grid = grid,
                .studies = experiment.studies};
  const double whole =
      grid_cost(experiment.scenario) + (experiment.baseline ? grid_cost(*experiment.baseline) : 0);
  row.cost_share = sum.cost / experiment.studies / whole;
  row.seeds = static_cast<double>(sum.seeds) / experiment.studies;
  row.rounds = static_cast<double>(sum.rounds) / experiment.studies;
  return row;
}

std::string search_header() {
  return "| goal | alpha | then | at once | cost | half-width | of the grid's | unwidened, of the "
         "grid's | coverage | open | no value | bias | seeds "
         "| rounds |\n"
         "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
}

std::string search_line(const SearchRow& row) {
  const law::Share coverage = row.found.coverage.value_or(law::Share{});
  return fmt::format(
      "| {} | {:.1f} | {} | {} | {:.3f} | {:.3f} | {:.2f} | {:.2f} | {:.3f} [{:.3f}, {:.3f}] | "
      "{:.3f} | {} | {:+.3f} | {:.0f} | {:.1f} |\n",
      word(row.search.goal), row.alpha, word(row.search.strategy), row.search.at_once,
      row.cost_share, row.found.half_width, row.half_width_ratio(),
      row.found.width_unwidened / row.grid.width_unwidened, coverage.value, coverage.low,
      coverage.high, row.found.open, row.studies - row.found.studies, row.found.bias, row.seeds,
      row.rounds);
}

Json to_json(const SearchRow& row) {
  const auto of = [](const law::Accuracy& accuracy) {
    const law::Share coverage = accuracy.coverage.value_or(law::Share{});
    return Json{{"studies_with_exponent", accuracy.studies},
                {"half_width", accuracy.half_width},
                {"width_unwidened", accuracy.width_unwidened},
                {"coverage", coverage.value},
                {"coverage_low", coverage.low},
                {"coverage_high", coverage.high},
                {"open", accuracy.open},
                {"bias", accuracy.bias},
                {"standard_deviation", accuracy.standard_deviation}};
  };
  return {{"goal", word(row.search.goal)},
          {"alpha", row.alpha},
          {"strategy", word(row.search.strategy)},
          {"at_once", row.search.at_once},
          {"budget_share", row.search.budget_share},
          {"studies", row.studies},
          {"cost_share", row.cost_share},
          {"half_width_ratio", row.half_width_ratio()},
          {"seeds", row.seeds},
          {"rounds", row.rounds},
          {"search", of(row.found)},
          {"grid", of(row.grid)}};
}

}  // namespace surd::bench
