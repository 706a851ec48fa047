#include "law/simulate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "law/logistic.hpp"

namespace surd::law {
namespace {

void check_ascending(const std::vector<double>& values, const char* what) {
  const bool positive = std::all_of(values.begin(), values.end(),
                                    [](double value) { return value > 0 && std::isfinite(value); });
  if (values.empty() || !positive ||
      std::adjacent_find(values.begin(), values.end(), std::greater_equal<>()) != values.end()) {
    throw InputError(
        {.what = fmt::format("the {} of a simulated study are not an ascending list", what),
         .expected = "one positive number or more, each larger than the one before",
         .got = fmt::format("{}", fmt::join(values, ", "))});
  }
}

void check_range(double value, double low, double high, const char* what) {
  if (value >= low && value < high) return;
  throw InputError({.what = fmt::format("{} of a simulated study is out of range", what),
                    .expected = fmt::format("a number in [{}, {})", low, high),
                    .got = fmt::format("{}", value)});
}

}  // namespace

Truth::Truth(const Scenario& scenario, RandomStream& random)
    : lengths_(scenario.lengths), kappa_(scenario.kappa) {
  check_ascending(scenario.lengths, "lengths");
  check_ascending(scenario.widths, "widths");
  check_range(scenario.seeds, 1, 1e6, "seeds");
  check_range(scenario.alpha, -10, 10, "alpha");
  check_range(scenario.threshold, 1e-6, 1e12, "threshold");
  check_range(scenario.kappa, 1e-3, 1e6, "kappa");
  check_range(scenario.lapse_shortest, 0, 1, "lapse");
  check_range(scenario.lapse_longest, 0, 1, "lapse");
  check_range(scenario.scatter, 0, 100, "scatter");
  if (!scenario.shifts.empty() && scenario.shifts.size() != lengths_.size()) {
    throw InputError({.what = "the shifts of a simulated study do not match its lengths",
                      .expected = fmt::format("{}, one a length", lengths_.size()),
                      .got = fmt::format("{}", scenario.shifts.size())});
  }
  double mean = 0;
  for (const double length : lengths_)
    mean += std::log(length) / static_cast<double>(lengths_.size());
  const double first = std::log(lengths_.front());
  const double span = std::log(lengths_.back()) - first;
  // A lapse of 0 has no log odds: then the two are joined by a straight line.
  const bool has_odds = scenario.lapse_shortest > 0 && scenario.lapse_longest > 0;
  for (std::size_t place = 0; place < lengths_.size(); ++place) {
    const double length = lengths_[place];
    const double scatter = scenario.scatter > 0 ? scenario.scatter * random.normal() : 0;
    log_thresholds_.push_back(std::log(scenario.threshold) +
                              scenario.alpha * (std::log(length) - mean) + scatter +
                              (scenario.shifts.empty() ? 0 : scenario.shifts[place]));
    const double share = span > 0 ? (std::log(length) - first) / span : 0;
    if (has_odds) {
      const double odds = (1 - share) * log_odds(scenario.lapse_shortest) +
                          share * log_odds(scenario.lapse_longest);
      lapses_.push_back(logistic(odds));
    } else {
      lapses_.push_back((1 - share) * scenario.lapse_shortest + share * scenario.lapse_longest);
    }
  }
}

std::size_t Truth::place(double length) const {
  const auto found = std::lower_bound(lengths_.begin(), lengths_.end(), length);
  if (found == lengths_.end() || *found != length) {
    throw Error({.what = "a length that the scenario does not have",
                 .expected = fmt::format("one of {}", fmt::join(lengths_, ", ")),
                 .got = fmt::format("{}", length)});
  }
  return static_cast<std::size_t>(found - lengths_.begin());
}

double Truth::log_threshold(double length) const { return log_thresholds_[place(length)]; }

double Truth::probability(double length, double width) const {
  const std::size_t i = place(length);
  return (1 - lapses_[i]) * logistic(kappa_ * (std::log(width) - log_thresholds_[i]));
}

std::vector<Cell> simulate(const Scenario& scenario, RandomStream& random) {
  const Truth truth(scenario, random);
  std::vector<Cell> cells;
  cells.reserve(scenario.lengths.size() * scenario.widths.size());
  for (const double length : scenario.lengths) {
    for (const double width : scenario.widths) {
      Cell cell{.length = length, .hidden = width, .seeds = scenario.seeds};
      for (int seed = 0; seed < scenario.seeds; ++seed)
        cell.solved += truth.draw(length, width, random);
      if (scenario.size) {
        cell.width = width;
        cell.hidden = scenario.size->size(length, width);
        cell.unit = scenario.size->unit;
      }
      cells.push_back(cell);
    }
  }
  return cells;
}

}  // namespace surd::law
