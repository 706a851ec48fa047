#include "analysis/report/training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include "analysis/report/text.hpp"
#include "base/clock.hpp"

namespace surd::analysis {
namespace {

using SeriesKey = std::tuple<std::string, std::string, std::string>;  // task, axes, architecture

SeriesKey key_of(const law::Trial& trial) { return {trial.task, trial.axes, trial.architecture}; }

using Places = std::map<SeriesKey, std::vector<std::size_t>>;  // positions in Input::trials

Places places_of(const Input& input) {
  Places places;
  for (std::size_t i = 0; i < input.trials.size(); ++i) places[key_of(input.trials[i])].push_back(i);
  return places;
}

// `most` of `size` positions: evenly spaced, the first and the last among them.
std::vector<std::size_t> spaced(std::size_t size, std::size_t most) {
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

// Four digits that count: a figure shows no more, and the page stays small.
Json short_number(double value) { return std::isfinite(value) ? Json(std::stod(fmt::format("{:.4g}", value))) : Json(nullptr); }

// --- Learning curves

struct Amount {
  std::size_t widths;
  std::size_t runs;
};

struct Run {
  std::size_t trial = 0;
  bool counts = false;  // at the learning rate that is the seed's best
};

struct Width {
  double hidden = 0;
  std::vector<Run> runs;  // in the order in which they are shown
};

struct Column {  // one length of one series
  double length = 0;
  std::vector<Width> widths;  // nearest to the threshold first
};

// Width that the seeds of a length need, or the last that was tried in its direction.
double middle_of(const Json& thresholds, double length) {
  for (const Json& point : thresholds) {
    if (point["length"] != length) continue;
    if (!point["width"].is_null()) return point["width"];
    if (point.contains("edge")) return point["edge"];
  }
  return 0;
}

// `stands`: which trials stand for their seed.
std::vector<Column> columns_of(const Json& series, const std::vector<std::size_t>& places, const std::vector<bool>& stands, const Training& training,
                               const Input& input) {
  std::map<double, std::map<double, std::map<std::int64_t, std::vector<std::size_t>>>> sorted;  // length, width, seed
  for (const std::size_t i : places) {
    const law::Trial& trial = input.trials[i];
    if (training.curves.count[i] > 0) sorted[trial.length][trial.hidden][trial.seed].push_back(i);
  }
  std::vector<Column> columns;
  for (const auto& [length, widths] : sorted) {
    Column column{.length = length, .widths = {}};
    for (const auto& [width, seeds] : widths) {
      std::vector<Run> shown, others;
      for (const auto& [seed, trials] : seeds) {
        for (const std::size_t i : trials) (stands[i] ? shown : others).push_back({i, stands[i]});
      }
      shown.insert(shown.end(), others.begin(), others.end());
      column.widths.push_back({width, std::move(shown)});
    }
    const double middle = middle_of(series["thresholds"], length);
    if (middle > 0) {
      std::stable_sort(column.widths.begin(), column.widths.end(),
                       [&](const Width& a, const Width& b) { return std::abs(std::log(a.hidden / middle)) < std::abs(std::log(b.hidden / middle)); });
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

std::size_t curves_in(const std::vector<std::vector<Column>>& all, const Amount& amount) {
  std::size_t curves = 0;
  for (const auto& columns : all) {
    for (const Column& column : columns) {
      for (std::size_t i = 0; i < std::min(amount.widths, column.widths.size()); ++i) curves += std::min(amount.runs, column.widths[i].runs.size());
    }
  }
  return curves;
}

// The most that stays within the bound; the lengths are thinned where one run a width is still too much.
Amount settle_amount(std::vector<std::vector<Column>>& all, const Sampling& sampling) {
  for (std::size_t widths = sampling.widths; widths >= 1; widths = widths > 2 ? 2 : widths - 1) {
    for (std::size_t runs = sampling.runs; runs >= (widths > 2 ? 3 : 1); --runs) {
      if (curves_in(all, {widths, runs}) <= sampling.curves) return {widths, runs};
    }
  }
  const std::size_t most = std::max<std::size_t>(1, sampling.curves / std::max<std::size_t>(1, all.size()));
  for (auto& columns : all) {
    std::vector<Column> kept;
    for (const std::size_t i : spaced(columns.size(), most)) kept.push_back(std::move(columns[i]));
    columns = std::move(kept);
  }
  return {1, 1};
}

Json to_json(const Run& shown, const Training& training, const Input& input, std::size_t points) {
  const std::size_t i = shown.trial;
  const store::Curves& curves = training.curves;
  std::vector<std::size_t> trained, validated;
  for (auto at = static_cast<std::size_t>(curves.start[i]); at < static_cast<std::size_t>(curves.start[i] + curves.count[i]); ++at) {
    trained.push_back(at);
    if (!std::isnan(curves.accuracy_validation[at])) validated.push_back(at);
  }
  Json run = {{"seed", input.trials[i].seed}, {"learning_rate", input.trials[i].learning_rate}, {"counts", shown.counts}};
  const auto add = [&](const char* name, const std::vector<std::size_t>& from, const auto& value) {
    Json list = Json::array();
    for (const std::size_t at : spaced(from.size(), points)) list.push_back(value(from[at]));
    run[name] = std::move(list);
  };
  add("step", trained, [&](std::size_t at) { return Json(curves.step[at]); });
  add("loss_train", trained, [&](std::size_t at) { return short_number(curves.loss_train[at]); });
  add("step_validation", validated, [&](std::size_t at) { return Json(curves.step[at]); });
  add("loss_validation", validated, [&](std::size_t at) { return short_number(curves.loss_validation[at]); });
  add("accuracy", validated, [&](std::size_t at) { return short_number(curves.accuracy_validation[at]); });
  return run;
}

Json curves_json(std::vector<Column>& columns, const Amount& amount, const Training& training, const Input& input, std::size_t points) {
  Json list = Json::array();
  for (Column& column : columns) {
    column.widths.resize(std::min(column.widths.size(), amount.widths));
    std::sort(column.widths.begin(), column.widths.end(), [](const Width& a, const Width& b) { return a.hidden < b.hidden; });
    Json cells = Json::array();
    for (Width& width : column.widths) {
      width.runs.resize(std::min(amount.runs, width.runs.size()));
      Json runs = Json::array();
      for (const Run& run : width.runs) runs.push_back(to_json(run, training, input, points));
      cells.push_back({{"hidden", width.hidden}, {"runs", std::move(runs)}});
    }
    list.push_back({{"length", column.length}, {"cells", std::move(cells)}});
  }
  return list;
}

// --- Costs

bool was_trained(const Training& training, std::size_t i) { return training.flops[i] > 0 && training.seconds[i] > 0; }

Json costs_json(std::vector<std::size_t> places, std::size_t most, const Training& training, const Input& input) {
  std::sort(places.begin(), places.end(),
            [&](std::size_t a, std::size_t b) { return std::tuple(training.flops[a], a) < std::tuple(training.flops[b], b); });
  Json costs = {{"length", Json::array()}, {"hidden", Json::array()}, {"flops", Json::array()}, {"seconds", Json::array()}};
  for (const std::size_t k : spaced(places.size(), most)) {
    const std::size_t i = places[k];
    costs["length"].push_back(input.trials[i].length);
    costs["hidden"].push_back(input.trials[i].hidden);
    costs["flops"].push_back(short_number(training.flops[i]));
    costs["seconds"].push_back(short_number(training.seconds[i]));
  }
  return costs;
}

std::string with_prefix(double value, const char* unit) {
  constexpr const char* prefixes[] = {"", "k", "M", "G", "T", "P", "E", "Z"};
  std::size_t i = 0;
  for (; std::abs(value) >= 999.5 && i + 1 < std::size(prefixes); ++i) value /= 1000;
  return fmt::format("{:.3g} {}{}", value, prefixes[i], unit);
}

struct Sum {
  std::int64_t trials = 0;
  std::int64_t trained = 0;
  double planned = 0;          // of all
  double planned_trained = 0;  // of those that were trained
  double spent = 0;
  double seconds = 0;

  void add(const Training& training, std::size_t i) {
    ++trials;
    planned += training.planned_flops[i];
    if (!was_trained(training, i)) return;
    ++trained;
    planned_trained += training.planned_flops[i];
    spent += training.flops[i];
    seconds += training.seconds[i];
  }
  std::vector<std::string> line(const std::string& task, const std::string& architecture) const {
    const auto share = [](double part, double whole) { return whole > 0 ? fmt::format("{:.0f} %", 100 * part / whole) : std::string("-"); };
    const auto flops = [](double value) { return std::isfinite(value) ? with_prefix(value, "FLOP") : std::string("-"); };
    return {task,
            architecture,
            std::to_string(trials),
            std::to_string(trained),
            flops(planned),
            flops(planned_trained),
            flops(spent),
            share(spent, planned),
            trained > 0 ? duration_text(seconds) : "-",
            seconds > 0 ? with_prefix(spent / seconds, "FLOP/s") : "-"};
  }
};

}  // namespace

Training training_of(const store::Snapshot& run) {
  Training training{.curves = run.curves(), .flops = {}, .planned_flops = run.planned_flops(), .seconds = {}};
  for (const store::ResultRow& row : run.rows()) {
    training.flops.push_back(row.flops);
    training.seconds.push_back(row.seconds);
  }
  return training;
}

void add_training(Json& figures, const Training& training, const Input& input, const Findings& findings, const Sampling& sampling) {
  const Places places = places_of(input);
  std::vector<bool> stands(input.trials.size());
  for (const Finding& finding : findings.fits) {
    for (const law::Seed& seed : finding.series.seeds) {
      if (seed.trial) stands[*seed.trial] = true;
    }
  }
  std::vector<Json*> series;
  std::vector<std::vector<Column>> columns;
  std::vector<std::vector<std::size_t>> trained;
  std::size_t with_curve = 0;
  std::size_t with_cost = 0;
  for (Json& group : figures["groups"]) {
    for (Json& one : group["series"]) {
      const auto& of_series = places.at({group["task"], group["axes"], one["architecture"]});
      series.push_back(&one);
      columns.push_back(columns_of(one, of_series, stands, training, input));
      trained.emplace_back();
      for (const std::size_t i : of_series) {
        if (training.curves.count[i] > 0) ++with_curve;
        if (was_trained(training, i)) trained.back().push_back(i);
      }
      with_cost += trained.back().size();
    }
  }
  const Amount amount = settle_amount(columns, sampling);
  const std::size_t most = std::max<std::size_t>(2, sampling.scattered / std::max<std::size_t>(1, series.size()));
  std::size_t curves_shown = curves_in(columns, amount);
  std::size_t costs_shown = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    (*series[i])["curves"] = curves_json(columns[i], amount, training, input, sampling.points);
    (*series[i])["costs"] = costs_json(trained[i], most, training, input);
    costs_shown += (*series[i])["costs"]["flops"].size();
  }
  figures["curves"] = {{"shown", curves_shown}, {"trials", with_curve}};
  figures["costs"] = {{"shown", costs_shown}, {"trials", with_cost}};
}

Lines cost_lines(const Training& training, const Input& input, const Findings& findings) {
  Lines lines = {{"task", "architecture", "trials", "trained", "planned", "planned, trained", "spent", "spent/planned", "time", "rate"}};
  const Places places = places_of(input);
  Sum all;
  for (const Finding& finding : findings.fits) {
    const law::Series& series = finding.series;
    Sum sum;
    for (const std::size_t i : places.at({series.task, series.axes, series.architecture})) {
      sum.add(training, i);
      all.add(training, i);
    }
    lines.push_back(sum.line(series.task, full_name(series.architecture, series.axes)));
  }
  if (findings.fits.size() > 1) lines.push_back(all.line("all", ""));
  return lines;
}

}  // namespace surd::analysis
