// What the columns of a table mean: trials, or seeds counted by cell.
#pragma once

#include "analysis/input/delimited.hpp"
#include "analysis/input/input.hpp"

namespace surd::analysis {

// Columns in any order: task, architecture, length, hidden and
//   either seed, [learning_rate,] accuracy_test and accuracy_validation (or accuracy, or solved as
//   0 or 1, which then serve as both: noted), one row a trial, or seeds and solved, one row a cell.
// An accuracy of nan is a diverged trial, a missing one (columns.hpp) a missing trial: both are
// noted. Names that differ by blanks or case only are one, which is noted.
// Optional: id, status, flops_forward and flops_generation (of the cell's model, as in results.h5).
// Columns named model.*, recipe.* or task.* are further axes; others are ignored, which is noted.
// InputError with file:line:column: a missing column (with the nearest word), a value of the wrong
// kind, a trial or cell that is there twice, no rows.
Input input_from_csv(const Table& table);

}  // namespace surd::analysis
