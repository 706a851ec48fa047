#include "law/power.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <thread>
#include <tuple>

#include "base/error.hpp"
#include "law/contrast.hpp"
#include "law/fit.hpp"

namespace surd::law {
namespace {

struct Estimate {
  double value = 0;
  Interval interval;
  Interval unwidened;
};

struct StudyOutcome {
  std::optional<Estimate> alpha;
  std::optional<Estimate> delta;
  Verdict verdict = Verdict::inconclusive;
};

// By a factor at all lengths, and by shifts of their own at each.
Scenario moved(Scenario scenario, double by, const std::vector<double>& shifts) {
  scenario.threshold *= std::exp(by);
  if (!shifts.empty()) scenario.shifts = shifts;
  return scenario;
}

StudyOutcome outcome_of(const Experiment& experiment, std::uint64_t study) {
  RandomStream random(experiment.seed, Split::test, study, 0);
  const double by = experiment.jitter > 0 ? experiment.jitter * (2 * random.uniform() - 1) : 0;
  std::vector<double> shifts;
  if (experiment.shared_scatter > 0) {
    for (std::size_t i = 0; i < experiment.scenario.lengths.size(); ++i)
      shifts.push_back(experiment.shared_scatter * random.normal());
  }
  const Scenario ours = moved(experiment.scenario, by, shifts);
  std::vector<Cell> cells, baseline;
  if (experiment.baseline && experiment.design_of_both) {
    std::tie(cells, baseline) =
        experiment.design_of_both(ours, moved(*experiment.baseline, by, shifts), random);
  } else {
    cells = experiment.design(ours, random);
    if (experiment.baseline)
      baseline = experiment.design(moved(*experiment.baseline, by, shifts), random);
  }
  const Fit found = fit(cells, experiment.options);
  StudyOutcome outcome;
  if (found.alpha) outcome.alpha = {*found.alpha, found.interval, found.unwidened};
  std::optional<Contrast> difference;
  if (experiment.baseline) {
    difference = contrast(cells, baseline, experiment.options, experiment.pair_from);
    if (difference->delta)
      outcome.delta = {*difference->delta, difference->interval, difference->unwidened};
  }
  outcome.verdict = judge(found, difference ? &*difference : nullptr, cells).verdict;
  return outcome;
}

std::vector<StudyOutcome> outcomes_of(const Experiment& experiment) {
  std::vector<StudyOutcome> outcomes(static_cast<std::size_t>(experiment.studies));
  const auto count =
      static_cast<std::size_t>(std::clamp(experiment.threads, 1, experiment.studies));
  std::vector<std::exception_ptr> errors(count);
  const auto work = [&](std::size_t first) {
    try {
      for (std::size_t i = first; i < outcomes.size(); i += count)
        outcomes[i] = outcome_of(experiment, i);
    } catch (...) {
      errors[first] = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < count; ++i) threads.emplace_back(work, i);
  work(0);
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  return outcomes;
}

double width_of(const Interval& interval, double lowest, double highest) {
  return interval.high.value_or(highest) - interval.low.value_or(lowest);
}

// Of sorted values; between two the nearer.
double quantile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(
      std::lround(share * static_cast<double>(sorted.size() - 1)))];
}

Accuracy accuracy_of(const std::vector<StudyOutcome>& outcomes,
                     std::optional<Estimate> StudyOutcome::*which, double truth, double lowest,
                     double highest) {
  Accuracy accuracy{.truth = truth};
  std::vector<double> widths;
  double sum = 0;
  double squares = 0;
  int covered = 0;
  int covered_unwidened = 0;
  for (const StudyOutcome& outcome : outcomes) {
    if (!(outcome.*which)) continue;
    const Estimate& estimate = *(outcome.*which);
    const double error = estimate.value - truth;
    sum += error;
    squares += error * error;
    covered += estimate.interval.contains(truth);
    covered_unwidened += estimate.unwidened.contains(truth);
    widths.push_back(width_of(estimate.interval, lowest, highest));
    accuracy.width += widths.back();
    accuracy.width_unwidened += width_of(estimate.unwidened, lowest, highest);
    accuracy.open += estimate.interval.closed() ? 0 : 1;
  }
  if (widths.empty()) return accuracy;
  const auto count = static_cast<double>(widths.size());
  std::sort(widths.begin(), widths.end());
  accuracy.studies = static_cast<int>(widths.size());
  accuracy.bias = sum / count;
  accuracy.standard_deviation =
      std::sqrt(std::max(0.0, squares / count - accuracy.bias * accuracy.bias));
  accuracy.coverage = share_of(covered, accuracy.studies);
  accuracy.coverage_unwidened = share_of(covered_unwidened, accuracy.studies);
  accuracy.width /= count;
  accuracy.width_unwidened /= count;
  accuracy.open /= count;
  accuracy.half_width_low = quantile(widths, 0.1) / 2;
  accuracy.half_width = quantile(widths, 0.5) / 2;
  accuracy.half_width_high = quantile(widths, 0.9) / 2;
  return accuracy;
}

}  // namespace

Power power_of(const Experiment& experiment) {
  if (experiment.studies < 1) {
    throw InputError({.what = "no studies to simulate",
                      .expected = "at least one",
                      .got = std::to_string(experiment.studies)});
  }
  const auto outcomes = outcomes_of(experiment);
  const double alpha = experiment.scenario.exponent();
  const Limits limits = limits_of(experiment.scenario.unit());
  Power power{.studies = experiment.studies,
              .alpha = accuracy_of(outcomes, &StudyOutcome::alpha, alpha, limits.low, limits.high),
              .verdicts = {}};
  if (experiment.baseline) {
    const Limits other = limits_of(experiment.baseline->unit());
    power.delta =
        accuracy_of(outcomes, &StudyOutcome::delta, alpha - experiment.baseline->exponent(),
                    limits.low - other.high, limits.high - other.low);
  }
  std::map<Verdict, int> counts;
  for (const StudyOutcome& outcome : outcomes) ++counts[outcome.verdict];
  for (const Verdict verdict :
       {Verdict::sqrt, Verdict::flat, Verdict::grows, Verdict::inconclusive}) {
    power.verdicts.emplace(verdict, *share_of(counts[verdict], experiment.studies));
  }
  return power;
}

std::optional<int> seeds_for(Experiment experiment, double half_width, int most) {
  const auto reaches = [&](int seeds) {
    experiment.scenario.seeds = seeds;
    const Accuracy alpha = power_of(experiment).alpha;
    return 2 * alpha.studies > experiment.studies && alpha.half_width <= half_width;
  };
  experiment.baseline.reset();
  int enough = 1;
  while (!reaches(enough)) {
    if (enough >= most) return std::nullopt;
    enough = std::min(most, 2 * enough);
  }
  for (int few = enough / 2; enough - few > 1;) {
    const int middle = (few + enough) / 2;
    (reaches(middle) ? enough : few) = middle;
  }
  return enough;
}

}  // namespace surd::law
