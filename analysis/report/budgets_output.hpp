// The exponent against the budget of training, for people and for machines.
#pragma once

#include <string>
#include <vector>

#include "analysis/findings/findings.hpp"
#include "analysis/report/table.hpp"

namespace surd::analysis {

// A row a curve and budget, then one of what remains: never that alone.
ResultTable budgets_table(const std::vector<BudgetCurve>& curves);
// The terminal's, with a sentence a curve; empty where there is none.
std::string budgets_text(const Findings& findings);
// What is said of a curve: "lookup linear: the exponent that remains ...".
std::vector<std::string> budget_sentences(const std::vector<BudgetCurve>& curves);
// How a budget is written: "2", or "remains" where it is none.
std::string budget_word(const std::optional<double>& budget);

}  // namespace surd::analysis
