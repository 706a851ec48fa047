// How much faster the width of one architecture grows than that of another: delta alpha =
// alpha(efficient) - alpha(baseline). What both curves share, logarithms, learnability and how hard
// each length is, cancels in it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "law/fit.hpp"

namespace surd::law {

// From so many lengths that count, the curves are paired. It depends on their number alone: a rule
// that looked at the intervals would choose the luckier one.
constexpr std::size_t paired_from = 6;

// Both curves in one likelihood.
// joint: with a law each, shared nothing but the lengths: beta = (c efficient, c baseline, alpha
// baseline, delta alpha).
// paired: the baseline's threshold is free at each length, ln d = mu_L, and the efficient one's is
// ln d = mu_L + delta + delta alpha x: beta = (mu of all lengths but the largest; mu of the
// largest, delta, delta alpha).
struct Both {
  Likelihood likelihood;
  Optimum optimum;
};

struct Contrast {
  std::vector<double> lengths;    // that count: both curves have a width there that most seeds do
                                  // not solve and a larger one that most do
  std::vector<double> one_sided;  // the others that both have: left out of this comparison
  std::string reason;  // why there is no difference to report and what to run next; empty where
                       // there is one
  std::optional<double> delta;  // delta alpha
  Interval interval;            // 95 %, from the profile of the difference
  Interval unwidened;
  bool paired = false;
  Criterion criterion;         // from the lack of fit against thresholds free in both curves: joint
                               // 2 (m - 2) degrees of freedom, paired m - 2
  std::optional<Both> both{};  // where there is a difference: to ask further questions of
};

// `pair_from` is another than paired_from only where the two fits are compared.
Contrast contrast(const std::vector<Cell>& efficient, const std::vector<Cell>& baseline,
                  const Options& options = {}, std::size_t pair_from = paired_from);

// The widths needed at a length by the contrast's own laws.
struct LogWidths {
  double efficient = 0;  // ln d
  double baseline = 0;
};
// At the largest length that counts. Error where there is no difference.
LogWidths log_widths(const Contrast& contrast);
// Of ours * ln d efficient - theirs * ln d baseline at `length`, the weights of the likelihood's
// basis. Error where the curves are paired, the two factors differ and `length` is not the largest:
// the baseline has no law of its own then.
Eigen::VectorXd weights_of(const Contrast& contrast, double length, double ours, double theirs);

// The width that the efficient architecture needs over that of the baseline.
struct WidthRatio {
  double length = 0;            // 0 where there is no ratio
  std::optional<double> ratio;  // none where the contrast has no difference, for the same reason
  Interval interval;            // 95 %, from the profile of the ratio by the contrast's criterion
};
// At `length`, which may be any; without one at the largest that counts.
WidthRatio width_ratio(const Contrast& contrast, std::optional<double> length = {});

}  // namespace surd::law
