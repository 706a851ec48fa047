// Does the exponent that remains with more steps have an honest interval where the budgets are
// short at the long lengths?
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/random.hpp"
#include "law/budget_law.hpp"
#include "law/share.hpp"

namespace surd::bench {

// How thresholds come down to d_inf as the budget S grows; r = S0 / S.
enum class Approach {
  power,            // the law that is fitted: ln(1 + r^b)
  exponential,      // ln 9 exp(-1 / r)
  abrupt,           // max(0, b ln r)
  never,            // b ln r: no limit, the same exponent at every budget
  never_by_length,  // b ln(1 / S) at the longest length, none at the shortest: an exponent that
                    // falls for ever
};

// A full grid of widths 4 to 4096 in steps of 2, of lengths 16 to 512, at each budget.
struct BudgetCase {
  std::string name;
  Approach approach = Approach::power;
  double alpha = 0.5;
  double b = 2;
  double growth = 1;      // S0 ~ L^growth
  double short_by = 0.5;  // S0 at the longest length over the largest budget
  std::vector<double> budgets = {1, 2, 4};
  int lengths = 6;
  int seeds = 3;         // a cell
  double same_luck = 0;  // share of the seeds whose luck is the same at all budgets of a cell
  double scatter = 0;    // of the log threshold of a length, at all budgets alike

  // The exponent that remains.
  double truth() const { return approach == Approach::never ? alpha + b * growth : alpha; }
};
std::vector<BudgetCase> budget_cases();

// One study; kappa 6, lapse .05, thresholds at a random place between two widths.
std::vector<law::AtBudget> draw_budgets(const BudgetCase& one, RandomStream& random);

struct BudgetRow {
  int studies = 0;
  double first = 0;  // mean alpha of the fit at the smallest budget
  double last = 0;   // and at the largest
  law::Share last_coverage{};
  int fitted = 0;  // studies with an exponent that remains
  double bias = 0;
  law::Share coverage{};
  double half_width = 0;  // median; open ends at the limits of the search
  int told = 0;           // of these, said without "too short to tell"
  double told_bias = 0;
  law::Share told_coverage{};  // of value, low and high 0 where none is told
};
// `threads` has no influence on the numbers.
BudgetRow measure_budgets(const BudgetCase& one, int studies, std::uint64_t seed, int threads);

// Columns of a Markdown table: its two header lines, and the line of a row.
std::string budgets_header();
std::string budgets_line(const BudgetCase& one, const BudgetRow& row);
Json to_json(const BudgetCase& one, const BudgetRow& row);

}  // namespace surd::bench
