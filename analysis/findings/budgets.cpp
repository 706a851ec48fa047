#include "analysis/findings/budgets.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "analysis/input/axes.hpp"

namespace surd::analysis {
namespace {

constexpr const char* multiples_key = "recipe.budgets";
constexpr const char* steps_key = "recipe.steps";

// A label of axes without one of them, and that one's value.
struct AxesSplit {
  double budget = 0;
  std::string rest;
};

// Nothing where the label has no such axis, or its value is no positive number.
std::optional<AxesSplit> split_axes(const std::string& label, const std::string& key) {
  std::optional<AxesSplit> found;
  std::vector<std::pair<std::string, std::string>> rest;
  for (const auto& [name, value] : axes_of(label)) {
    if (name != key) {
      rest.emplace_back(name, value.value_or(""));
      continue;
    }
    double budget = 0;
    const std::string text = value.value_or("");
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), budget);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (!(budget > 0) || !std::isfinite(budget)) return std::nullopt;
    found = AxesSplit{.budget = budget, .rest = {}};
  }
  if (found) found->rest = axes_label(std::move(rest));
  return found;
}

struct CurveDraft {
  BudgetCurve curve;
  std::vector<law::AtBudget> budgets;
};

// Steps zipped with the lengths are no budgets: each number of steps has a length of its own.
bool share_lengths(const std::vector<law::AtBudget>& budgets) {
  std::map<double, std::size_t> counts;
  for (const law::AtBudget& one : budgets) {
    for (const double length : law::distinct_lengths(one.cells)) ++counts[length];
  }
  return 2 <= std::count_if(counts.begin(), counts.end(),
                            [&](const auto& count) { return count.second == budgets.size(); });
}

std::vector<CurveDraft> drafts_by(std::span<const Finding> fits, const std::string& key) {
  std::vector<CurveDraft> drafts;
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> places;
  for (const Finding& finding : fits) {
    const law::Series& series = finding.series;
    const std::optional<AxesSplit> at = split_axes(series.axes, key);
    if (!at) continue;
    const auto [place, is_new] =
        places.emplace(std::tuple(series.task, series.architecture, at->rest), drafts.size());
    if (is_new) {
      drafts.push_back({.curve = {.task = series.task,
                                  .architecture = series.architecture,
                                  .axes = at->rest,
                                  .budget_key = key,
                                  .fit = {}},
                        .budgets = {}});
    }
    drafts[place->second].budgets.push_back({.budget = at->budget, .cells = series.cells});
  }
  // 1 and 1.0 are one budget in two spellings: whatever that study was, it has no such curve.
  std::erase_if(drafts, [](CurveDraft& draft) {
    std::sort(draft.budgets.begin(), draft.budgets.end(),
              [](const auto& a, const auto& b) { return a.budget < b.budget; });
    const auto twice =
        std::adjacent_find(draft.budgets.begin(), draft.budgets.end(),
                           [](const auto& a, const auto& b) { return a.budget == b.budget; });
    return draft.budgets.size() < 2 || twice != draft.budgets.end();
  });
  return drafts;
}

}  // namespace

std::vector<BudgetCurve> budget_curves(std::span<const Finding> fits, const law::Options& options) {
  std::vector<CurveDraft> drafts = drafts_by(fits, multiples_key);
  if (drafts.empty()) {
    drafts = drafts_by(fits, steps_key);
    std::erase_if(drafts, [](const CurveDraft& draft) { return !share_lengths(draft.budgets); });
  }
  std::vector<BudgetCurve> curves;
  for (CurveDraft& draft : drafts) {
    draft.curve.fit = law::fit_budgets(std::move(draft.budgets), options);
    curves.push_back(std::move(draft.curve));
  }
  return curves;
}

}  // namespace surd::analysis
