#include "bench/estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <thread>
#include <utility>

#include "bench/grids.hpp"
#include "law/fit.hpp"
#include "law/share.hpp"

namespace surd::bench {
namespace {

constexpr double tau = 0.9;

double sigmoid(double u) { return 1 / (1 + std::exp(-u)); }
double logit(double share) { return std::log(share / (1 - share)); }

}  // namespace

std::vector<GradedCell> simulate_accuracies(const EstimateCase& one, RandomStream& random) {
  const law::Scenario& scenario = one.scenario;
  const Grades& grades = one.grades;
  const law::Truth truth(scenario, random);
  const double first = std::log(scenario.lengths.front());
  const double span = std::log(scenario.lengths.back()) - first;
  const double middle = std::sqrt(scenario.widths.front() * scenario.widths.back());
  const auto chance = [&] { return grades.chance + 0.05 * (2 * random.uniform() - 1); };
  std::vector<GradedCell> cells;
  for (const double length : scenario.lengths) {
    const double at = span > 0 ? (std::log(length) - first) / span : 0;
    const auto geometric_at = [&](const Grades::Ends& ends) {
      return ends.shortest * std::pow(ends.longest / ends.shortest, at);
    };
    const double share =
        grades.share.shortest + at * (grades.share.longest - grades.share.shortest);
    const double lapse = 1 / (1 + std::exp(-(1 - at) * logit(scenario.lapse_shortest) -
                                           at * logit(scenario.lapse_longest)));
    const double moved_below = std::exp(grades.scatter * random.normal());
    const double moved_above = std::exp(grades.scatter * random.normal());
    for (const double width : scenario.widths) {
      const double distance = std::log(width) - truth.log_threshold(length);
      if (one.boundary && std::abs(distance) > std::log(scenario.widths[1] / scenario.widths[0]))
        continue;
      GradedCell cell{.length = length, .hidden = width};
      for (int seed = 0; seed < (one.boundary ? 4 : scenario.seeds); ++seed) {
        const bool lapsed = random.uniform() < lapse;
        const bool graded = random.uniform() < share;
        const double z = scenario.kappa * distance + logit(std::max(1e-12, random.uniform()));
        const double g = z > 0 ? geometric_at(grades.above) * moved_above *
                                     std::pow(width / middle, grades.width_power_above)
                               : geometric_at(grades.below) * moved_below *
                                     std::pow(width / middle, grades.width_power_below);
        const double noise = grades.noise > 0 ? grades.noise * random.normal() : 0;
        double accuracy = 0;
        if (lapsed) {
          accuracy = grades.lapses_partial
                         ? grades.chance + (0.899 - grades.chance) * random.uniform()
                         : chance();
        } else if (graded) {
          const double moved = z * g + noise;
          const double kept = z > 0 ? std::abs(moved) : -std::abs(moved);
          accuracy = std::max(sigmoid(logit(tau) + kept), z > 0 ? tau : chance());
          if (z <= 0) accuracy = std::min(accuracy, 0.8999);
        } else {
          accuracy = z > 0 ? 1 : chance();
        }
        cell.accuracies.push_back(accuracy);
      }
      cells.push_back(std::move(cell));
    }
  }
  return cells;
}

std::vector<EstimateCase> estimate_cases() {
  std::vector<EstimateCase> cases;
  const auto add = [&](const std::string& name) -> EstimateCase& {
    return cases.emplace_back(EstimateCase{.name = name});
  };
  add("graded, g 1");
  Grades& flat = add("graded, g .5").grades;
  flat.below = flat.above = {0.5, 0.5};
  add("bimodal").grades.share = {0, 0};
  Grades& half = add("half graded, noise 1").grades;
  half.share = {0.5, 0.5};
  half.noise = 1;
  Grades& third = add("a third graded, noise 2").grades;
  third.share = {0.33, 0.33};
  third.noise = 2;
  add("share graded .8 to .1").grades.share = {0.8, 0.1};
  add("share graded .1 to .8").grades.share = {0.1, 0.8};
  Grades& steeper = add("g .3 to 1.5").grades;
  steeper.below = steeper.above = {0.3, 1.5};
  Grades& flatter = add("g 1.5 to .3").grades;
  flatter.below = flatter.above = {1.5, 0.3};
  Grades& by_width = add("g by width^.33").grades;
  by_width.width_power_below = by_width.width_power_above = 0.33;
  Grades& against = add("g by width up below, down above").grades;
  against.width_power_below = 0.33;
  against.width_power_above = -0.33;
  add("g scattered between lengths").grades.scatter = 0.5;
  Grades& crossed = add("g up below .9, down above").grades;
  crossed.below = {0.3, 1.5};
  crossed.above = {1.5, 0.3};
  Grades& below = add("only below .9, g 1.5 to .3").grades;
  below.below = {1.5, 0.3};
  below.above = {100, 100};
  Grades& above = add("only above .9, g 1.5 to .3").grades;
  above.below = {100, 100};
  above.above = {1.5, 0.3};
  add("scatter .2").scenario.scatter = 0.2;
  law::Scenario& lapses = add("lapse .25").scenario;
  lapses.lapse_shortest = lapses.lapse_longest = 0.25;
  EstimateCase& partial = add("lapse .25, partial accuracies");
  partial.scenario.lapse_shortest = partial.scenario.lapse_longest = 0.25;
  partial.grades.lapses_partial = true;
  add("chance .5").grades.chance = 0.5;
  add("1 seed a cell").scenario.seeds = 1;
  add("boundary, 4 seeds a cell").boundary = true;
  add("m 9").scenario.lengths = geometric_lengths(9);
  add("kappa 2.5").scenario.kappa = 2.5;
  add("kappa 20").scenario.kappa = 20;
  return cases;
}

namespace {

struct Estimate {
  double value = 0;
  law::Interval interval{};
  law::Interval unwidened{};
};
struct Study {
  bool usable = false;
  std::array<Estimate, 3> of{};  // solved, equal distances, own distances
};

Study study_of(const EstimateCase& one, std::uint64_t seed, std::uint64_t number) {
  RandomStream random(seed, Split::test, number, 0);
  EstimateCase moved = one;
  const auto& widths = one.scenario.widths;
  moved.scenario.threshold *= std::exp(std::log(widths[1] / widths[0]) * (random.uniform() - 0.5));
  const auto cells = simulate_accuracies(moved, random);
  const law::Fit solved = law::fit(counted(cells, tau));
  if (!solved.alpha) return {};
  Study study{.usable = true};
  study.of[0] = {*solved.alpha, solved.interval, solved.unwidened};
  for (const std::size_t which : {1, 2}) {
    const Graded graded =
        fit_graded(cells, tau, solved, which == 1 ? Distances::equal : Distances::own);
    if (!graded.alpha) return {};
    study.of[which] = {*graded.alpha, graded.interval, graded.unwidened};
  }
  return study;
}

law::Accuracy accuracy_of(const std::vector<Study>& studies, std::size_t which, double truth) {
  law::Accuracy accuracy{.truth = truth};
  std::vector<double> widths;
  double squares = 0;
  int covered = 0;
  int covered_unwidened = 0;
  for (const Study& study : studies) {
    if (!study.usable) continue;
    const Estimate& estimate = study.of[which];
    const auto width = [](const law::Interval& interval) {
      return interval.high.value_or(law::alpha_highest) - interval.low.value_or(law::alpha_lowest);
    };
    const double error = estimate.value - truth;
    accuracy.bias += error;
    squares += error * error;
    covered += estimate.interval.contains(truth);
    covered_unwidened += estimate.unwidened.contains(truth);
    widths.push_back(width(estimate.interval));
    accuracy.width += widths.back();
    accuracy.width_unwidened += width(estimate.unwidened);
    accuracy.open += estimate.interval.closed() ? 0 : 1;
  }
  accuracy.studies = static_cast<int>(widths.size());
  if (widths.empty()) return accuracy;
  const auto count = static_cast<double>(widths.size());
  accuracy.bias /= count;
  accuracy.standard_deviation =
      std::sqrt(std::max(0.0, squares / count - accuracy.bias * accuracy.bias));
  accuracy.coverage = law::share_of(covered, accuracy.studies);
  accuracy.coverage_unwidened = law::share_of(covered_unwidened, accuracy.studies);
  accuracy.width /= count;
  accuracy.width_unwidened /= count;
  accuracy.open /= count;
  std::sort(widths.begin(), widths.end());
  accuracy.half_width = widths[widths.size() / 2] / 2;
  return accuracy;
}

}  // namespace

EstimateRow measure_estimate(EstimateCase one, double alpha, int studies, std::uint64_t seed,
                             int threads) {
  one.scenario.alpha = alpha;
  std::vector<Study> all(static_cast<std::size_t>(studies));
  std::vector<std::thread> pool;
  const auto work = [&](std::size_t first) {
    for (std::size_t i = first; i < all.size(); i += static_cast<std::size_t>(threads))
      all[i] = study_of(one, seed, i);
  };
  for (int i = 1; i < threads; ++i) pool.emplace_back(work, static_cast<std::size_t>(i));
  work(0);
  for (std::thread& thread : pool) thread.join();
  return {.name = one.name,
          .solved = accuracy_of(all, 0, alpha),
          .equal = accuracy_of(all, 1, alpha),
          .own = accuracy_of(all, 2, alpha)};
}

std::string estimate_header() {
  return "| scenario | alpha | coverage | bias | sd | half-width | mean half-width | studies |\n"
         "|---|---|---|---|---|---|---|---|\n";
}

std::string estimate_line(const EstimateRow& row) {
  const std::vector<const law::Accuracy*> all = {&row.solved, &row.equal, &row.own};
  const auto column = [&](const auto& text) {
    std::vector<std::string> parts;
    for (const law::Accuracy* one : all) parts.push_back(text(*one));
    return fmt::format("{}", fmt::join(parts, ", "));
  };
  return fmt::format(
      "| {} | {} | {} | {} | {} | {} | {} | {} |\n", row.name, row.solved.truth,
      column([](const law::Accuracy& one) {
        return one.coverage ? fmt::format("{:.3f}", one.coverage->value) : std::string(1, '-');
      }),
      column([](const law::Accuracy& one) { return fmt::format("{:+.2f}", one.bias); }),
      column(
          [](const law::Accuracy& one) { return fmt::format("{:.3f}", one.standard_deviation); }),
      column([](const law::Accuracy& one) { return fmt::format("{:.2f}", one.half_width); }),
      column([](const law::Accuracy& one) { return fmt::format("{:.2f}", one.width / 2); }),
      row.solved.studies);
}

Json to_json(const EstimateRow& row) {
  const auto estimate = [](const law::Accuracy& one) {
    return Json{{"coverage", one.coverage ? Json(one.coverage->value) : Json()},
                {"coverage_unwidened",
                 one.coverage_unwidened ? Json(one.coverage_unwidened->value) : Json()},
                {"bias", one.bias},
                {"standard_deviation", one.standard_deviation},
                {"half_width", one.half_width},
                {"width", one.width},
                {"width_unwidened", one.width_unwidened},
                {"open", one.open}};
  };
  return {{"scenario", row.name},
          {"alpha", row.solved.truth},
          {"studies", row.solved.studies},
          {"solved", estimate(row.solved)},
          {"equal_distances", estimate(row.equal)},
          {"own_distances", estimate(row.own)}};
}

}  // namespace surd::bench
