#include "bench/grids.hpp"

#include <cmath>

namespace surd::bench {

std::vector<double> geometric(double from, double to, int count) {
  std::vector<double> values;
  for (int i = 0; i < count; ++i)
    values.push_back(from * std::pow(to / from, static_cast<double>(i) / (count - 1)));
  return values;
}

std::vector<double> geometric_lengths(int count) {
  auto values = geometric(16, 256, count);
  for (double& value : values) value = std::round(value);
  return values;
}

}  // namespace surd::bench
