// What remains of a threshold law where more steps would change nothing any more: the thresholds
// of one curve at several budgets fitted together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "law/budget_law.hpp"
#include "law/fit.hpp"

namespace surd::law {

// From these on the budgets are too short to tell: half of the interval; what the largest budget
// asks at the longest length over what would remain; by what it fell there since the one before.
constexpr double remaining_half_width = 0.5;
constexpr double remaining_excess = 1.5;
constexpr double remaining_fall = 2;

struct BudgetFit {
  std::vector<double> budgets;  // ascending
  std::vector<Fit> fits;        // at each of them alone, as law::fit
  std::vector<double> lengths;  // distinct, of all budgets
  std::string reason;           // why nothing can be given; empty where alpha is

  std::optional<double> alpha;           // of d_inf: the exponent that remains
  Interval interval;                     // 95 %, from its profile
  Interval unwidened;                    // 95 % if d_inf were exactly a power
  Criterion criterion;                   // of its lack of fit, m - 2 degrees of freedom
  std::optional<double> rate;            // b: thresholds approach d_inf as (S0 / S)^b
  std::optional<double> steps;           // S0 at the longest length, in the unit of the budgets
  std::optional<double> steps_exponent;  // t: S0 ~ L^t
  std::optional<double>
      excess;                  // at the longest length, threshold at the largest budget over d_inf
  std::optional<double> fall;  // there, threshold at the budget before over that at the largest
  std::vector<std::string> too_short;  // what shows that the budgets are too short to tell
  std::string words;                   // one sentence, with what is too short
  Optimum optimum;                     // of a BudgetLaw whose limit is a power

  bool tells() const { return alpha && too_short.empty(); }
};

// The cells of one curve at two budgets or more, in any order. Never throws for data that cannot be
// fitted: `reason` says what is missing. InputError: a budget that is not positive, or given twice.
BudgetFit fit_budgets(std::vector<AtBudget> budgets, const Options& options = {});

}  // namespace surd::law
