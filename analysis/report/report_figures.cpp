// The numbers behind the report's figures.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <tuple>

#include "analysis/report/page.hpp"
#include "analysis/report/report_tables.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

constexpr int line_points = 33;        // of a fitted line: enough for a smooth band
constexpr int profile_points = 45;     // of a profile curve
constexpr std::size_t seeds_most = 8;  // of a cell that are told one by one, fewer where ...
constexpr std::size_t details = 8000;  // ... there are so many cells that all of them told would be more than this

using SeriesKey = std::tuple<std::string, std::string, std::string>;  // task, axes, architecture
using Seeds = std::span<const law::Seed>;                             // of one cell

SeriesKey key_of(const law::Series& series) { return {series.task, series.axes, series.architecture}; }

Json number(const std::optional<double>& value) { return value && std::isfinite(*value) ? Json(*value) : Json(nullptr); }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// What a cell without any result is waiting for.
const char* state_without_result(const Input& input, Seeds seeds) {
  bool any_failed = false;
  bool all_skipped = true;
  for (const law::Seed& seed : seeds) {
    for (const std::size_t place : seed.trials) {
      any_failed = any_failed || input.trials[place].status == law::Status::failed;
      all_skipped = all_skipped && input.trials[place].status == law::Status::skipped;
    }
  }
  return all_skipped ? "skipped" : any_failed ? "failed" : "missing";
}

Json cell_of(const Input& input, Seeds seeds, std::size_t told) {
  Json cell = {{"length", seeds.front().length}, {"hidden", seeds.front().hidden}};
  Json trials = Json::array();
  std::vector<double> accuracies;
  int counted = 0;
  int solved = 0;
  for (const law::Seed& seed : seeds) {
    counted += seed.outcome == law::Outcome::censored ? 0 : 1;
    solved += seed.outcome == law::Outcome::solved ? 1 : 0;
    if (!seed.trial) continue;
    const law::Trial& trial = input.trials[*seed.trial];
    accuracies.push_back(law::accuracy(trial));
    if (trials.size() < told) {
      trials.push_back({{"seed", seed.seed},
                        {"learning_rate", trial.learning_rate},
                        {"accuracy", accuracies.back()},
                        {"diverged", trial.status == law::Status::diverged}});
    }
  }
  if (accuracies.empty()) {
    cell["state"] = state_without_result(input, seeds);
    return cell;
  }
  double sum = 0;
  for (const double accuracy : accuracies) sum += accuracy;
  cell["state"] = "trained";
  cell["mean"] = sum / static_cast<double>(accuracies.size());
  cell["median"] = median(accuracies);
  cell["seeds"] = counted;
  cell["solved"] = solved;
  cell["censored"] = static_cast<int>(seeds.size()) - counted;
  cell["results"] = static_cast<int>(accuracies.size());
  cell["trials"] = std::move(trials);
  return cell;
}

Json counted_cells(const law::Series& series) {
  Json cells = Json::array();
  for (const law::Cell& cell : series.cells) {
    const double share = static_cast<double>(cell.solved) / cell.seeds;
    cells.push_back({{"length", cell.length},
                     {"hidden", cell.hidden},
                     {"state", "trained"},
                     {"mean", share},
                     {"median", share},
                     {"seeds", cell.seeds},
                     {"solved", cell.solved},
                     {"censored", 0},
                     {"results", 0},
                     {"trials", Json::array()}});
  }
  return cells;
}

// Where every or no seed of a length is solved, which side of the widths that were run the threshold lies on.
void add_edge(Json& point, double length, const std::vector<law::Cell>& cells) {
  double low = INFINITY;
  double high = 0;
  bool any_solved = false;
  bool any_unsolved = false;
  for (const law::Cell& cell : cells) {
    if (cell.length != length) continue;
    low = std::min(low, cell.hidden);
    high = std::max(high, cell.hidden);
    any_solved = any_solved || cell.solved > 0;
    any_unsolved = any_unsolved || cell.solved < cell.seeds;
  }
  if (any_solved && any_unsolved) return;
  point["edge"] = any_solved ? low : high;
  point["beyond"] = any_solved ? "below" : "above";
}

Json thresholds_of(const Finding& finding, const law::Options& options) {
  Json list = Json::array();
  std::vector<law::Point> points;
  if (finding.fit.alpha) {
    points = law::free_thresholds(finding.series.cells, options);
  } else {  // no steepness to share: only which side a threshold lies on is known
    for (const double length : finding.fit.lengths) points.push_back({.length = length});
  }
  for (const law::Point& point : points) {
    Json entry = {
        {"length", point.length}, {"width", number(point.width)}, {"low", number(point.interval.low)}, {"high", number(point.interval.high)}};
    if (!point.width) add_edge(entry, point.length, finding.series.cells);
    list.push_back(std::move(entry));
  }
  return list;
}

Json line_of(const Finding& finding, const law::Options& options) {
  Json line = Json::array();
  const std::vector<double>& lengths = finding.fit.lengths;
  if (!finding.fit.alpha || lengths.size() < 2) return line;
  const double low = std::log(lengths.front());
  const double high = std::log(lengths.back());
  for (int i = 0; i < line_points; ++i) {
    const double length = std::exp(low + (high - low) * i / (line_points - 1));
    const law::Point point = law::predict(finding.series.cells, options, finding.fit, length);
    line.push_back({{"length", length}, {"width", number(point.width)}, {"low", number(point.interval.low)}, {"high", number(point.interval.high)}});
  }
  return line;
}

