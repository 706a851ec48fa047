#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "analysis/report/budgets_output.hpp"
#include "analysis/report/figures/figures.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

std::size_t style_of(const std::vector<Group>& groups, const std::string& architecture) {
  for (const Group& group : groups) {
    for (const Shown& shown : group.series) {
      if (shown.finding->series.architecture == architecture) return shown.style;
    }
  }
  return 0;
}

Point alpha_point(const BudgetCurve& curve, double x, const std::optional<double>& budget,
                  double alpha, const law::Interval& interval) {
  Point point{.x = x, .y = alpha, .low = interval.low, .high = interval.high};
  point.hover = fmt::format("{}, {}\n\u03b1 = {} {}", curve.architecture,
                            budget ? "budget " + budget_word(budget) : std::string("what remains"),
                            rounded(alpha, 2), text(interval));
  if (!budget && !curve.fit.tells()) point.hover += "\nthe budgets are too short to tell";
  return point;
}

// Its exponents at each budget, joined, and beside them the one that remains.
void add_curve(Panel& panel, const BudgetCurve& curve, std::size_t style, double remains_at,
               double aside) {
  const law::BudgetFit& fit = curve.fit;
  const Series look{.style = style, .aside = aside, .of = curve.architecture};
  Series line = look, bars = look, marks = look;
  line.name = curve.architecture;
  line.detail = fit.alpha ? fmt::format("{}{} remains", rounded(*fit.alpha, 2),
                                        fit.tells() ? "" : " (too short to tell)")
                          : "nothing remains that can be given";
  bars.kind = Kind::upright, bars.size = 1.5, bars.ends = Ends::open;
  marks.kind = Kind::marks, marks.size = 8;
  for (std::size_t i = 0; i < fit.budgets.size(); ++i) {
    const law::Fit& one = fit.fits[i];
    if (one.alpha)
      line.points.push_back(
          alpha_point(curve, fit.budgets[i], fit.budgets[i], *one.alpha, one.interval));
  }
  bars.points = marks.points = line.points;
  if (fit.alpha) {
    bars.points.push_back(alpha_point(curve, remains_at, {}, *fit.alpha, fit.interval));
    marks.points.push_back(bars.points.back());
    if (!fit.tells())
      panel.labels.push_back(
          {.x = remains_at, .y = *fit.alpha, .words = "?", .place = Label::Place::start});
  }
  for (Point& point : line.points) point.low = point.high = std::nullopt;
  for (Series& series : {std::ref(line), std::ref(bars), std::ref(marks)})
    if (!series.points.empty()) panel.series.push_back(std::move(series));
}

void fit_axis(Axis& y, const Panel& panel) {
  y.low = 0, y.high = 1;
  for (const Series& series : panel.series) {
    for (const Point& point : series.points) {
      for (const std::optional<double>& end : {point.y, point.low, point.high}) {
        if (!end) continue;
        y.low = std::min(y.low, std::max(*end, law::alpha_lowest));
        y.high = std::max(y.high, std::min(*end, law::alpha_highest));
      }
    }
  }
  const double pad = 0.06 * (y.high - y.low);
  y.low -= pad, y.high += pad;
  y.ticks = round_ticks(y.low, y.high);
}

Figure budget_figure(const std::vector<const BudgetCurve*>& curves,
                     const std::vector<Group>& groups) {
  std::set<double> budgets;
  for (const BudgetCurve* curve : curves)
    budgets.insert(curve->fit.budgets.begin(), curve->fit.budgets.end());
  const double first = *budgets.begin();
  const double last = *budgets.rbegin();
  const double step = last / *std::next(budgets.rbegin());
  Axis x{.title = "budget, " + curves.front()->budget_key,
         .scale = Scale::logarithmic,
         .low = first / std::sqrt(step),
         .high = last * step * std::sqrt(step)};
  for (const double budget : budgets) x.ticks.push_back({budget, budget_word(budget), false});
  x.ticks.push_back({last * step, budget_word({}), true});
  Panel panel{.y = {.title = "exponent \u03b1"}};
  double aside = -4.0 * (static_cast<double>(curves.size()) - 1) / 2;
  for (const BudgetCurve* curve : curves) {
    add_curve(panel, *curve, style_of(groups, curve->architecture), last * step, aside);
    aside += 4;
  }
  fit_axis(panel.y, panel);
  const std::string task = full_name(curves.front()->task, curves.front()->axes);
  Figure figure{.file = file_name("budgets-" + curves.front()->task),
                .title = "Exponent against the budget",
                .subtitle = "remains: where more steps would change nothing; ?: too short to tell",
                .task = task,
                .width = 560,
                .height = 400};
  figure.columns.push_back({.x = std::move(x), .panels = {std::move(panel)}});
  return figure;
}

}  // namespace

std::vector<Figure> budget_figures(const Findings& findings, const std::vector<Group>& groups) {
  std::vector<Figure> all;
  std::set<std::pair<std::string, std::string>> done;
  for (const BudgetCurve& one : findings.budgets) {
    if (!done.emplace(one.task, one.axes).second) continue;
    std::vector<const BudgetCurve*> curves;
    for (const BudgetCurve& other : findings.budgets) {
      if (other.task == one.task && other.axes == one.axes) curves.push_back(&other);
    }
    all.push_back(budget_figure(curves, groups));
  }
  return all;
}

}  // namespace surd::analysis
