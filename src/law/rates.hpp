// A best learning rate that drifts with the length or the width: where it lies at an end of the set
// that was run, models that need a rate beyond it fail for lack of that, not of width.
#pragma once

#include <optional>

#include "law/outcome.hpp"

namespace surd::law {

constexpr double rate_drift_level = 0.05;

enum class Along { length, width };

struct RateDrift {
  Along along = Along::length;
  double p = 1;            // the least of all that were asked, times their number
  double until = 0;        // the largest of the small lengths or widths
  double from = 0;         // the smallest of the large ones
  double rate_until = 0;   // that solves most seeds up to `until`, of those that some rates solve
  double rate_from = 0;    // the same from `from` on; another one
  bool end_until = false;  // these are the lowest or highest of the set: at least one is
  bool end_from = false;
};

// Of one curve, from the seeds that some of the common rates solve and some do not: whether more of
// them, or fewer, lean to lower rates, or to higher ones, at larger lengths (at the same width) or
// at larger widths (at the same length), and another rate is best in the lower and the upper half
// of them. Nothing where both do not hold, or each seed was counted elsewhere.
std::optional<RateDrift> rate_drift(const Series& series);

}  // namespace surd::law
