// How near the cells of a curve lie to its threshold: where more steps, another seed or a better
// rate would change what is known of the exponent, and where not.
#pragma once

#include <vector>

#include "law/likelihood.hpp"
#include "law/outcome.hpp"

namespace surd::law {

struct Nearness {
  bool near = false;
  // Of solving by the width alone, below 0 where it is too narrow: by the law, at a steepness of at
  // most near_kappa_most. 0 where no law is fitted.
  double log_odds = 0;
  // By how much alpha moves when one more seed of the cell is solved (one Newton step), as a share
  // of the most that it does in a near cell; in [0, 1]. 1 where no law is fitted.
  double influence = 0;
};

// A threshold is not known, and does not follow the law, better than a steeper curve would have it.
constexpr double near_kappa_most = 6;
// Log odds on either side: at that steepness a factor of 1.8 in width.
constexpr double near_log_odds = 3.5;

// One a cell. A cell is near where the law puts it within near_log_odds of even odds; or where it
// is narrower than the narrowest width that solves half of its seeds at its length, by at most a
// factor of two (where no width does: at most a factor of two narrower than the widest).
std::vector<Nearness> nearness(const std::vector<Cell>& cells, const Options& options = {});

}  // namespace surd::law
