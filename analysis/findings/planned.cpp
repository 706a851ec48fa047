#include "analysis/findings/planned.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "analysis/findings/choose.hpp"
#include "analysis/findings/findings.hpp"
#include "analysis/input/scale.hpp"
#include "base/error.hpp"
#include "law/scatter.hpp"

namespace surd::analysis {
namespace {

[[noreturn]] void refuse_list(const std::string& text, const std::string& name,
                              const std::string& what) {
  throw InputError(
      {.what = what,
       .where = name,
       .expected = "ascending positive numbers such as 16,32,64, or 8..1024, or 8..1024*1.4142",
       .got = "'" + text + "'"});
}

double number_of(std::string_view word, const std::string& text, const std::string& name) {
  double value = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (code != std::errc() || end != word.data() + word.size() || !(value > 0) ||
      !std::isfinite(value)) {
    refuse_list(text, name, fmt::format("'{}' is not a positive number", word));
  }
  return value;
}

double middle_of(const std::vector<double>& values) { return std::exp(law::mean_log(values)); }

// Half of the mean step between widths, in ln width: a threshold is not known better than to the
// step that it lies in.
double half_a_step(const std::vector<double>& widths) {
  return widths.size() < 2 ? 0
                           : std::log(widths.back() / widths.front()) /
                                 static_cast<double>(widths.size() - 1) / 2;
}

const Finding& chosen(const Findings& findings, const PlannedFlags& flags) {
  std::vector<const law::Series*> curves;
  for (const Finding& finding : findings.fits) curves.push_back(&finding.series);
  const Finding& finding =
      findings.fits[choose(curves, {flags.task, flags.architecture, flags.axes},
                           findings.settings.baseline, findings.path)];
  if (!finding.fit.alpha) {
    throw InputError({.what = "the input gives no exponent to guess from",
                      .where = findings.path,
                      .got = law::name(finding.series) + ": " + finding.fit.reason,
                      .advice = "Give --lengths, --widths and --alpha without an input"});
  }
  return finding;
}

// At the ends of the scenario's lengths, from that at the mean of those that were fitted.
void set_lapses(law::Scenario& scenario, double lapse, double slope,
                const std::vector<double>& fitted) {
  const auto lapse_at = [&](double length) {
    if (lapse <= 0) return 0.0;
    const double odds =
        std::log(lapse / (1 - lapse)) + slope * (std::log(length) - law::mean_log(fitted));
    return std::min(0.99, 1 / (1 + std::exp(-odds)));
  };
  scenario.lapse_shortest = lapse_at(scenario.lengths.front());
  scenario.lapse_longest = lapse_at(scenario.lengths.back());
}

// The law of the finding at `lengths`: its guess is a width and a lapse at their geometric mean.
law::Scenario scenario_of(const Finding& finding, const std::vector<double>& lengths) {
  const law::Fit& fit = finding.fit;
  law::Scenario scenario;
  scenario.lengths = lengths;
  std::set<double> widths;
  std::vector<int> seeds;
  for (const law::Cell& cell : finding.series.cells) {
    widths.insert(cell.hidden);
    seeds.push_back(cell.seeds);
  }
  scenario.widths.assign(widths.begin(), widths.end());
  const auto middle = seeds.begin() + static_cast<std::ptrdiff_t>(seeds.size() / 2);
  std::nth_element(seeds.begin(), middle, seeds.end());
  scenario.seeds = *middle;
  const double fitted_mean = law::mean_log(fit.lengths);
  scenario.alpha = *fit.alpha;
  scenario.threshold =
      *fit.threshold * std::exp(*fit.alpha * (law::mean_log(lengths) - fitted_mean));
  scenario.kappa = *fit.kappa;
  set_lapses(scenario, *fit.lapse, *fit.lapse_slope, fit.lengths);
  return scenario;
}

}  // namespace

std::vector<double> list_of(const std::string& text, const std::string& name) {
  std::vector<double> values;
  if (const auto dots = text.find(".."); dots != std::string::npos) {
    const auto star = text.find('*', dots);
    const std::string_view view = text;
    const double from = number_of(view.substr(0, dots), text, name);
    const double to = number_of(
        view.substr(dots + 2, star == std::string::npos ? star : star - dots - 2), text, name);
    const double factor =
        star == std::string::npos ? 2 : number_of(view.substr(star + 1), text, name);
    if (!(factor > 1.001) || to < from || std::log(to / from) / std::log(factor) > 10'000)
      refuse_list(text, name, "a range that goes nowhere");
    for (int i = 0; from * std::pow(factor, i) < to * (1 + 1e-4); ++i) {
      const double value = std::round(from * std::pow(factor, i));
      if (values.empty() || value > values.back()) values.push_back(value);
    }
  } else {
    for (std::size_t start = 0; start <= text.size();) {
      const std::size_t comma = std::min(text.find(',', start), text.size());
      values.push_back(number_of(std::string_view(text).substr(start, comma - start), text, name));
      start = comma + 1;
    }
  }
  if (std::adjacent_find(values.begin(), values.end(), std::greater_equal<>()) != values.end())
    refuse_list(text, name, "not ascending");
  return values;
}

namespace {

// The scatter of the pilot's thresholds, with the steepness and lapse that go with it.
void take_scatter(const Finding& finding, const law::Options& options, law::Scenario& scenario,
                  std::vector<std::string>& notes) {
  const law::Scatter scatter = law::scatter_of(finding.series.cells, options, finding.fit);
  const std::string name = law::name(finding.series);
  if (!scatter.deviation) {
    notes.push_back(fmt::format(
        "{}: two lengths do not show whether thresholds scatter about the law, so the plan has no "
        "scatter; --scatter gives it some",
        name));
    return;
  }
  const double h = finding.fit.criterion.dispersion;
  if (*scatter.deviation <= 0) {
    notes.push_back(
        fmt::format("{}: thresholds scatter about the law no more than seeds explain "
                    "(h {:.2f}), so the plan has no scatter",
                    name, h));
    return;
  }
  scenario.scatter = *scatter.deviation;
  scenario.kappa = scatter.kappa;
  set_lapses(scenario, scatter.lapse, scatter.lapse_slope, finding.fit.lengths);
  notes.push_back(fmt::format(
      "{}: log thresholds scatter about the law by {:.2f}, beyond what seeds explain (h {:.2f}), "
      "and so do the plan's; --scatter overrides",
      name, scenario.scatter, h));
}

}  // namespace

Planned planned(const PlannedFlags& flags, const std::optional<Input>& input) {
  Planned planned;
  planned.scale = flags.scale;
  const auto sized = [&](law::Scenario& one, const law::Series& series) {
    if (flags.scale != SizeScale::hidden)
      one.size = size_law(*input, series.task, series.axes, series.architecture, flags.scale);
  };
  if (flags.scale != SizeScale::hidden && !input) {
    throw InputError({.what = fmt::format("the {} of a planned study's models is not known",
                                          words_of(flags.scale).noun),
                      .where = "--scale",
                      .expected = fmt::format("a pilot's results with the column {}",
                                              words_of(flags.scale).key)});
  }
  law::Scenario& scenario = planned.scenario;
  std::optional<law::Scenario> baseline;
  if (!flags.lengths.empty()) scenario.lengths = list_of(flags.lengths, "--lengths");
  if (input) {
    const Findings findings = fit_everything(*input, flags.choices);
    const Finding& finding = chosen(findings, flags);
    const std::vector<double> lengths =
        flags.lengths.empty() ? finding.fit.lengths : scenario.lengths;
    scenario = scenario_of(finding, lengths);
    sized(scenario, finding.series);
    planned.notes.push_back(
        fmt::format("grid and guesses from {} of {}", law::name(finding.series), input->path));
    const bool adopt = flags.pilot_scatter && !flags.scatter;
    if (adopt) take_scatter(finding, flags.choices.options, scenario, planned.notes);
    for (const Finding& other : findings.fits) {
      if (other.series.task == finding.series.task && other.series.axes == finding.series.axes &&
          &other != &finding && other.series.architecture == findings.settings.baseline &&
          other.fit.alpha) {
        baseline = scenario_of(other, lengths);
        sized(*baseline, other.series);
        if (adopt) take_scatter(other, flags.choices.options, *baseline, planned.notes);
        planned.notes.push_back(fmt::format("baseline from {}", law::name(other.series)));
      }
    }
  }
  if (!flags.widths.empty()) scenario.widths = list_of(flags.widths, "--widths");
  if (!input) scenario.threshold = middle_of(scenario.widths);
  const auto set = [](double& value, const std::optional<double>& flag) {
    value = flag.value_or(value);
  };
  const auto set_guesses = [&](law::Scenario& one) {
    set(one.kappa, flags.kappa);
    set(one.lapse_shortest, flags.lapse);
    set(one.lapse_longest, flags.lapse_longest ? flags.lapse_longest : flags.lapse);
    set(one.scatter, flags.scatter);
  };
  scenario.seeds = flags.seeds.value_or(scenario.seeds);
  set(scenario.alpha, flags.alpha);
  set(scenario.threshold, flags.threshold);
  set_guesses(scenario);
  if (flags.no_baseline) return planned;
  if (!baseline) {
    baseline = scenario;
    baseline->alpha = 0;
  }
  baseline->widths = scenario.widths;
  baseline->seeds = scenario.seeds;
  set(baseline->alpha, flags.baseline_alpha);
  set(baseline->threshold, flags.baseline_threshold);
  set_guesses(*baseline);
  planned.baseline = std::move(baseline);
  return planned;
}

law::Experiment experiment_of(const Planned& planned) {
  law::Experiment experiment;
  experiment.scenario = planned.scenario;
  experiment.baseline = planned.baseline;
  experiment.jitter = half_a_step(planned.scenario.widths);
  return experiment;
}

}  // namespace surd::analysis
