// Shares of seeds: an interval for one, a test for two.
#pragma once

#include <optional>

namespace surd::law {

struct Share {
  double value = 0;
  double low = 0;  // 95 % interval
  double high = 1;
};
// Interval of Clopper and Pearson (Biometrika 26, 1934), never too narrow. Nothing where `of` is 0;
// Error where solved is outside [0, of].
std::optional<Share> share_of(int solved, int of);

// Fisher's exact test of two shares, two-sided: the chance of a table as rare as this or rarer, all
// four totals given, where both shares are equal.
struct Fisher {
  double p = 1;
  double level = 0;  // the chance that p is below .05 at all with these totals: less than .05,
                     // since few tables are possible
};
// Exact at any size, to about 1e-9 of p: a table of less than 1e-300 of the likeliest's chance
// counts as none, so p can be 0. The work grows with the square root of `of`: 1e9 seeds take some
// ten milliseconds. Error where a share is outside [0, of].
Fisher fisher(int solved_a, int of_a, int solved_b, int of_b);

}  // namespace surd::law
