// The width that the seeds of each length need, whatever law they follow.
#pragma once

#include <optional>
#include <vector>

#include "law/fit.hpp"
#include "law/outcome.hpp"
#include "law/thresholds.hpp"

namespace surd::analysis {

struct Threshold {
  law::Point point;  // no width where the seeds of the length do not bracket it, or where there is
                     // no exponent, and so no steepness that all lengths share
  std::optional<double>
      edge{};  // where every or no seed is solved: the smallest or the largest width that was run
  bool above = false;  // not even the edge is solved; else every width from it on
};

// Of the cells that `fit` was made of, by length.
std::vector<Threshold> thresholds_of(const std::vector<law::Cell>& cells,
                                     const law::Options& options, const law::Fit& fit);

}  // namespace surd::analysis
