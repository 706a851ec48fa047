#include "bench/coverage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "bench/grids.hpp"
#include "law/contrast.hpp"
#include "law/fit.hpp"
#include "law/next.hpp"

namespace surd::bench {
namespace {

// Brackets every boundary by bisection, then runs three seeds of the two widths at it, 16 seeds at
// a time.
std::vector<law::Cell> searched(const law::Scenario& scenario, RandomStream& random) {
  const law::Truth truth(scenario, random);
  law::Curve curve;
  for (const double length : scenario.lengths) {
    for (const double width : scenario.widths) {
      curve.cells.push_back({.length = length, .hidden = width});
      curve.candidates.push_back(
          {.length = length, .hidden = width, .cost = length * width * width});
    }
  }
  const int most =
      6 * static_cast<int>(scenario.lengths.size());  // replicates on top of the bisection
  int replicates = 0;
  while (replicates < most) {
    law::Search search{
        .strategy = law::Strategy::replicates, .at_once = 16, .budget = 1e18, .half_width = {}};
    const law::Proposal proposal = law::propose({curve}, search);
    if (proposal.picks.empty()) break;
    for (const law::Pick& pick : proposal.picks) {
      law::Cell& cell = curve.cells[pick.candidate];
      for (int seed = 0; seed < pick.seeds; ++seed)
        cell.solved += truth.draw(cell.length, cell.hidden, random);
      cell.seeds += pick.seeds;
      if (pick.purpose != law::Purpose::bracket) replicates += pick.seeds;
    }
  }
  std::erase_if(curve.cells, [](const law::Cell& cell) { return cell.seeds == 0; });
  return curve.cells;
}

// Beta(a, b), by Joehnk's rejection.
double beta(double a, double b, RandomStream& random) {
  for (;;) {
    const double x = std::pow(random.uniform(), 1 / a);
    const double sum = x + std::pow(random.uniform(), 1 / b);
    if (sum > 0 && sum <= 1) return x / sum;
  }
}

// The full grid, the lapse at the middle length and its growth drawn from the priors of the fit's
// likelihood (law/likelihood.cpp).
std::vector<law::Cell> with_lapse_from_priors(const law::Scenario& scenario, RandomStream& random) {
  const double lapse = beta(0.3, 9, random);
  const double growth = random.normal();
  const double middle = law::mean_log(scenario.lengths);
  const auto lapse_at = [&](double length) {
    return 1 / (1 + (1 - lapse) / lapse * std::exp(-growth * (std::log(length) - middle)));
  };
  law::Scenario drawn = scenario;
  drawn.lapse_shortest = lapse_at(scenario.lengths.front());
  drawn.lapse_longest = lapse_at(scenario.lengths.back());
  return law::simulate(drawn, random);
}

// Two curves of m lengths 16..256 that both bracket as a rule. Scatter of the thresholds about the
// laws is that of each curve, or of both at once. One-sided: with a length beyond either end, 4 and
// 1024, and widths 32..256 in steps of sqrt 2, so that the steeper curve leaves them there.
template <typename Add>
void add_differences(const Add& add) {
  struct Scatter {
    const char* name;
    double shared, own;
  };
  for (const Scatter& scatter :
       {Scatter{"no scatter", 0, 0}, Scatter{"shared .2", 0.2, 0}, Scatter{"shared .4", 0.4, 0},
        Scatter{"own .2", 0, 0.2}, Scatter{"own .4", 0, 0.4}, Scatter{"mixed .2 .2", 0.2, 0.2}}) {
    for (const bool one_sided : {false, true}) {
      for (int m = 4; m <= 9; ++m) {
        law::Experiment& experiment = add(fmt::format(
            "difference m {}{} {}", m, one_sided ? " and two one-sided" : "", scatter.name));
        law::Scenario& scenario = experiment.scenario;
        scenario.lengths = geometric_lengths(m);
        if (one_sided) {
          scenario.lengths.insert(scenario.lengths.begin(), 4);
          scenario.lengths.push_back(1024);
          scenario.widths = geometric(32, 256, 7);
        }
        scenario.scatter = scatter.own;
        experiment.shared_scatter = scatter.shared;
        experiment.baseline = scenario;
      }
    }
  }
}

std::string share_text(const std::optional<law::Share>& share) {
  return share ? fmt::format("{:.3f}", share->value) : "-";
}

}  // namespace

std::vector<CoverageCase> coverage_cases(int seeds_a_cell, int studies, std::uint64_t seed,
                                         int threads) {
  struct Kind {
    std::string name;
    law::Experiment experiment{};
    std::vector<double> alphas = {0, 0.5, 1};
  };
  std::vector<Kind> kinds;
  const auto add = [&](const std::string& name) -> law::Experiment& {
    return kinds.emplace_back(Kind{.name = name}).experiment;
  };
  add("base");
  add("width ratio sqrt 2").scenario.widths = geometric(8, 1024, 15);
  add("kappa 2.5").scenario.kappa = 2.5;
  add("kappa 20").scenario.kappa = 20;
  law::Scenario& lapses = add("lapse .25").scenario;
  lapses.lapse_shortest = lapses.lapse_longest = 0.25;
  law::Scenario& growing = add("lapse .02 to .40").scenario;
  growing.lapse_shortest = 0.02;
  growing.lapse_longest = 0.40;
  add("lapse from its priors").design = with_lapse_from_priors;
  for (const int m : {3, 4, 7, 9})
    add(fmt::format("m {}", m)).scenario.lengths = geometric_lengths(m);
  add("boundary search").design = searched;
  add("scatter .2").scenario.scatter = 0.2;
  add("scatter .4").scenario.scatter = 0.4;
  add("difference").baseline.emplace();
  const std::size_t grids = kinds.size();
  add_differences(add);
  for (std::size_t i = grids; i < kinds.size(); ++i) kinds[i].alphas = {0.5};
  std::vector<CoverageCase> cases;
  for (auto& [name, experiment, alphas] : kinds) {
    CoverageCase& one = cases.emplace_back();
    one.name = name;
    for (const double alpha : alphas) {
      experiment.scenario.alpha = alpha;
      experiment.scenario.seeds = seeds_a_cell;
      if (experiment.baseline) {
        experiment.baseline->alpha = 0;
        experiment.baseline->seeds = seeds_a_cell;
      }
      const auto& widths = experiment.scenario.widths;
      experiment.jitter = std::log(widths[1] / widths[0]) / 2;
      experiment.studies = studies;
      experiment.seed = seed;
      experiment.threads = threads;
      one.experiments.push_back(experiment);
    }
  }
  return cases;
}

CoverageRow measure_coverage(const std::string& name, const law::Experiment& experiment) {
  const double start = steady_time_s();
  law::Power power = law::power_of(experiment);
  std::optional<law::Accuracy> joint;
  if (experiment.baseline && experiment.scenario.lengths.size() >= law::paired_from) {
    law::Experiment apart = experiment;
    apart.pair_from = std::numeric_limits<std::size_t>::max();
    joint = law::power_of(apart).delta;
  }
  return {.name = name,
          .seeds_a_cell = experiment.scenario.seeds,
          .power = std::move(power),
          .joint = joint,
          .seconds = steady_time_s() - start};
}

std::string coverage_header() {
  return "| scenario | alpha | coverage | unwidened | bias | sd | half-width | width | width / "
         "unwidened | open | joint coverage | joint half-width | no exponent | s |\n"
         "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n";
}

std::string coverage_line(const CoverageRow& row) {
  const law::Accuracy& alpha = row.power.primary();
  return fmt::format(
      "| {} | {} | {} | {} | {:+.3f} | {:.3f} | {:.2f} | {:.2f} | {:.2f} | {:.3f} | {} | {} | {} "
      "| {:.1f} |\n",
      row.name, alpha.truth, share_text(alpha.coverage), share_text(alpha.coverage_unwidened),
      alpha.bias, alpha.standard_deviation, alpha.half_width, alpha.width,
      alpha.width_unwidened > 0 ? alpha.width / alpha.width_unwidened : 0, alpha.open,
      row.joint ? share_text(row.joint->coverage) : "",
      row.joint ? fmt::format("{:.2f}", row.joint->half_width) : "",
      row.power.studies - alpha.studies, row.seconds);
}

Json to_json(const CoverageRow& row) {
  const law::Accuracy& alpha = row.power.primary();
  const auto share = [](const std::optional<law::Share>& value) {
    return value ? Json{{"value", value->value}, {"low", value->low}, {"high", value->high}}
                 : Json();
  };
  return {{"scenario", row.name},
          {"seeds_a_cell", row.seeds_a_cell},
          {"alpha", alpha.truth},
          {"studies", row.power.studies},
          {"without_exponent", row.power.studies - alpha.studies},
          {"coverage", share(alpha.coverage)},
          {"coverage_unwidened", share(alpha.coverage_unwidened)},
          {"bias", alpha.bias},
          {"standard_deviation", alpha.standard_deviation},
          {"half_width", alpha.half_width},
          {"width", alpha.width},
          {"width_unwidened", alpha.width_unwidened},
          {"open", alpha.open},
          {"joint_coverage", row.joint ? share(row.joint->coverage) : Json()},
          {"joint_half_width", row.joint ? Json(row.joint->half_width) : Json()},
          {"seconds", row.seconds}};
}

}  // namespace surd::bench
