#include "bench/stopping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <future>
#include <limits>
#include <optional>
#include <utility>

namespace surd::bench {
namespace {

// What one study found.
struct StoppedStudy {
  law::Searched found;
  std::optional<double> error{};
  bool covered = false;
  double half_width = 0;
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

law::Searched searched_through(const StoppingCase& search,
                               const std::vector<law::Scenario>& scenarios, RandomStream& random,
                               const law::Proposing& proposing) {
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

// The base scenario, its baseline where a difference is asked for; of one study, so that its
// thresholds lie at a random place between two widths.
std::vector<law::Scenario> scenarios_of(const StoppingCase& search, RandomStream& random) {
  const law::Experiment experiment =
      base_experiment(search.goal, search.alpha, search.lengths, 1, 1, 1);
  std::vector<law::Scenario> scenarios = {experiment.scenario};
  if (experiment.baseline) scenarios.push_back(*experiment.baseline);
  const double by = experiment.jitter * (2 * random.uniform() - 1);
  std::vector<double> shifts;
  for (int i = 0; i < search.lengths; ++i)
    shifts.push_back(search.shared > 0 ? search.shared * random.normal() : 0);
  for (law::Scenario& scenario : scenarios) {
    scenario.threshold *= std::exp(by);
    scenario.shifts = shifts;
    scenario.scatter = search.own;
  }
  return scenarios;
}

StoppedStudy stopped_study(const StoppingCase& search, RandomStream random,
                           const law::Proposing& proposing) {
  StoppedStudy study{.found =
                         searched_through(search, scenarios_of(search, random), random, proposing)};
  const law::Look& look = study.found.look;
  const law::Number& number = search.goal == Goal::alpha ? look.alphas[0] : look.deltas[0];
  if (!number.value) return study;
  study.error = *number.value - search.alpha;
  study.covered = number.interval.contains(search.alpha);
  study.half_width = number.interval.closed() ? (*number.interval.high - *number.interval.low) / 2
                                              : std::numeric_limits<double>::infinity();
  return study;
}

std::vector<StoppedStudy> stopped_studies(const StoppingCase& search, int studies,
                                          std::uint64_t seed, int threads,
                                          const law::Proposing& proposing) {
  std::vector<StoppedStudy> all(static_cast<std::size_t>(studies));
  const auto count = static_cast<std::size_t>(threads);
  const auto work = [&](std::size_t first) {
    for (std::size_t i = first; i < all.size(); i += count)
      all[i] = stopped_study(search, RandomStream(seed, Split::test, i, 0), proposing);
  };
  std::vector<std::future<void>> others;
  for (std::size_t i = 1; i < count; ++i) others.push_back(std::async(std::launch::async, work, i));
  work(0);
  for (auto& other : others) other.get();
  return all;
}

double grids_cost(const StoppingCase& search) {
  const law::Experiment experiment =
      base_experiment(search.goal, search.alpha, search.lengths, 1, 1, 1);
  return grid_cost(experiment.scenario) *
         (experiment.baseline ? 2 : 1);  // both have the same cells
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
  StoppingRow row{.search = search, .studies = studies};
  std::vector<double> half_widths;
  int covered = 0;
  for (const StoppedStudy& study : stopped_studies(search, studies, seed, threads, proposing)) {
    row.cost_share += study.found.cost / grids_cost(search) / studies;
    row.seeds += static_cast<double>(study.found.seeds) / studies;
    row.rounds += static_cast<double>(study.found.rounds) / studies;
    row.reached += (study.found.look.reached ? 1.0 : 0.0) / studies;
    if (!study.error) continue;
    row.bias += *study.error;
    covered += study.covered;
    half_widths.push_back(study.half_width);
  }
  row.with_value = static_cast<int>(half_widths.size());
  if (half_widths.empty()) return row;
  row.bias /= row.with_value;
  row.coverage = *law::share_of(covered, row.with_value);
  const auto middle = half_widths.begin() + row.with_value / 2;
  std::nth_element(half_widths.begin(), middle, half_widths.end());
  row.half_width = *middle;
  return row;
}

std::string stopping_header(const std::string& first) {
  const bool named = !first.empty();
  return fmt::format(
      "{}| goal | alpha | lengths | scatter own, shared | to | at once | most | coverage | bias | "
      "no value | reached | half-width | cost | rounds | seeds |\n"
      "{}|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
      named ? fmt::format("| {} ", first) : "", named ? "|---" : "");
}

std::string stopping_line(const StoppingRow& row, const std::string& first) {
  const StoppingCase& search = row.search;
  return fmt::format(
      "{}| {} | {} | {} | {}, {} | {} | {} | {} | {:.3f} [{:.3f}, {:.3f}] | {:+.3f} | {} | {:.3f} "
      "| "
      "{:.3f} | {:.4f} | {:.1f} | {:.0f} |\n",
      first.empty() ? "" : fmt::format("| {} ", first),
      search.goal == Goal::alpha ? "alpha" : "delta", search.alpha, search.lengths, search.own,
      search.shared, search.half_width, search.at_once, search.most, row.coverage.value,
      row.coverage.low, row.coverage.high, row.bias, row.studies - row.with_value, row.reached,
      row.half_width, row.cost_share, row.rounds, row.seeds);
}

Json to_json(const StoppingRow& row) {
  const StoppingCase& search = row.search;
  return {{"goal", search.goal == Goal::alpha ? "alpha" : "delta"},
          {"alpha", search.alpha},
          {"lengths", search.lengths},
          {"scatter_own", search.own},
          {"scatter_shared", search.shared},
          {"half_width_aimed_at", search.half_width},
          {"at_once", search.at_once},
          {"most", search.most},
          {"studies", row.studies},
          {"without_value", row.studies - row.with_value},
          {"coverage", row.coverage.value},
          {"coverage_low", row.coverage.low},
          {"coverage_high", row.coverage.high},
          {"bias", row.bias},
          {"half_width", row.half_width},
          {"reached", row.reached},
          {"cost_share", row.cost_share},
          {"rounds", row.rounds},
          {"seeds", row.seeds}};
}

}  // namespace surd::bench
