// The maximum of a function of one bounded number, and where it has fallen by a given drop.
#pragma once

#include <functional>

namespace surd::law {

struct Scan {
  double best = 0;
  double value = 0;  // of the function there
  double low = 0;    // the function has fallen by `drop`, or the limit where it never does
  double high = 0;
};
// Of several local maxima between `lowest` and `highest` the best one found on a grid, then
// refined.
Scan scan_maximum(const std::function<double(double)>& function, double lowest, double highest,
                  double drop);

}  // namespace surd::law
