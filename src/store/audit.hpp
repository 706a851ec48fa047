// The /audit table: one row a trial that a budget audit drew, before and after it was trained anew
// with twice the steps.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "store/column.hpp"
#include "store/history.hpp"
#include "store/table.hpp"

namespace surd::store {

// "before": the trial in /trials; "after": the one trained anew. Where that has no result: NaN,
// solved_after -1, the rest 0 or empty.
struct AuditRow {
  std::int64_t trial = 0;  // row of the original in /trials
  std::string id;          // of the original
  std::string audit_id;    // of the trial with twice the steps
  std::string task;
  std::int64_t length = 0;
  std::int64_t hidden = 0;
  std::string architecture;
  std::int64_t seed = 0;
  double learning_rate = 0;
  std::string status;       // of the trial trained anew: finished, diverged, failed (quarantined),
                            // missing (not trained yet)
  std::string stop_reason;  // solved, steps, diverged
  std::int64_t steps_before = 0;
  std::int64_t steps_after = 0;
  std::int64_t steps_to_solve = -1;  // after
  double accuracy_validation_before = 0;
  double accuracy_validation_after = 0;
  double accuracy_test_before = 0;
  double accuracy_test_after = 0;
  std::int64_t solved_before = 0;  // 1 where accuracy_test is at least the study's fit.tau
  std::int64_t solved_after = -1;
  std::int64_t tokens = 0;  // after
  double flops = 0;         // after
  double seconds = 0;       // after
  std::int64_t attempts = 0;
};

std::span<const ColumnOf<AuditRow>> audit_columns();

// In the order of `rows`, which make_rows made of the same studies. Empty where no audit drew a
// trial of them.
std::vector<AuditRow> make_audit_rows(std::span<const grid::Study> studies,
                                      std::span<const ResultRow> rows, const History& history);

std::vector<std::string> differing_columns(const AuditRow& a, const AuditRow& b);
// As of a table of trials.
std::string to_csv(std::span<const AuditRow> rows);

}  // namespace surd::store
