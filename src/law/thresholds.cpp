#include "law/thresholds.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "law/combination.hpp"
#include "law/free_profile.hpp"

namespace surd::law {
namespace {

Likelihood free_law(const std::vector<Cell>& cells, const std::vector<double>& lengths,
                    const Options& options) {
  std::vector<int> places;
  for (const Cell& cell : cells)
    places.push_back(static_cast<int>(
        std::lower_bound(lengths.begin(), lengths.end(), cell.length) - lengths.begin()));
  return {rows(cells), std::move(places), static_cast<int>(lengths.size()), options};
}

// Thresholds free per length, from those of the power law `beta` = (c, alpha).
Optimum maximise_free(const Likelihood& free, const std::vector<double>& lengths,
                      const Optimum& law) {
  const double mean = mean_log(lengths);
  const auto coefficients = static_cast<Eigen::Index>(lengths.size());
  Eigen::VectorXd start(free.size());
  for (Eigen::Index i = 0; i < coefficients; ++i)
    start[i] =
        law.theta[0] + law.theta[1] * (std::log(lengths[static_cast<std::size_t>(i)]) - mean);
  start.tail(start.size() - coefficients) = law.theta.tail(law.theta.size() - 2);
  return maximise(free, std::move(start));
}

// A fit of all and a profile for each length that is wanted.
std::vector<Point> thresholds_of(const std::vector<Cell>& all_cells, const Options& options,
                                 bool only_largest) {
  constexpr std::size_t many = 32;  // lengths, from which one hardly moves what all share
  const auto cells = with_seeds(all_cells);
  if (cells.empty()) return {};
  const double margin = 1.5 * unit_of(cells).slope;  // 1.5 in ln d beyond the widths that were run
  const auto lengths = distinct_lengths(cells);
  const Likelihood free = free_law(cells, lengths, options);
  const Likelihood law = power_law(cells, options);
  const Optimum optimum = maximise_free(free, lengths, maximise_power_law(law));
  std::optional<FreeProfile> profiles;
  if (lengths.size() >= many && !only_largest) profiles.emplace(free, optimum);
  std::vector<Point> points;
  for (std::size_t i = only_largest ? lengths.size() - 1 : 0; i < lengths.size(); ++i) {
    double low = INFINITY;
    double high = -INFINITY;
    bool any_solved = false;
    bool any_unsolved = false;
    for (const Cell& cell : cells) {
      if (cell.length != lengths[i]) continue;
      low = std::min(low, std::log(cell.hidden));
      high = std::max(high, std::log(cell.hidden));
      any_solved = any_solved || cell.solved > 0;
      any_unsolved = any_unsolved || cell.solved < cell.seeds;
    }
    const int index = static_cast<int>(i);
    const Interval log_interval =
        profiles
            ? profiles->interval(index, chi_squared_95, low - margin, high + margin)
            : Profile(free, optimum, index).interval(chi_squared_95, low - margin, high + margin);
    Point point{.length = lengths[i]};
    if (any_solved && any_unsolved && optimum.theta[index] > low - margin &&
        optimum.theta[index] < high + margin) {
      point.width = std::exp(optimum.theta[index]);
    }
    point.interval = exponential(log_interval);
    points.push_back(point);
  }
  return points;
}

}  // namespace

Optimum maximise_free_thresholds(const std::vector<Cell>& cells, const Options& options,
                                 const Optimum& law) {
  const auto lengths = distinct_lengths(cells);
  return maximise_free(free_law(cells, lengths, options), lengths, law);
}

std::vector<Point> free_thresholds(const std::vector<Cell>& cells, const Options& options) {
  return thresholds_of(cells, options, false);
}

std::optional<Point> largest_threshold(const std::vector<Cell>& cells, const Options& options) {
  const auto points = thresholds_of(cells, options, true);
  return points.empty() ? std::nullopt : std::optional(points.front());
}

Point predict(const std::vector<Cell>& cells, const Options& options, const Fit& fit,
              double length) {
  const double reach = 6 * unit_of(cells).slope;  // 6 in ln d to both sides
  Point point{.length = length};
  if (!fit.alpha) return point;
  const Likelihood likelihood = power_law(cells, options);
  const Eigen::Vector2d weights(1, std::log(length) - mean_log(fit.lengths));
  point.width = std::exp(weights.dot(fit.optimum.theta.head(2)));
  point.interval =
      exponential(interval_of(likelihood, fit.optimum, weights, fit.criterion.critical, reach));
  return point;
}

}  // namespace surd::law
