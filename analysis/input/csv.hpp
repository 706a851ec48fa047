// Tables of trials, or of counted seeds, as CSV (RFC 4180: quotes doubled inside quotes, CR LF or
// LF, a field may span lines).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/input/input.hpp"

namespace surd::analysis {

struct Field {
  std::string text;
  int line = 0;    // of its first character, from 1
  int column = 0;  // in bytes, from 1
};

struct Table {
  std::string file;  // for messages
  std::vector<Field> header;
  std::vector<std::vector<Field>> rows;  // each as long as the header; blank lines are left out
};

// InputError with file:line:column: bytes that are not UTF-8, an open quote, text after a closing
// quote, a row of another length than the header, no header, a column twice.
Table parse_csv(std::string_view text, const std::string& file);

// Columns in any order: task, architecture, length, hidden and
//   either seed, [learning_rate,] accuracy_test and accuracy_validation (or accuracy, which then
//   serves as both: noted), one row a trial, or seeds and solved, one row a cell.
// An accuracy of nan is a diverged trial, an empty one a missing trial: both are noted.
// Optional: id, status, flops_forward and flops_generation (of the cell's model, as in results.h5).
// Columns named model.*, recipe.* or task.* are further axes; others are ignored, which is noted.
// InputError with file:line:column: a missing column (with the nearest word), a value of the wrong
// kind, a trial or cell that is there twice, no rows.
Input input_from_csv(const Table& table);

}  // namespace surd::analysis
