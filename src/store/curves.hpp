// Learning curves of the trials of a run, beside their rows: what a report shows of the training
// itself.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "store/table.hpp"

namespace surd::store {

// As /curves has them: the points of row i are [start[i], start[i] + count[i]) of the flat arrays;
// none where the trial has no result.
struct Curves {
  std::vector<std::int64_t> start, count;  // a trial
  std::vector<std::int64_t> step;          // a point: optimiser steps done
  std::vector<double> loss_train, loss_validation, accuracy_validation,
      gradient_norm;  // a point; of validation NaN where none was made
};

Curves curves_of(std::span<const ResultRow> rows, const History& history);

}  // namespace surd::store
