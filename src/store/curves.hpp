// Learning curves and planned costs of the trials of a run, beside their rows: what a report shows of the training itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "store/table.hpp"

namespace surd::store {

// As /curves has them: the points of row i are [start[i], start[i] + count[i]) of the flat arrays; none where the trial has no result.
struct Curves {
  std::vector<std::int64_t> start, count;                                               // a trial
  std::vector<std::int64_t> step;                                                       // a point: optimiser steps done
  std::vector<double> loss_train, loss_validation, accuracy_validation, gradient_norm;  // a point; of validation NaN where none was made
};

Curves curves_of(std::span<const ResultRow> rows, const History& history);

// A curve for each row of read_results at the same path, with the same errors; Error where start and count point outside the arrays.
Curves read_curves(const std::filesystem::path& path);

// Training FLOPs of each row of read_results on its full budget, as its study plans them: what ResultRow::flops would be had it run to its last step.
// NaN where the study is not read by this program. The same errors.
std::vector<double> read_planned_flops(const std::filesystem::path& path);

}  // namespace surd::store
