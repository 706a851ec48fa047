// How much faster the width of one architecture grows than that of another: delta alpha =
// alpha(efficient) - alpha(baseline). Factors that both curves share, logarithms and learnability,
// cancel in it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "law/fit.hpp"

namespace surd::law {

// Both curves in one likelihood with shared nothing but the lengths: beta = (c efficient, c
// baseline, alpha baseline, delta).
struct Joint {
  Likelihood likelihood;
  Optimum optimum;
};

struct Contrast {
  std::vector<double> lengths;  // those that both have: the others are left out of this comparison
  std::string reason;  // why there is no difference to report and what to run next; empty where
                       // there is one
  std::optional<double> delta;  // delta alpha
  Interval interval;  // 95 %, from the profile of the difference in a joint fit that shares only
                      // the lengths
  Interval unwidened;
  Criterion criterion;  // from the lack of fit of both laws together, 2 (m - 2) degrees of freedom
  std::optional<Joint> joint{};  // where there is a difference: to ask further questions of
};

Contrast contrast(const std::vector<Cell>& efficient, const std::vector<Cell>& baseline,
                  const Options& options = {});

// The width that the efficient architecture needs over that of the baseline, by both laws.
struct WidthRatio {
  double length = 0;            // the largest that both have; 0 where there is no ratio
  std::optional<double> ratio;  // none where the contrast has no difference, for the same reason
  Interval interval;            // 95 %, in the joint fit of the contrast, by its critical value
};
WidthRatio width_ratio(const Contrast& contrast);

}  // namespace surd::law
