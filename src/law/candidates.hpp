// What can be run further, beside what was run.
#pragma once

#include <limits>
#include <vector>

#include "law/boundary.hpp"
#include "law/outcome.hpp"

namespace surd::law {

// A cell of which more seeds can be run.
struct Candidate {
  double length = 0;
  double hidden = 0;
  double cost = 0;  // of one more seed, in FLOPs (or any unit: only ratios and the budget count)
  int most = std::numeric_limits<int>::max();  // seeds that can still be run, the running ones not
                                               // counted
  int running = 0;  // seeds of it that run now: their outcome is not known
};

// One architecture's results so far, and what can be run further.
struct Curve {
  std::vector<Cell> cells;
  std::vector<Candidate> candidates;  // distinct cells
};

// InputError: no curve, a curve without candidates, a length, width or cost that is not positive, a
// candidate twice, fewer than no seeds running or left.
void check(const std::vector<Curve>& curves);

// Its lengths at which something can be run, or could, with the widths of results and candidates.
std::vector<Column> columns_of(const Curve& curve);

}  // namespace surd::law
