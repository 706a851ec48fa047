// Curves that differ in the budget of training alone: their exponents at each budget, and what
// remains where more steps would change nothing.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/findings/finding.hpp"
#include "law/budget.hpp"

namespace surd::analysis {

struct BudgetCurve {
  std::string task;
  std::string architecture;
  std::string axes;        // further ones, without the budget
  std::string budget_key;  // recipe.budgets, or recipe.steps where all lengths have the same ones
  law::BudgetFit fit;
};

// A curve for each task, architecture and further axes of `fits` that has two budgets or more; in
// their order.
std::vector<BudgetCurve> budget_curves(std::span<const Finding> fits, const law::Options& options);

}  // namespace surd::analysis
