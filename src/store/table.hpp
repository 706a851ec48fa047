// The /trials table: one row a trial in study order, its columns as column.hpp has them.
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "grid/study.hpp"
#include "store/column.hpp"
#include "store/history.hpp"

namespace surd::store {

// Integers are 64 bits wide because files hold them so. Where a trial has no result: accuracies,
// loss and gradient norm NaN, steps_to_solve -1, the rest 0 or empty.
struct ResultRow {
  std::string id;
  std::string task;
  std::int64_t size = 0;
  std::int64_t length = 0;
  std::int64_t paper_length = 0;  // 0: Figure 1 has no label for it
  double mean_tokens = 0;
  std::int64_t hidden = 0;
  std::string architecture;  // label, with options away from the defaults
  std::vector<std::pair<std::string, Json>>
      further;  // further axes and their values; null where the row's study has no such axis
  std::int64_t seed = 0;
  double learning_rate = 0;
  std::int64_t window = 0;  // learning rates that a pilot chose for the cell, where this is one of
                            // them; else 0; -1: a pilot
  std::string status;  // finished, diverged, failed (quarantined), skipped (by the design), missing
  std::string stop_reason;  // solved, steps, diverged; empty without a result
  std::int64_t steps = 0;
  std::int64_t steps_to_solve = -1;
  std::int64_t tokens = 0;
  double flops = 0;  // training FLOPs of the final trajectory: those of a mean sequence times
                     // tokens / mean_tokens
  std::int64_t parameters = 0;
  std::int64_t parameters_without_embeddings = 0;
  double state_bytes = 0;    // what generation keeps after `length` tokens
  double flops_forward = 0;  // of one mean training sequence
  double flops_generation =
      0;  // of one sequence of `length` tokens, token by token from the cache or state
  double accuracy_validation = 0;
  double accuracy_validation_best = 0;
  double accuracy_test = 0;
  double loss_validation = 0;
  double gradient_norm = 0;
  double seconds = 0;
  std::int64_t attempts = 0;
};

using Column = ColumnOf<ResultRow>;

// Up to and with `architecture`; then come the further axes, then the rest.
std::span<const Column> columns_before_further();
std::span<const Column> columns_after_further();

// Rows of all studies, one after the other; a trial named by several comes once. What the design of
// a study leaves out, given the results so far, is skipped (design/columns.hpp).
std::vector<ResultRow> make_rows(std::span<const grid::Study> studies, const History& history);

// Training FLOPs of each row on its full budget, as these studies plan them; NaN where none names
// the trial.
std::vector<double> planned_flops(std::span<const grid::Study> studies,
                                  std::span<const ResultRow> rows);

// Names of the further axes of the rows; all rows of a table have the same.
std::vector<std::string> further_axes(std::span<const ResultRow> rows);

// The deterministic columns in which the rows differ; NaN equals NaN.
std::vector<std::string> differing_columns(const ResultRow& a, const ResultRow& b);

// Header and one line a row (RFC 4180, numbers in their shortest exact form, NaN as "nan").
std::string to_csv(std::span<const ResultRow> rows);

}  // namespace surd::store
