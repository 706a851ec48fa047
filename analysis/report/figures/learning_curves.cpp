#include "analysis/report/figures/learning_curves.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

struct Amount {
  std::size_t widths;
  std::size_t runs;
};

struct Run {
  std::size_t trial = 0;
  bool counts = false;  // at the learning rate that is the seed's best
};

struct Width {
  double width = 0;
  double size = 0;        // in the input's unit
  std::vector<Run> runs;  // in the order in which they are shown
};

struct Length {  // of one series
  double length = 0;
  std::vector<Width> widths;  // nearest to the threshold first
};

const Threshold* threshold_at(const Shown& shown, double length) {
  for (const Threshold& threshold : shown.finding->thresholds) {
    if (threshold.point.length == length) return &threshold;
  }
  return nullptr;
}

// Width that the seeds of a length need, or the last that was tried in its direction; 0 where
// neither is known.
double middle_of(const Threshold* threshold) {
  return threshold ? threshold->point.width.value_or(threshold->edge.value_or(0)) : 0;
}

// `stands`: which trials stand for their seed.
std::vector<Length> lengths_of(const Shown& shown, const std::vector<std::size_t>& places,
                               const std::vector<bool>& stands, const Training& training,
                               const Input& input) {
  std::map<double, std::map<double, std::map<std::int64_t, std::vector<std::size_t>>>>
      sorted;  // length, width, seed
  for (const std::size_t i : places) {
    const law::Trial& trial = input.trials[i];
    if (training.curves.count[i] > 0) sorted[trial.length][trial.hidden][trial.seed].push_back(i);
  }
  std::vector<Length> lengths;
  for (const auto& [length, widths] : sorted) {
    Length one{.length = length, .widths = {}};
    for (const auto& [size, seeds] : widths) {
      std::vector<Run> first, others;
      for (const auto& [seed, trials] : seeds) {
        for (const std::size_t i : trials) (stands[i] ? first : others).push_back({i, stands[i]});
      }
      first.insert(first.end(), others.begin(), others.end());
      one.widths.push_back({.width = law::width_of(input.trials[first.front().trial]),
                            .size = size,
                            .runs = std::move(first)});
    }
    const double middle = middle_of(threshold_at(shown, length));
    if (middle > 0) {
      std::stable_sort(one.widths.begin(), one.widths.end(), [&](const Width& a, const Width& b) {
        return std::abs(std::log(a.size / middle)) < std::abs(std::log(b.size / middle));
      });
    }
    lengths.push_back(std::move(one));
  }
  return lengths;
}

using Chosen = std::vector<std::vector<Length>>;  // a list a series

std::size_t curves_in(const Chosen& all, const Amount& amount) {
  std::size_t curves = 0;
  for (const auto& lengths : all) {
    for (const Length& length : lengths) {
      for (std::size_t i = 0; i < std::min(amount.widths, length.widths.size()); ++i)
        curves += std::min(amount.runs, length.widths[i].runs.size());
    }
  }
  return curves;
}

// The most that stays within the bound; the lengths are thinned where one run a width is still too
// much.
Amount settle_amount(Chosen& all, const Sampling& sampling) {
  for (std::size_t widths = sampling.widths; widths >= 1; widths = widths > 2 ? 2 : widths - 1) {
    for (std::size_t runs = sampling.runs; runs >= (widths > 2 ? 3 : 1); --runs) {
      if (curves_in(all, {widths, runs}) <= sampling.curves) return {widths, runs};
    }
  }
  const std::size_t most =
      std::max<std::size_t>(1, sampling.curves / std::max<std::size_t>(1, all.size()));
  for (auto& lengths : all) {
    std::vector<Length> kept;
    for (const std::size_t i : evenly(lengths.size(), most)) kept.push_back(std::move(lengths[i]));
    lengths = std::move(kept);
  }
  return {1, 1};
}

void take(Length& length, const Amount& amount) {
  length.widths.resize(std::min(length.widths.size(), amount.widths));
  std::sort(length.widths.begin(), length.widths.end(),
            [](const Width& a, const Width& b) { return a.width < b.width; });
  for (Width& width : length.widths) width.runs.resize(std::min(amount.runs, width.runs.size()));
}

// --- The figure of a length

struct RunSeries {
  Series accuracy, loss_train, loss_validation;
};

RunSeries series_of(const Run& run, double hidden, std::size_t style, const Training& training,
                    const Input& input, std::size_t most) {
  const store::Curves& curves = training.curves;
  const law::Trial& trial = input.trials[run.trial];
  std::vector<std::size_t> trained, validated;
  const auto start = static_cast<std::size_t>(curves.start[run.trial]);
  for (std::size_t at = start; at < start + static_cast<std::size_t>(curves.count[run.trial]);
       ++at) {
    trained.push_back(at);
    if (!std::isnan(curves.accuracy_validation[at])) validated.push_back(at);
  }
  const std::string name =
      fmt::format("D = {:g}, seed {}, learning rate {:g}{}", hidden, trial.seed,
                  trial.learning_rate, run.counts ? "" : "\nnot the best rate of its seed");
  const auto series = [&](double size, const std::string& words,
                          const std::vector<std::size_t>& from, const std::vector<double>& values,
                          double unit) {
    Series one{
        .size = size, .opacity = run.counts ? 1 : 0.45, .hover = name + "\nstep {x}: " + words};
    if (run.counts) one.style = style;
    for (const std::size_t i : evenly(from.size(), most)) {
      const double value = unit * values[from[i]];
      one.points.push_back({.x = static_cast<double>(curves.step[from[i]])});
      if (std::isfinite(value)) one.points.back().y = four_digits(value);
    }
    return one;
  };
  RunSeries out{
      .accuracy = series(2, "accuracy {y} %", validated, curves.accuracy_validation, 100),
      .loss_train = series(1, "training loss {y}", trained, curves.loss_train, 1),
      .loss_validation = series(1.8, "validation loss {y}", validated, curves.loss_validation, 1)};
  out.loss_train.dotted = true;
  return out;
}

