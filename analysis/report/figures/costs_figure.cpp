#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "analysis/report/figures/learning_curves.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

Series series_of(const Group& group, const Shown& shown, std::vector<std::size_t> places,
                 std::size_t most, const Training& training, const Input& input) {
  const std::string& architecture = shown.finding->series.architecture;
  Series series{
      .kind = Kind::marks, .style = shown.style, .size = 7, .opacity = 0.65, .of = architecture};
  std::sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    return std::tuple(training.flops[a], a) < std::tuple(training.flops[b], b);
  });
  for (const std::size_t k : evenly(places.size(), most)) {
    const law::Trial& trial = input.trials[places[k]];
    const double flops = training.flops[places[k]];
    const double seconds = training.seconds[places[k]];
    series.points.push_back(
        {.x = four_digits(flops),
         .y = four_digits(seconds),
         .hover =
             fmt::format("{}, {}\nL {:g}, D {:g}\n{} in {} s: {}", name_of(group), architecture,
                         trial.length, law::width_of(trial), with_prefix(flops, "FLOP"),
                         short_text(seconds), with_prefix(flops / seconds, "FLOP/s"))});
  }
  return series;
}

// Points on one dotted line were trained at one rate, a power of ten.
void add_rates(Panel& panel, const Axis& x) {
  const double left = std::log10(x.low), right = std::log10(x.high),
               bottom = std::log10(panel.y.low), top = std::log10(panel.y.high);
  for (double power = std::ceil(left - top); power <= right - bottom; ++power) {
    const double from = std::max(left, bottom + power);
    const double to = std::min(right, top + power);
    if (to - from < 0.15 * (right - left)) continue;
    const auto at = [&](double place) {
      return Point{.x = std::pow(10, place), .y = std::pow(10, place - power)};
    };
    panel.series.insert(panel.series.begin(), {.dotted = true, .points = {at(from), at(to)}});
    panel.labels.push_back(
        {.x = std::pow(10, to),
         .y = std::pow(10, to - power),
         .words = with_prefix(std::pow(10, power), "FLOP/s"),
         .place = to - power > top - 1e-9 ? Label::Place::above : Label::Place::end});
  }
}

Axis axis_of(const std::string& title, double low, double high) {
  const double margin = std::pow(10, 0.12);
  Axis axis{
      .title = title, .scale = Scale::logarithmic, .low = low / margin, .high = high * margin};
  axis.ticks = power_ticks(axis.low, axis.high);
  return axis;
}

Figure figure_of(Panel panel) {
  Figure figure{.file = "seconds-against-flops",
                .title = "Seconds against FLOPs",
                .subtitle = "a point a trial; dots: equal rates",
                .width = 900,
                .height = 600};
  if (panel.series.empty()) return figure;
  double flops[] = {INFINITY, 0}, seconds[] = {INFINITY, 0};
  for (const Series& series : panel.series) {
    for (const Point& point : series.points) {
      flops[0] = std::min(flops[0], point.x), flops[1] = std::max(flops[1], point.x);
      seconds[0] = std::min(seconds[0], *point.y), seconds[1] = std::max(seconds[1], *point.y);
    }
  }
  Axis x = axis_of("training FLOPs, logarithmic", flops[0], flops[1]);
  panel.y = axis_of("seconds, logarithmic", seconds[0], seconds[1]);
  add_rates(panel, x);
  figure.columns.push_back({.x = std::move(x), .panels = {std::move(panel)}});
  return figure;
}

}  // namespace

TrainingFigures training_figures(const Training& training, const Input& input,
                                 const Findings& findings, const std::vector<Group>& groups,
                                 const Sampling& sampling) {
  TrainingFigures figures;
  figures.curves =
      learning_curves(training, input, findings, groups, sampling, figures.curves_sampled);
  const Places places = places_of(input);
  const std::size_t most =
      std::max<std::size_t>(2, sampling.scattered / std::max<std::size_t>(1, findings.fits.size()));
  Panel panel;
  std::set<std::string> named;
  for (const Group& group : groups) {
    for (const Shown& shown : group.series) {
      std::vector<std::size_t> trained;
      for (const std::size_t i : places.at(key_of(shown.finding->series))) {
        if (was_trained(training, i)) trained.push_back(i);
      }
      figures.costs_sampled.trials += trained.size();
      Series series = series_of(group, shown, std::move(trained), most, training, input);
      figures.costs_sampled.shown += series.points.size();
      if (series.points.empty()) continue;
      if (named.insert(series.of).second) series.name = series.of;
      panel.series.push_back(std::move(series));
    }
  }
  figures.costs = figure_of(std::move(panel));
  return figures;
}

}  // namespace surd::analysis
