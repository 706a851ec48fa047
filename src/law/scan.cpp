#include "law/scan.hpp"

#include <algorithm>
#include <boost/math/tools/minima.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <vector>

namespace surd::law {

Scan scan_maximum(const std::function<double(double)>& function, double lowest, double highest,
                  double drop) {
  constexpr int intervals = 20;
  constexpr int bits = 24;  // half of a double's: a maximum cannot be placed better
  std::vector<double> places, values;
  for (int i = 0; i <= intervals; ++i) {
    places.push_back(lowest + (highest - lowest) * i / intervals);
    values.push_back(function(places.back()));
  }
  const auto top = std::max_element(values.begin(), values.end()) - values.begin();
  const double left = places[static_cast<std::size_t>(std::max<std::ptrdiff_t>(top - 1, 0))];
  const double right =
      places[static_cast<std::size_t>(std::min<std::ptrdiff_t>(top + 1, intervals))];
  const auto [best, negative] = boost::math::tools::brent_find_minima(
      [&](double place) { return -function(place); }, left, right, bits);
  Scan scan{.best = best, .value = -negative};
  if (values[static_cast<std::size_t>(top)] >= scan.value) {  // at a limit Brent only comes near it
    scan.best = places[static_cast<std::size_t>(top)];
    scan.value = values[static_cast<std::size_t>(top)];
  }
  const double level = scan.value - drop;
  // Asked again, a function that is maximised from where it was last may give another value: the
  // ends keep what they had.
  const auto known = [&](double place) {
    if (place == scan.best) return scan.value;
    return values[static_cast<std::size_t>(std::find(places.begin(), places.end(), place) -
                                           places.begin())];
  };
  const auto crossing = [&](double inside, double outside) {
    const auto excess = [&](double place) { return function(place) - level; };
    const double at_inside = known(inside) - level;
    const double at_outside = known(outside) - level;
    if (at_inside <= 0) return inside;  // equal to the last digit
    std::uintmax_t iterations = 60;
    const auto tight = [](double a, double b) { return std::abs(a - b) < 1e-9; };
    const auto [a, b] = inside < outside
                            ? boost::math::tools::toms748_solve(excess, inside, outside, at_inside,
                                                                at_outside, tight, iterations)
                            : boost::math::tools::toms748_solve(excess, outside, inside, at_outside,
                                                                at_inside, tight, iterations);
    return (a + b) / 2;
  };
  scan.low = lowest;
  scan.high = highest;
  // The outermost grid points still inside: a dip between two maxima belongs to the interval.
  double inside = scan.best;
  for (std::size_t i = 0; i < places.size() && places[i] < scan.best; ++i) {
    if (values[i] < level) continue;
    inside = places[i];
    break;
  }
  const auto before =
      std::find_if(places.rbegin(), places.rend(), [&](double place) { return place < inside; });
  if (before != places.rend()) scan.low = crossing(inside, *before);
  inside = scan.best;
  for (std::size_t i = places.size(); i-- > 0 && places[i] > scan.best;) {
    if (values[i] < level) continue;
    inside = places[i];
    break;
  }
  const auto after =
      std::find_if(places.begin(), places.end(), [&](double place) { return place > inside; });
  if (after != places.end()) scan.high = crossing(inside, *after);
  return scan;
}

}  // namespace surd::law
