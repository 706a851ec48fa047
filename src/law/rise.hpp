// Whether a short series of measurements still rises.
#pragma once

#include <span>

namespace surd::law {

struct Rise {
  int points = 0;
  double slope =
      0;  // median of the slopes between all pairs (Theil 1950, Sen 1968), a unit of `at`
  // The chance that a series whose values are in any order alike rises in as many pairs or more
  // (Kendall, Biometrika 30, 1938): exact without ties, and a tie counts as no rise.
  double p = 1;
};

// `at` ascends; both have the same size. Of less than two points: no slope, p 1.
Rise rise_of(std::span<const double> at, std::span<const double> values);

}  // namespace surd::law