// D(alpha) over the interval and somewhat beyond it on both sides; up to the end of the search where the interval is open.
Json profile_of(const Finding& finding, const law::Options& options) {
  const law::Fit& fit = finding.fit;
  const double alpha = *fit.alpha;
  const double low = fit.interval.low.value_or(law::alpha_lowest);
  const double high = fit.interval.high.value_or(law::alpha_highest);
  const double margin = 0.15 * (high - low);
  std::vector<double> alphas = {alpha, low, high};
  const double first = std::max(law::alpha_lowest, low - margin);
  const double last = std::min(law::alpha_highest, high + margin);
  for (int i = 0; i < profile_points; ++i) alphas.push_back(first + (last - first) * i / (profile_points - 1));
  std::sort(alphas.begin(), alphas.end());
  alphas.erase(std::unique(alphas.begin(), alphas.end()), alphas.end());
  Json deviances = Json::array();
  for (const double one : alphas) deviances.push_back(one == alpha ? 0 : std::max(0.0, law::deviance(finding.series.cells, options, fit, one)));
  return {{"alpha", alphas}, {"deviance", std::move(deviances)}, {"critical", fit.criterion.critical}};
}

Json ends(const law::Interval& interval) { return {{"low", number(interval.low)}, {"high", number(interval.high)}}; }

// Exponents of the same series where a choice is made otherwise: {"name", "alpha"} each.
Json others_of(const Findings& findings, const law::Series& series) {
  Json list = Json::array();
  for (const SensitiveSeries& one : findings.sensitivity.series) {
    if (SeriesKey(one.task, one.axes, one.architecture) != key_of(series)) continue;
    for (const Otherwise& other : one.tau) {
      if (other.alpha && other.choice != findings.settings.tau)
        list.push_back({{"name", fmt::format("\u03c4 {:g}", other.choice)}, {"alpha", *other.alpha}});
    }
    for (const Otherwise& other : one.learning_rate) {
      if (other.alpha) list.push_back({{"name", fmt::format("learning rate {:g} alone", other.choice)}, {"alpha", *other.alpha}});
    }
  }
  return list;
}

std::vector<Seeds> by_cell(const std::vector<law::Seed>& seeds) {
  std::vector<Seeds> cells;
  for (std::size_t first = 0, last = 0; first < seeds.size(); first = last) {
    while (last < seeds.size() && seeds[last].length == seeds[first].length && seeds[last].hidden == seeds[first].hidden) ++last;
    cells.push_back(Seeds(seeds).subspan(first, last - first));
  }
  return cells;
}

}  // namespace

Json figures(const Input& input, const Findings& findings) {
  std::size_t cells_of_all = 1;
  for (const Finding& finding : findings.fits) cells_of_all += by_cell(finding.series.seeds).size();
  const std::size_t told = std::clamp<std::size_t>(details / cells_of_all, 1, seeds_most);
  Json groups = Json::array();
  for (const Finding& finding : findings.fits) {
    const law::Series& series = finding.series;
    if (groups.empty() || groups.back()["task"] != series.task || groups.back()["axes"] != series.axes) {
      groups.push_back({{"task", series.task}, {"axes", series.axes}, {"series", Json::array()}});
    }
    Json cells = Json::array();
    if (findings.counted) {
      cells = counted_cells(series);
    } else {
      for (const Seeds seeds : by_cell(series.seeds)) cells.push_back(cell_of(input, seeds, told));
    }
    Json entry = {
        {"architecture", series.architecture},
        {"label", finding.fit.alpha ? "\u03b1 = " + typeset(rounded(*finding.fit.alpha, 2) + " " + text(finding.fit.interval)) : "no exponent"},
        {"cells", std::move(cells)},
        {"learning_rates", series.learning_rates},
        {"verdict", law::to_string(finding.judgement.verdict)},
        {"alpha", number(finding.fit.alpha)},
        {"thresholds", thresholds_of(finding, findings.settings.options)},
        {"line", line_of(finding, findings.settings.options)}};
    if (finding.fit.alpha) {
      entry["interval"] = ends(finding.fit.interval);
      entry["unwidened"] = ends(finding.fit.unwidened);
      entry["sensitivity"] = others_of(findings, series);
      entry["profile"] = profile_of(finding, findings.settings.options);
    }
    if (const Comparison* comparison = comparison_of(findings.contrasts, series); comparison && comparison->contrast.delta) {
      const law::Contrast& contrast = comparison->contrast;
      entry["delta"] = {{"value", *contrast.delta}, {"interval", ends(contrast.interval)}, {"unwidened", ends(contrast.unwidened)}};
    }
    Json& list = groups.back()["series"];
    list.insert(series.architecture == findings.settings.baseline ? list.begin() : list.end(), std::move(entry));
  }
  return {{"format_version", 1},
          {"tau", findings.settings.tau},
          {"counted", findings.counted},
          {"baseline", findings.settings.baseline},
          {"groups", std::move(groups)}};
}

}  // namespace surd::analysis
