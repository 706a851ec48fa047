// A share of seeds with its interval.
#pragma once

#include <optional>

namespace surd::law {

struct Share {
  double value = 0;
  double low = 0;  // 95 % interval
  double high = 1;
};
// Interval of Clopper and Pearson (Biometrika 26, 1934), never too narrow. Nothing where `of` is 0; Error where solved is outside [0, of].
std::optional<Share> share_of(int solved, int of);

}  // namespace surd::law
