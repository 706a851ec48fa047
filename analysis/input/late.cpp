#include "analysis/input/late.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace surd::analysis {

Late late_of(double steps, std::span<const double> step, std::span<const double> accuracy,
             std::span<const double> loss) {
  struct Point {
    double at, accuracy, log_loss;
  };
  std::vector<Point> points;
  for (std::size_t i = 0; i < step.size(); ++i) {
    if (!std::isfinite(accuracy[i]) || !(loss[i] > 0) || !std::isfinite(loss[i])) continue;
    points.push_back({5 * step[i] / steps, accuracy[i], std::log(loss[i])});
  }
  // The fifth begins with its first point, or else with the one before it.
  const auto inside = std::find_if(points.begin(), points.end(),
                                   [](const Point& point) { return point.at >= 4 - 1e-9; });
  auto first = inside;
  if (first != points.begin() && first != points.end() && first->at > 4 + 1e-9) --first;
  points.erase(points.begin(), first);

  Late late;
  if (points.empty()) return late;
  std::vector<double> at;
  std::vector<double> accuracies;
  std::vector<double> gains;
  for (const Point& point : points) {
    at.push_back(point.at);
    accuracies.push_back(point.accuracy);
    gains.push_back(-point.log_loss);
  }
  late.accuracy = law::rise_of(at, accuracies);
  late.loss = law::rise_of(at, gains);
  return late;
}

}  // namespace surd::analysis
