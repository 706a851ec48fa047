#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/report/figures/figures.hpp"
#include "analysis/report/figures/learning_curves.hpp"
#include "analysis/report/text.hpp"
#include "law/share.hpp"

namespace surd::analysis {
namespace {

constexpr std::size_t success_lengths = 6;  // in a panel, the shortest and the longest among them
constexpr int rise_points = 25;             // of a fitted curve, where it rises
constexpr double lightest = 0.3;            // of the scale that stands on white paper

double shade_of(std::size_t place, std::size_t count) {
  return count < 2 ? 1
                   : lightest + (1 - lightest) * static_cast<double>(place) /
                                    static_cast<double>(count - 1);
}

// The law's curve of a length over the widths, no points where there is none.
Series success_curve(const law::Fit& fit, double length, const Axis& x, double shade) {
  Series curve{.shade = shade, .size = 2, .name = {}};
  if (!fit.alpha) return curve;
  constexpr double reach = 6;  // beyond it to both sides the odds are above 400 to 1
  const double middle =
      std::log(*fit.threshold) + *fit.alpha * (std::log(length) - law::mean_log(fit.lengths));
  const auto add = [&](double hidden) {
    curve.points.push_back({.x = hidden, .y = law::success(fit, length, hidden)});
  };
  add(x.low);
  for (int i = 0; i < rise_points; ++i) {
    const double hidden = std::exp(middle + reach * (2.0 * i / (rise_points - 1) - 1) / *fit.kappa);
    if (hidden > x.low && hidden < x.high) add(hidden);
  }
  add(x.high);
  return curve;
}

// Solved seeds of a length's cells: bars and marks.
std::pair<Series, Series> success_cells(const law::Series& series, double length, double shade,
                                        double aside) {
  Series bars{.kind = Kind::upright, .shade = shade, .size = 1, .opacity = 0.5, .aside = aside};
  Series marks{.kind = Kind::marks, .shade = shade, .size = 5, .aside = aside};
  for (const law::Cell& cell : series.cells) {
    if (cell.length != length) continue;
    const auto share = law::share_of(cell.solved, cell.seeds);
    if (!share) continue;
    if (cell.seeds > 1)  // of one seed the interval is nearly everything
      bars.points.push_back({.x = cell.hidden, .low = share->low, .high = share->high});
    marks.points.push_back({.x = cell.hidden, .y = share->value});
  }
  return {std::move(bars), std::move(marks)};
}

// Which length has which shade, at the right of the panel.
void add_key(Panel& panel, const std::vector<double>& lengths, const Axis& x) {
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    panel.labels.push_back({.x = x.high,
                            .y = 0.94 - 0.13 * static_cast<double>(i),
                            .words = fmt::format("{}{:g}", i == 0 ? "L = " : "", lengths[i]),
                            .shade = shade_of(i, lengths.size())});
  }
}

Axis shared_width_axis(const std::vector<Group>& groups) {
  std::vector<double> widths;
  for (const Group& group : groups)
    widths.insert(widths.end(), group.widths.begin(), group.widths.end());
  std::sort(widths.begin(), widths.end());
  widths.erase(std::unique(widths.begin(), widths.end()), widths.end());
  return {.title = "width D, logarithmic",
          .scale = Scale::logarithmic,
          .low = widths.front() / 1.25,
          .high = widths.back() * 1.25,
          .ticks = ticks_at(widths),
          .grid = false};
}

Panel success_panel(const Group& group, const Shown* shown, const Axis& x, const std::string& title,
                    bool key) {
  Panel panel{
      .y = {
          .title = title, .low = -0.05, .high = 1.05, .ticks = {{0, "0"}, {0.5, "0.5"}, {1, "1"}}}};
  std::vector<double> lengths;
  for (const std::size_t i : evenly(group.lengths.size(), success_lengths))
    lengths.push_back(group.lengths[i]);
  if (key) add_key(panel, lengths, x);
  if (!shown) return panel;
  const Finding& finding = *shown->finding;
  std::vector<Series> marks;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const double shade = shade_of(i, lengths.size());
    const double aside =
        1.6 * (static_cast<double>(i) - (static_cast<double>(lengths.size()) - 1) / 2);
    Series curve = success_curve(finding.fit, lengths[i], x, shade);
    auto [bars, dots] = success_cells(finding.series, lengths[i], shade, aside);
    panel.series.push_back(std::move(bars));
    if (!curve.points.empty()) panel.series.push_back(std::move(curve));
    marks.push_back(std::move(dots));
  }
  for (Series& dots : marks) panel.series.push_back(std::move(dots));
  return panel;
}

}  // namespace

Figure success_figure(const Findings& findings, const std::vector<Group>& groups) {
  Figure figure{.file = "success",
                .title = "Share of seeds solved",
                .subtitle = "bars: 95 %, of several seeds; lines: the fitted law; darker: longer L",
                .height_counts = true};
  std::vector<std::string> architectures;
  std::vector<const Group*> shown_groups;
  for (const Group& group : groups) {
    if (group.widths.empty()) continue;
    shown_groups.push_back(&group);
    for (const Shown& shown : group.series) {
      const std::string& name = shown.finding->series.architecture;
      if (std::ranges::find(architectures, name) == architectures.end())
        architectures.push_back(name);
    }
  }
  if (shown_groups.empty()) return figure;
  const Axis x = shared_width_axis(groups);
  for (std::size_t i = 0; i < architectures.size(); ++i) {
    Column column{.title = architectures[i], .x = x};
    for (const Group* group : shown_groups) {
      const auto shown = std::ranges::find_if(group->series, [&](const Shown& one) {
        return one.finding->series.architecture == architectures[i];
      });
      const std::string title = shown_groups.size() == 1 ? std::string("share of seeds solved")
                                                         : "solved, " + cut(name_of(*group), 20);
      column.panels.push_back(success_panel(*group,
                                            shown == group->series.end() ? nullptr : &*shown, x,
                                            title, i + 1 == architectures.size()));
    }
    figure.columns.push_back(std::move(column));
  }
  figure.width = std::max(360.0, 90 + 220 * static_cast<double>(architectures.size()));
  figure.height = 110 + 160 * static_cast<double>(shown_groups.size());
  if (findings.fits.size() == 1) figure.task = name_of(*shown_groups.front());
  return figure;
}

}  // namespace surd::analysis
