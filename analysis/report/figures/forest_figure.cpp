#include <fmt/format.h>

#include <algorithm>

#include "analysis/report/figures/figures.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

// A row a group (its name alone) or a series.
struct Row {
  const Group* group = nullptr;
  const Shown* shown = nullptr;  // none: the group's name
  std::optional<double> value{};
  law::Interval interval{}, unwidened{};
  std::vector<std::pair<std::string, double>>
      others{};  // the exponent where a choice is made otherwise
};

std::vector<std::pair<std::string, double>> others_of(const Findings& findings,
                                                      const law::Series& series) {
  std::vector<std::pair<std::string, double>> others;
  for (const SensitiveSeries& one : findings.sensitivity.series) {
    if (one.task != series.task || one.axes != series.axes ||
        one.architecture != series.architecture)
      continue;
    for (const Otherwise& other : one.tau) {
      if (other.alpha && other.choice != findings.settings.tau)
        others.emplace_back(fmt::format("\u03c4 {:g}", other.choice), *other.alpha);
    }
    for (const Otherwise& other : one.learning_rate) {
      if (other.alpha)
        others.emplace_back(fmt::format("learning rate {:g} alone", other.choice), *other.alpha);
    }
  }
  return others;
}

// Rows of all groups that have any; each headed by its name where there are several groups.
template <typename RowOf>
std::vector<Row> rows_of(const std::vector<Group>& groups, RowOf&& row_of) {
  std::vector<Row> rows;
  for (const Group& group : groups) {
    std::vector<Row> found;
    for (const Shown& shown : group.series) {
      if (std::optional<Row> row = row_of(*shown.finding)) {
        row->group = &group, row->shown = &shown;
        found.push_back(std::move(*row));
      }
    }
    if (!found.empty() && groups.size() > 1) rows.push_back({.group = &group});
    rows.insert(rows.end(), found.begin(), found.end());
  }
  return rows;
}

void add_row(Panel& panel, const Row& row, double y, const std::string& symbol) {
  const auto end = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.2f}", *value) : std::string("open");
  };
  const std::string& architecture = row.shown->finding->series.architecture;
  const std::string name = name_of(*row.group) + ", " + architecture;
  const std::string words =
      fmt::format("{}\n{} = {:.2f}\n95 % {} to {}\nunwidened {} to {}", name, symbol, *row.value,
                  end(row.interval.low), end(row.interval.high), end(row.unwidened.low),
                  end(row.unwidened.high));
  const auto bar = [&](const law::Interval& interval, double size, Ends ends) {
    Series series{.kind = Kind::across,
                  .style = row.shown->style,
                  .size = size,
                  .ends = ends,
                  .of = architecture};
    series.points.push_back(
        {.x = *row.value, .y = y, .low = interval.low, .high = interval.high, .hover = words});
    panel.series.push_back(std::move(series));
  };
  bar(row.interval, 1.5, Ends::open);
  bar(row.unwidened, 4, Ends::none);
  Series mark{.kind = Kind::marks, .style = row.shown->style, .size = 10, .of = architecture};
  mark.points.push_back({.x = *row.value, .y = y, .hover = words});
  panel.series.push_back(std::move(mark));
  Series others{.kind = Kind::marks, .size = 7};
  for (const auto& [choice, alpha] : row.others) {
    others.points.push_back({.x = alpha,
                             .y = y + 0.3,
                             .hover = fmt::format("{}\n{}: \u03b1 = {:.2f}", name, choice, alpha),
                             .symbol = "tick"});
  }
  if (!row.others.empty()) panel.series.push_back(std::move(others));
}

// `x` shows at least what it spans; dotted lines at `guides`.
Figure forest(const std::vector<Row>& rows, const std::string& symbol, Axis x,
              const std::vector<double>& guides) {
  if (rows.empty()) return {};
  for (const Row& row : rows) {
    if (!row.value) continue;
    std::vector<std::optional<double>> ends = {row.value, row.interval.low, row.interval.high,
                                               row.unwidened.low, row.unwidened.high};
    for (const auto& [choice, alpha] : row.others) ends.push_back(alpha);
    for (const std::optional<double>& end : ends) {
      x.low = std::min(x.low, end.value_or(x.low));
      x.high = std::max(x.high, end.value_or(x.high));
    }
  }
  const double pad = 0.06 * (x.high - x.low);
  x.low -= pad, x.high += pad;
  x.ticks = round_ticks(x.low, x.high);
  x.grid = false;
  Panel panel{.y = {.low = static_cast<double>(rows.size()) - 0.4,
                    .high = -0.6,
                    .grid = false,
                    .framed = false}};
  for (const double at : guides) {
    panel.series.push_back(
        {.dotted = true, .points = {{.x = at, .y = panel.y.low}, {.x = at, .y = panel.y.high}}});
  }
  bool refitted = false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    const auto y = static_cast<double>(i);
    panel.y.ticks.push_back(
        {y, row.shown ? row.shown->finding->series.architecture : name_of(*row.group),
         row.shown == nullptr});
    if (row.value) add_row(panel, row, y, symbol);
    if (row.shown && !row.value)
      panel.labels.push_back({.x = x.low, .y = y, .words = "no exponent"});
    refitted = refitted || !row.others.empty();
  }
  Figure figure{.subtitle = std::string("thin: 95 %, thick: unwidened") +
                            (refitted ? ", ticks: refitted with other choices" : ""),
                .width = 680,
                .height = 118 + 25 * static_cast<double>(std::max<std::size_t>(2, rows.size())),
                .height_counts = true};
  figure.columns.push_back({.x = std::move(x), .panels = {std::move(panel)}});
  return figure;
}

}  // namespace

Figure exponents_figure(const Findings& findings, const std::vector<Group>& groups) {
  const auto row_of = [&](const Finding& finding) {
    Row row{.value = finding.fit.alpha,
            .interval = finding.fit.interval,
            .unwidened = finding.fit.unwidened};
    if (row.value) row.others = others_of(findings, finding.series);
    return std::optional(row);
  };
  Figure figure =
      forest(rows_of(groups, row_of), "\u03b1", {.title = "exponent \u03b1"}, {0, 0.5, 1});
  figure.file = "exponents";
  figure.title = "Exponents";
  return figure;
}

Figure differences_figure(const Findings& findings, const std::vector<Group>& groups) {
  const auto row_of = [&](const Finding& finding) {
    const Comparison* comparison = comparison_of(findings.contrasts, finding.series);
    if (!comparison || !comparison->contrast.delta) return std::optional<Row>();
    const law::Contrast& contrast = comparison->contrast;
    return std::optional(Row{
        .value = contrast.delta, .interval = contrast.interval, .unwidened = contrast.unwidened});
  };
  Figure figure = forest(rows_of(groups, row_of), "\u0394\u03b1",
                         {.title = "\u0394\u03b1", .low = -0.25, .high = 0.25}, {0});
  figure.file = "differences";
  figure.title = "Difference from " + findings.settings.baseline;
  return figure;
}

}  // namespace surd::analysis
