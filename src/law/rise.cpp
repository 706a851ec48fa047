#include "law/rise.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "base/error.hpp"

namespace surd::law {
namespace {

constexpr std::size_t exact_most = 20;  // points; beyond, a normal law is as good

// The chance that of n values in an order at random so many pairs or more rise.
double chance_of_rises(std::size_t n, std::size_t rises) {
  if (n > exact_most) {
    const auto size = static_cast<double>(n);
    const double mean = size * (size - 1) / 4;
    const double deviation = std::sqrt(size * (size - 1) * (2 * size + 5) / 72);
    const double z = (static_cast<double>(rises) - 0.5 - mean) / deviation;
    return std::erfc(z / std::sqrt(2.0)) / 2;
  }
  // chance[k]: that k pairs of the values so far rise; the next lies above 0 ... m of m.
  std::vector<double> chance = {1};
  for (std::size_t m = 1; m < n; ++m) {
    std::vector<double> next(chance.size() + m, 0.0);
    for (std::size_t k = 0; k < chance.size(); ++k) {
      for (std::size_t above = 0; above <= m; ++above)
        next[k + above] += chance[k] / static_cast<double>(m + 1);
    }
    chance = std::move(next);
  }
  double sum = 0;
  for (std::size_t k = chance.size(); k-- > rises;) sum += chance[k];
  return std::min(sum, 1.0);
}

}  // namespace

Rise rise_of(std::span<const double> at, std::span<const double> values) {
  if (at.size() != values.size()) throw Error("a trend wants a value at each place");
  Rise trend{.points = static_cast<int>(at.size())};
  if (at.size() < 2) return trend;
  std::vector<double> slopes;
  std::size_t rises = 0;
  for (std::size_t i = 0; i < at.size(); ++i) {
    for (std::size_t j = i + 1; j < at.size(); ++j) {
      slopes.push_back((values[j] - values[i]) / (at[j] - at[i]));
      rises += values[j] > values[i] ? 1 : 0;
    }
  }
  const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2);
  std::nth_element(slopes.begin(), middle, slopes.end());
  trend.slope = *middle;
  if (slopes.size() % 2 == 0)
    trend.slope = (trend.slope + *std::max_element(slopes.begin(), middle)) / 2;
  trend.p = chance_of_rises(at.size(), rises);
  return trend;
}

}  // namespace surd::law
