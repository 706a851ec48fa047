#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/input/scale.hpp"
#include "analysis/report/figures/figures.hpp"
#include "analysis/report/text.hpp"
#include "law/thresholds.hpp"

namespace surd::analysis {
namespace {

constexpr int line_points = 33;  // of a fitted law: enough for a smooth band

std::string interval_in_words(const law::Interval& interval) {
  if (interval.closed())
    return fmt::format("95 % interval {} to {}", short_text(*interval.low),
                       short_text(*interval.high));
  if (interval.low)
    return fmt::format("95 % interval from {}, open above", short_text(*interval.low));
  if (interval.high)
    return fmt::format("95 % interval up to {}, open below", short_text(*interval.high));
  return "95 % interval open";
}

std::string in_legend(const law::Fit& fit) {
  return fit.alpha ? "\u03b1 = " + typeset(rounded(*fit.alpha, 2) + " " + text(fit.interval))
                   : "no exponent";
}

Point point_of(const law::Point& point) {
  return {
      .x = point.length, .y = point.width, .low = point.interval.low, .high = point.interval.high};
}

// The law and its band, no points where there is none.
std::vector<Point> law_of(const Finding& finding, const law::Options& options,
                          const std::string& unit) {
  std::vector<Point> points;
  const std::vector<double>& lengths = finding.fit.lengths;
  if (!finding.fit.alpha || lengths.size() < 2) return points;
  const double low = std::log(lengths.front());
  const double high = std::log(lengths.back());
  for (int i = 0; i < line_points; ++i) {
    const double length = std::exp(low + (high - low) * i / (line_points - 1));
    const law::Point point = law::predict(finding.series.cells, options, finding.fit, length);
    points.push_back(point_of(point));
    points.back().hover = fmt::format(
        "{}, fitted law\nlength {}: {} {}\n{}", finding.series.architecture, short_text(length),
        unit, short_text(point.width.value_or(NAN)), interval_in_words(point.interval));
  }
  return points;
}

// Which ends of a point's interval are known: 3 both, 1 the lower, 2 the upper, 0 none.
int known_ends(const Point& point) { return (point.low ? 1 : 0) + (point.high ? 2 : 0); }

// The band of a law where both its ends are known. Where one is open its other end alone, dotted,
// with triangles towards the open side: a band would fill the panel.
void add_band(Panel& panel, const Series& law) {
  const std::vector<Point>& all = law.points;
  for (std::size_t first = 0, last = 0; first < all.size(); first = last) {
    while (last < all.size() && known_ends(all[last]) == known_ends(all[first])) ++last;
    const int known = known_ends(all[first]);
    if (known == 0 || last - first < 2) continue;
    Series part = law;
    part.points.assign(all.begin() + static_cast<std::ptrdiff_t>(first),
                       all.begin() + static_cast<std::ptrdiff_t>(last));
    if (known == 3) {
      part.kind = Kind::band;
      panel.series.push_back(std::move(part));
      continue;
    }
    for (Point& point : part.points) {
      point.y = known == 1 ? point.low : point.high;
      point.low = point.high = std::nullopt;
    }
    Series marks = part;
    marks.kind = Kind::marks, marks.size = 8;
    marks.points.clear();
    for (const std::size_t i :
         {std::size_t{0}, (part.points.size() - 1) / 2, part.points.size() - 1}) {
      const Point& point = part.points[i];
      if (*point.y <= panel.y.low || *point.y >= panel.y.high) continue;  // beyond the panel
      marks.points.push_back(point);
      marks.points.back().symbol = known == 1 ? "up" : "down";
      marks.points.back().hover = fmt::format("{}, fitted law\n95 % interval open {}", law.of,
                                              known == 1 ? "above" : "below");
    }
    part.kind = Kind::line, part.size = 1.5, part.dotted = true;
    panel.series.push_back(std::move(part));
    if (!marks.points.empty()) panel.series.push_back(std::move(marks));
  }
}

void add_thresholds(Panel& panel, const Shown& shown, const Series& look, const std::string& unit) {
  Series bars = look, marks = look;
  bars.kind = Kind::upright, bars.size = 1.5;
  marks.kind = Kind::marks, marks.size = 10;
  for (const Threshold& threshold : shown.finding->thresholds) {
    Point point = point_of(threshold.point);
    if (point.y && (point.low || point.high)) bars.points.push_back(point);
    if (!point.y && !threshold.edge) continue;
    std::string words =
        threshold.above
            ? fmt::format("no {} up to {:g} is solved", unit, threshold.edge.value_or(0))
            : fmt::format("every {} from {:g} is solved", unit, threshold.edge.value_or(0));
    if (point.y)
      words = fmt::format("threshold {} {}\n{}", unit, short_text(*point.y),
                          interval_in_words(threshold.point.interval));
    if (!point.y) point.symbol = threshold.above ? "up" : "down";
    point.y = point.y ? point.y : threshold.edge;
    point.hover =
        fmt::format("{}\nlength {:g}: {}", shown.finding->series.architecture, point.x, words);
    marks.points.push_back(std::move(point));
  }
  panel.series.push_back(std::move(bars));
  panel.series.push_back(std::move(marks));
}

// The slope of sqrt(L), through the middle of the fitted lines; no points where there are none.
Series guide_of(const std::vector<Series>& laws, const std::vector<double>& lengths) {
  Series guide{.dotted = true, .size = 1.5, .name = "slope of \u221aL"};
  double sum = 0;
  int fitted = 0;
  for (const Series& law : laws) {
    if (law.points.empty()) continue;
    sum += std::log(law.points[law.points.size() / 2].y.value_or(1));
    ++fitted;
  }
  if (fitted == 0) return guide;
  const double middle = std::sqrt(lengths.front() * lengths.back());
  for (const double length : {lengths.front(), lengths.back()}) {
    guide.points.push_back({.x = length, .y = std::exp(sum / fitted) * std::sqrt(length / middle)});
  }
  return guide;
}

Axis size_axis(const Findings& findings, const Group& group) {
  const bool is_width = findings.settings.scale == SizeScale::hidden;
  Axis axis{.title = fmt::format("{} needed, logarithmic",
                                 is_width ? "width D" : words_of(findings.settings.scale).unit),
            .scale = Scale::logarithmic,
            .low = group.sizes.front(),
            .high = group.sizes.back()};
  for (const Shown& shown : group.series) {
    for (const Threshold& threshold : shown.finding->thresholds) {
      axis.low = std::min(axis.low, threshold.point.width.value_or(axis.low));
      axis.high = std::max(axis.high, threshold.point.width.value_or(axis.high));
    }
  }
  axis.low /= 1.35, axis.high *= 1.35;
  axis.ticks = is_width ? ticks_at(group.widths) : power_ticks(axis.low, axis.high);
  return axis;
}

}  // namespace

Figure threshold_figure(const Findings& findings, const Group& group) {
  Figure figure{.file = file_name(name_of(group) + "-thresholds"),
                .title = fmt::format("Threshold {}", words_of(findings.settings.scale).unit),
                .subtitle = "bars and bands: 95 %",
                .task = name_of(group)};
  if (group.lengths.empty()) return figure;
  Panel panel{.y = size_axis(findings, group)};
  std::vector<Series> laws, looks;
  for (const Shown& shown : group.series) {
    const Finding& finding = *shown.finding;
    Series look{.style = shown.style, .of = finding.series.architecture};
    // Slightly beside each other, so that the intervals of two architectures at one length can be
    // told apart.
    look.aside = 5 * (static_cast<double>(looks.size()) -
                      (static_cast<double>(group.series.size()) - 1) / 2);
    looks.push_back(look);
    Series law{.style = shown.style,
               .size = 2.5,
               .of = look.of,
               .name = look.of,
               .detail = in_legend(finding.fit)};
    law.points = law_of(finding, findings.settings.options, words_of(findings.settings.scale).unit);
    laws.push_back(law);
    law.name = "", law.detail = "";
    for (Point& point : law.points) point.hover = "";
    add_band(panel, law);
  }
  panel.series.insert(panel.series.end(), laws.begin(), laws.end());
  if (Series guide = guide_of(laws, group.lengths); !guide.points.empty())
    panel.series.push_back(std::move(guide));
  const std::string unit = words_of(findings.settings.scale).unit;
  for (std::size_t i = 0; i < looks.size(); ++i)
    add_thresholds(panel, group.series[i], looks[i], unit);
  figure.columns.push_back({.x = {.title = "length L (tokens), logarithmic",
                                  .scale = Scale::logarithmic,
                                  .low = group.lengths.front() / 1.15,
                                  .high = group.lengths.back() * 1.15,
                                  .ticks = ticks_at(group.lengths)},
                            .panels = {std::move(panel)}});
  return figure;
}

}  // namespace surd::analysis
