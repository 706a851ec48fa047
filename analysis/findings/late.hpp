// Unsolved seeds near the threshold whose training had not come to rest: steps, not width, may be
// what they lacked.
#pragma once

#include <optional>

#include "analysis/input/input.hpp"
#include "law/outcome.hpp"
#include "law/share.hpp"
#include "law/verdict.hpp"

namespace surd::analysis {

// So many validations in the last fifth of the steps are needed: of two one is the higher by
// chance.
constexpr int late_points_least = 3;

// Of the unsolved seeds of one curve in cells near its threshold (law/near.hpp), each by the trial
// that stands for it.
struct LateCounts {
  int judged = 0;     // seeds with enough validations
  int improving = 0;  // of these
  int cells = 0;      // that hold judged ones
  int cells_improving = 0;
  int unjudged = 0;   // seeds with too few validations, or none
  double chance = 0;  // that a judged seed that had come to rest counts as improving, on average
  std::optional<law::Share> share() const { return law::share_of(improving, judged); }
  // More than come by chance.
  bool many() const;
};

// A loss that falls by this in a fifth of the steps, in logarithms, and an accuracy that rises by
// this are more than what a falling learning rate gives a training at its end.
constexpr double late_loss_least = 0.05;
constexpr double late_accuracy_least = 0.02;

// A seed still improves where, over the last fifth of the steps of its trial, the validation loss
// falls or the validation accuracy rises by at least these at the median pace, and in so many pairs
// of validations as come by chance in one of twenty (law/rise.hpp); of three validations, in all,
// which comes by chance in one of six.
LateCounts late_counts(const Input& input, const law::Series& series);

// Nothing where no more improve than by chance, or the input has no curves.
std::optional<law::Doubt> late_doubt(const Input& input, const law::Series& series);

}  // namespace surd::analysis
