#include "analysis/report/budgets_output.hpp"

#include <fmt/format.h>

#include "analysis/report/columns.hpp"

namespace surd::analysis {
namespace {

// A curve at one budget, or what remains of it.
struct BudgetRow {
  const BudgetCurve* curve = nullptr;
  std::optional<std::size_t> place{};  // of the budget; none: what remains
};
using At = const BudgetRow&;

std::optional<double> budget_of(At row) {
  return row.place ? std::optional(row.curve->fit.budgets[*row.place]) : std::nullopt;
}
std::optional<double> budget_alpha(At row) {
  return row.place ? row.curve->fit.fits[*row.place].alpha : row.curve->fit.alpha;
}
law::Interval budget_interval(At row) {
  return row.place ? row.curve->fit.fits[*row.place].interval : row.curve->fit.interval;
}
std::string reason_of(At row) {
  return row.place ? row.curve->fit.fits[*row.place].reason : row.curve->fit.reason;
}
// What only the row of what remains has.
Value remaining(At row, std::optional<double> law::BudgetFit::*member) {
  return row.place ? Value() : value_of(row.curve->fit.*member);
}

constexpr const char* budget_meaning =
    "multiple of the steps (recipe.budgets), or steps; the last row of a curve is what remains "
    "where "
    "more steps would change nothing";
constexpr const char* alpha_meaning =
    "the exponent at that budget alone, or the one that remains, by all budgets together";
constexpr const char* rate_meaning =
    "b: the width needed is (1 + (S0 / S)^b) times what remains, S the budget";
constexpr const char* steps_meaning =
    "S0 at the longest length, as budgets are told: there twice the width that remains is needed";
constexpr const char* steps_exponent_meaning = "how S0 grows: as L to that power";

std::vector<TableColumnOf<BudgetRow>> budget_columns() {
  return {
      {{.key = "budget_key", .means = "the further axis that is the budget"},
       [](At row) { return row.curve->budget_key; }},
      {{.key = "budget", .means = budget_meaning}, [](At row) { return value_of(budget_of(row)); }},
      {{.title = "budget", .heading = "budget", .left = true, .means = budget_meaning},
       [](At row) { return budget_word(budget_of(row)); }},
      {{.key = "alpha",
        .title = "alpha",
        .heading = "\u03b1",
        .format = Format::two_digits,
        .means = alpha_meaning},
       [](At row) { return value_of(budget_alpha(row)); }},
      {{.key = "alpha_{}", .title = "95 %", .heading = "95 %", .means = "its 95 % interval"},
       [](At row) { return budget_alpha(row) ? Value(budget_interval(row)) : Value(); }},
      {{.key = "too_short",
        .where_it_has = true,
        .means = "of what remains: the budgets are too short to tell"},
       [](At row) {
         return row.place || !row.curve->fit.alpha ? Value() : Value(!row.curve->fit.tells());
       }},
      {{.key = "rate",
        .title = "b",
        .heading = "b",
        .format = Format::two_digits,
        .where_it_has = true,
        .means = rate_meaning},
       [](At row) { return remaining(row, &law::BudgetFit::rate); }},
      {{.key = "steps",
        .title = "S0",
        .heading = "S<sub>0</sub>",
        .format = Format::three_that_count,
        .where_it_has = true,
        .means = steps_meaning},
       [](At row) { return remaining(row, &law::BudgetFit::steps); }},
      {{.key = "steps_exponent",
        .title = "S0 ~ L^",
        .heading = "S<sub>0</sub> \u221d L^",
        .format = Format::two_digits,
        .where_it_has = true,
        .means = steps_exponent_meaning},
       [](At row) { return remaining(row, &law::BudgetFit::steps_exponent); }},
      {{.key = "excess",
        .where_it_has = true,
        .means =
            "the width needed at the longest length with the largest budget, over what remains"},
       [](At row) { return remaining(row, &law::BudgetFit::excess); }},
      {{.key = "fall",
        .where_it_has = true,
        .means = "there, the width needed with the budget before, over that with the largest"},
       [](At row) { return remaining(row, &law::BudgetFit::fall); }},
      {{.key = "words",
        .where_it_has = true,
        .means =
            "of what remains: the number in a sentence, with what makes the budgets too short"},
       [](At row) { return row.place ? Value() : words_or_none(row.curve->fit.words); }},
      {{.key = "reason", .where_it_has = true, .means = "why there is no exponent"},
       [](At row) { return words_or_none(reason_of(row)); }},
  };
}

}  // namespace

std::string budget_word(const std::optional<double>& budget) {
  return budget ? fmt::format("{:g}", *budget) : "remains";
}

ResultTable budgets_table(const std::vector<BudgetCurve>& curves) {
  auto columns = named<BudgetRow>([](At row) -> const BudgetCurve& { return *row.curve; });
  append<BudgetRow>(columns, budget_columns());
  std::vector<BudgetRow> rows;
  for (const BudgetCurve& curve : curves) {
    for (std::size_t i = 0; i < curve.fit.budgets.size(); ++i)
      rows.push_back({.curve = &curve, .place = i});
    rows.push_back({.curve = &curve, .place = {}});
  }
  return make_table(columns, rows);
}

std::vector<std::string> budget_sentences(const std::vector<BudgetCurve>& curves) {
  std::vector<std::string> sentences;
  for (const BudgetCurve& curve : curves)
    sentences.push_back(fmt::format("{} {}: {}", curve.task,
                                    full_name(curve.architecture, curve.axes), curve.fit.words));
  return sentences;
}

std::string budgets_text(const Findings& findings) {
  if (findings.budgets.empty()) return "";
  std::string out =
      fmt::format("\nAlpha against the budget, {}:\n{}", findings.budgets.front().budget_key,
                  for_terminal(budgets_table(findings.budgets)));
  for (const std::string& sentence : budget_sentences(findings.budgets)) out += item(sentence);
  return out;
}

}  // namespace surd::analysis
