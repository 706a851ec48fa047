// Lengths and widths of simulated studies.
#pragma once

#include <vector>

namespace surd::bench {

// `count` numbers, at least two, from the first to the last with one ratio.
std::vector<double> geometric(double from, double to, int count);
// Whole numbers of that kind from 16 to 256.
std::vector<double> geometric_lengths(int count);

}  // namespace surd::bench
