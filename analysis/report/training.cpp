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
    const auto share = [](double part, double whole) {
      return whole > 0 ? fmt::format("{:.0f} %", 100 * part / whole) : std::string("-");
    };
    const auto flops = [](double value) {
      return std::isfinite(value) ? with_prefix(value, "FLOP") : std::string("-");
    };
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

SeriesKey key_of(const law::Series& series) {
  return {series.task, series.axes, series.architecture};
}

Places places_of(const Input& input) {
  Places places;
  for (std::size_t i = 0; i < input.trials.size(); ++i) {
    const law::Trial& trial = input.trials[i];
    places[{trial.task, trial.axes, trial.architecture}].push_back(i);
  }
  return places;
}

bool was_trained(const Training& training, std::size_t i) {
  return training.flops[i] > 0 && training.seconds[i] > 0;
}

double four_digits(double value) { return std::stod(fmt::format("{:.4g}", value)); }

Training training_of(const store::Snapshot& run) {
  Training training{
      .curves = run.curves(), .flops = {}, .planned_flops = run.planned_flops(), .seconds = {}};
  for (const store::ResultRow& row : run.rows()) {
    training.flops.push_back(row.flops);
    training.seconds.push_back(row.seconds);
  }
  return training;
}

Lines cost_lines(const Training& training, const Input& input, const Findings& findings) {
  Lines lines = {{"task", "architecture", "trials", "trained", "planned", "planned, trained",
                  "spent", "spent/planned", "time", "rate"}};
  const Places places = places_of(input);
  Sum all;
  for (const Finding& finding : findings.fits) {
    const law::Series& series = finding.series;
    Sum sum;
    for (const std::size_t i : places.at(key_of(series))) {
      sum.add(training, i);
      all.add(training, i);
    }
    lines.push_back(sum.line(series.task, full_name(series.architecture, series.axes)));
  }
  if (findings.fits.size() > 1) lines.push_back(all.line("all", ""));
  return lines;
}

}  // namespace surd::analysis
