// The /attempts table: one row an execution of a bundle, its columns as column.hpp has them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "store/column.hpp"
#include "store/history.hpp"

namespace surd::store {

// As AttemptStarted and AttemptEnded have it, lists as words separated by spaces.
struct AttemptRow {
  std::int64_t attempt = 0;  // its number, the dimension scale
  std::string bundle;        // hash of its trials
  std::string trials;
  std::string ranks;
  std::string host;
  std::string device;
  std::string slurm_job;
  std::int64_t data_parallel = 1;
  double start = 0;    // since 1970
  double end = 0;      // NaN while it runs or after its run died
  double seconds = 0;  // NaN likewise
  std::string cause;   // as spec::AttemptEnd, or open
  std::string message;
};

// All but `attempt`.
std::span<const ColumnOf<AttemptRow>> attempt_columns();

// By number.
std::vector<AttemptRow> make_attempt_rows(const History& history);

}  // namespace surd::store
