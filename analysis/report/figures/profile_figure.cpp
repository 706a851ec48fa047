#include <fmt/format.h>

#include <algorithm>

#include "analysis/report/figures/figures.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

constexpr int profile_points = 45;  // of a curve

// D(alpha) over the interval and somewhat beyond it on both sides; up to the end of the search
// where the interval is open.
Series profile_of(const Shown& shown, const law::Options& options) {
  const law::Fit& fit = shown.finding->fit;
  const std::string& name = shown.finding->series.architecture;
  const law::Limits limits = law::limits_of(law::unit_of(shown.finding->series.cells));
  const double low = fit.interval.low.value_or(limits.low);
  const double high = fit.interval.high.value_or(limits.high);
  const double margin = 0.15 * (high - low);
  std::vector<double> alphas = {*fit.alpha, low, high};
  const double first = std::max(limits.low, low - margin);
  const double last = std::min(limits.high, high + margin);
  for (int i = 0; i < profile_points; ++i)
    alphas.push_back(first + (last - first) * i / (profile_points - 1));
  std::sort(alphas.begin(), alphas.end());
  alphas.erase(std::unique(alphas.begin(), alphas.end()), alphas.end());
  Series series{.style = shown.style, .size = 2.5, .of = name, .name = name};
  for (const double alpha : alphas) {
    const double deviance =
        alpha == *fit.alpha
            ? 0
            : std::max(0.0, law::deviance(shown.finding->series.cells, options, fit, alpha));
    series.points.push_back(
        {.x = alpha,
         .y = deviance,
         .hover = fmt::format("{}\n\u03b1 = {:.3f}: D = {}", name, alpha, short_text(deviance))});
  }
  return series;
}

Series interval_of(const Shown& shown) {
  const law::Fit& fit = shown.finding->fit;
  const std::string& name = shown.finding->series.architecture;
  Series bar{
      .kind = Kind::across, .style = shown.style, .size = 1.5, .ends = Ends::all, .of = name};
  const auto words = [](const std::optional<double>& end) {
    return end ? fmt::format("{:.2f}", *end) : std::string("open");
  };
  bar.points.push_back({.x = *fit.alpha,
                        .y = fit.criterion.critical,
                        .low = fit.interval.low,
                        .high = fit.interval.high,
                        .hover = fmt::format("{}\n95 %: D \u2264 {}\n\u03b1 from {} to {}", name,
                                             short_text(fit.criterion.critical),
                                             words(fit.interval.low), words(fit.interval.high))});
  return bar;
}

}  // namespace

Figure profile_figure(const Findings& findings, const Group& group) {
  Figure figure{.file = file_name(name_of(group) + "-profile"),
                .title = "Profile deviance D(\u03b1)",
                .subtitle = "bars: D \u2264 q; dots: 3.84",
                .task = name_of(group),
                .width = 600,
                .height = 460};
  std::vector<const Shown*> fitted;
  Panel panel{.y = {.title = "deviance, root scale",
                    .scale = Scale::root,
                    .low = 0,
                    .high = law::chi_squared_95}};
  for (const Shown& shown : group.series) {
    if (!shown.finding->fit.alpha) continue;
    fitted.push_back(&shown);
    panel.y.high = std::max(panel.y.high, shown.finding->fit.criterion.critical);
  }
  if (fitted.empty()) return figure;
  panel.y.high *= 1.4;
  for (const double deviance : {0.0, 1.0, 4.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0}) {
    if (deviance <= panel.y.high)
      panel.y.ticks.push_back({deviance, fmt::format("{:g}", deviance)});
  }
  Axis x{.title = "exponent \u03b1"};
  for (const Shown* shown : fitted) {
    panel.series.push_back(profile_of(*shown, findings.settings.options));
    for (const Point& point : panel.series.back().points) {
      if (*point.y > panel.y.high) continue;
      x.low = std::min(x.low, point.x);
      x.high = std::max(x.high, point.x);
    }
    panel.series.push_back(interval_of(*shown));
  }
  x.low -= 0.05, x.high += 0.05;
  x.ticks = round_ticks(x.low, x.high);
  const double plain = law::chi_squared_95;
  panel.series.insert(
      panel.series.begin(),
      {.dotted = true, .points = {{.x = x.low, .y = plain}, {.x = x.high, .y = plain}}});
  figure.columns.push_back({.x = std::move(x), .panels = {std::move(panel)}});
  return figure;
}

}  // namespace surd::analysis