// Of the losses that a logarithmic axis can show.
Axis loss_axis(const std::vector<Column>& columns) {
  Axis axis{.title = "loss (nat)", .scale = Scale::logarithmic, .low = INFINITY, .high = 0};
  for (const Column& column : columns) {
    for (const Series& series : column.panels[1].series) {
      for (const Point& point : series.points) {
        if (!point.y || *point.y <= 0) continue;
        axis.low = std::min(axis.low, *point.y);
        axis.high = std::max(axis.high, *point.y);
      }
    }
  }
  if (axis.high == 0) axis.low = 0.1, axis.high = 1;
  axis.low *= 0.8, axis.high *= 1.25;
  axis.ticks = power_ticks(axis.low, axis.high);
  return axis;
}

Axis step_axis(const std::vector<Column>& columns) {
  Axis axis{.title = "step", .high = 1};
  for (const Column& column : columns) {
    for (const Series& series : column.panels[1].series) {
      for (const Point& point : series.points) axis.high = std::max(axis.high, point.x);
    }
  }
  axis.high *= 1.02;
  axis.ticks = round_ticks(0, axis.high, 4);
  for (Tick& tick : axis.ticks) {
    if (tick.at >= 1000) tick.words = fmt::format("{:g}k", tick.at / 1000);
  }
  return axis;
}

Figure figure_of(const Length& length, const Group& group, const Shown& shown,
                 const Training& training, const Input& input, const Findings& findings,
                 std::size_t points) {
  const std::string& architecture = shown.finding->series.architecture;
  const Threshold* threshold = threshold_at(shown, length.length);
  const Axis accuracy{.title = "accuracy",
                      .low = -4,
                      .high = 104,
                      .ticks = {{0, "0 %"}, {50, "50 %"}, {100, "100 %"}}};
  Figure figure{.file = file_name(
                    fmt::format("{}-{}-L{:g}-curves", name_of(group), architecture, length.length)),
                .title = "Learning curves",
                .subtitle = fmt::format("{}, L = {:g}", cut(architecture, 24), length.length),
                .task = name_of(group),
                .choice = {architecture, fmt::format("{:g}", length.length)},
                .width = 900,
                .height = 600};
  if (threshold && threshold->point.width)
    figure.subtitle += fmt::format(", threshold {} = {}", symbol_of(findings),
                                   short_text(*threshold->point.width));
  for (const Width& width : length.widths) {
    Panel above{.y = accuracy}, below;
    for (auto run = width.runs.rbegin(); run != width.runs.rend();
         ++run) {  // those that count on top
      RunSeries series = series_of(*run, width.width, shown.style, training, input, points);
      above.series.push_back(std::move(series.accuracy));
      below.series.push_back(std::move(series.loss_train));
      below.series.push_back(std::move(series.loss_validation));
    }
    figure.columns.push_back({.title = fmt::format("D = {:g}", width.width),
                              .panels = {std::move(above), std::move(below)}});
  }
  const Axis steps = step_axis(figure.columns);
  const Axis losses = loss_axis(figure.columns);
  const double solved = 100 * findings.settings.tau;
  for (Column& column : figure.columns) {
    column.x = steps;
    column.panels[0].series.push_back(
        {.dotted = true,
         .points = {{.x = steps.low, .y = solved}, {.x = steps.high, .y = solved}}});
    column.panels[1].y = losses;
  }
  return figure;
}

}  // namespace

std::vector<std::size_t> evenly(std::size_t size, std::size_t most) {
  std::vector<std::size_t> kept;
  if (size <= most) {
    for (std::size_t i = 0; i < size; ++i) kept.push_back(i);
  } else if (most == 1) {
    kept.push_back(size - 1);
  } else {
    for (std::size_t i = 0; i < most; ++i) kept.push_back(i * (size - 1) / (most - 1));
  }
  return kept;
}

std::vector<std::vector<Figure>> learning_curves(const Training& training, const Input& input,
                                                 const Findings& findings,
                                                 const std::vector<Group>& groups,
                                                 const Sampling& sampling, Sampled& sampled) {
  std::vector<bool> stands(input.trials.size());
  for (const Finding& finding : findings.fits) {
    for (const law::Seed& seed : finding.series.seeds) {
      if (seed.trial) stands[*seed.trial] = true;
    }
  }
  const Places places = places_of(input);
  Chosen chosen;
  sampled = {};
  for (const Group& group : groups) {
    for (const Shown& shown : group.series) {
      const auto& of_series = places.at(key_of(shown.finding->series));
      for (const std::size_t i : of_series) sampled.trials += training.curves.count[i] > 0 ? 1 : 0;
      chosen.push_back(lengths_of(shown, of_series, stands, training, input));
    }
  }
  const Amount amount = settle_amount(chosen, sampling);
  sampled.shown = curves_in(chosen, amount);
  std::vector<std::vector<Figure>> figures;
  std::size_t series = 0;
  for (const Group& group : groups) {
    figures.emplace_back();
    for (const Shown& shown : group.series) {
      for (Length& length : chosen[series++]) {
        take(length, amount);
        figures.back().push_back(
            figure_of(length, group, shown, training, input, findings, sampling.points));
      }
    }
  }
  return figures;
}

}  // namespace surd::analysis
