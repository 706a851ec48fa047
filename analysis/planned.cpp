#include "analysis/planned.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "analysis/source.hpp"
#include "analysis/text.hpp"
#include "base/error.hpp"

namespace surd::analysis {
namespace {

[[noreturn]] void refuse_list(const std::string& text, const std::string& name, const std::string& what) {
  throw InputError({.what = what,
                    .where = name,
                    .expected = "ascending positive numbers such as 16,32,64, or 8..1024, or 8..1024*1.4142",
                    .got = "'" + text + "'"});
}

double number_of(std::string_view word, const std::string& text, const std::string& name) {
  double value = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (code != std::errc() || end != word.data() + word.size() || !(value > 0) || !std::isfinite(value)) {
    refuse_list(text, name, fmt::format("'{}' is not a positive number", word));
  }
  return value;
}

double middle_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += std::log(value) / static_cast<double>(values.size());
  return std::exp(sum);
}

const Finding& chosen(const Findings& findings, const PlannedFlags& flags) {
  std::vector<const Finding*> fitting;
  std::vector<std::string> names;
  for (const Finding& finding : findings.fits) {
    const law::Series& series = finding.series;
    names.push_back(law::name(series));
    const bool is_task = flags.task.empty() || series.task == flags.task;
    const bool is_architecture =
        flags.architecture.empty() ? series.architecture != findings.settings.baseline : series.architecture == flags.architecture;
    if (is_task && is_architecture) fitting.push_back(&finding);
  }
  if (fitting.size() != 1) {
    throw InputError({.what = fitting.empty() ? "the input has no such task and architecture" : "the input has several tasks and architectures",
                      .where = findings.path,
                      .expected = "one of: " + fmt::format("{}", fmt::join(names, ", ")),
                      .got = fitting.empty() ? flags.task + " " + flags.architecture : fmt::format("{} that fit", fitting.size()),
                      .advice = "Choose with --task and --architecture"});
  }
  if (!fitting.front()->fit.alpha) {
    throw InputError({.what = "the input gives no exponent to guess from",
                      .where = findings.path,
                      .got = law::name(fitting.front()->series) + ": " + fitting.front()->fit.reason,
                      .advice = "Give --lengths, --widths and --alpha without an input"});
  }
  return *fitting.front();
}

law::Scenario scenario_of(const Finding& finding) {
  const law::Fit& fit = finding.fit;
  law::Scenario scenario;
  scenario.lengths = fit.lengths;
  std::set<double> widths;
  std::vector<int> seeds;
  for (const law::Cell& cell : finding.series.cells) {
    widths.insert(cell.hidden);
    seeds.push_back(cell.seeds);
  }
  scenario.widths.assign(widths.begin(), widths.end());
  std::nth_element(seeds.begin(), seeds.begin() + static_cast<std::ptrdiff_t>(seeds.size() / 2), seeds.end());
  scenario.seeds = seeds[seeds.size() / 2];
  scenario.alpha = *fit.alpha;
  scenario.threshold = *fit.threshold;
  scenario.kappa = *fit.kappa;
  const auto lapse_at = [&](double length) {
    double x = std::log(length);
    for (const double one : fit.lengths) x -= std::log(one) / static_cast<double>(fit.lengths.size());
    const double odds = std::log(*fit.lapse / (1 - *fit.lapse)) + *fit.lapse_slope * x;
    return *fit.lapse > 0 ? 1 / (1 + std::exp(-odds)) : 0;
  };
  scenario.lapse_shortest = lapse_at(fit.lengths.front());
  scenario.lapse_longest = lapse_at(fit.lengths.back());
  return scenario;
}

}  // namespace

std::vector<double> list_of(const std::string& text, const std::string& name) {
  std::vector<double> values;
  if (const auto dots = text.find(".."); dots != std::string::npos) {
    const auto star = text.find('*', dots);
    const std::string_view view = text;
    const double from = number_of(view.substr(0, dots), text, name);
    const double to = number_of(view.substr(dots + 2, star == std::string::npos ? star : star - dots - 2), text, name);
    const double factor = star == std::string::npos ? 2 : number_of(view.substr(star + 1), text, name);
    if (!(factor > 1.001) || to < from || std::log(to / from) / std::log(factor) > 10'000) refuse_list(text, name, "a range that goes nowhere");
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
  if (std::adjacent_find(values.begin(), values.end(), std::greater_equal<>()) != values.end()) refuse_list(text, name, "not ascending");
  return values;
}

void add_planned_flags(CLI::App& command, PlannedFlags& flags) {
  command.add_option("input", flags.input, "Results of a pilot to take grid and guesses from: run folder, results.h5 or CSV (optional)");
  command.add_option("--task", flags.task, "Of the input");
  command.add_option("--architecture", flags.architecture, "Of the input");
  add_choices(command, flags.choices);
  command.add_option("--lengths", flags.lengths, "16,32,64, or 16..256 by doublings, or 16..256*1.4142 (default 16..256)");
  command.add_option("--widths", flags.widths, "The same for widths (default 8..1024)");
  command.add_option("--seeds", flags.seeds, "A cell (default 3)")->check(CLI::Range(1, 100'000));
  command.add_option("--alpha", flags.alpha, "Guess at the exponent (default 0.5)")->check(CLI::Range(-2.0, 3.0));
  command.add_option("--threshold", flags.threshold, "Guess at the width needed at the geometric mean length (default: in the middle of the widths)")
      ->check(CLI::PositiveNumber);
  command.add_option("--kappa", flags.kappa, "Guess at the steepness in ln width (default 6)")->check(CLI::Range(0.01, 1e4));
  command.add_option("--lapse", flags.lapse, "Guess at the share of failures although the width suffices (default 0.05)")
      ->check(CLI::Range(0.0, 0.99));
  command.add_option("--lapse-longest", flags.lapse_longest, "The same at the largest length, where it grows (default: as --lapse)")
      ->check(CLI::Range(0.0, 0.99));
  command.add_option("--scatter", flags.scatter, "Standard deviation of the log thresholds about the law (default 0)")->check(CLI::Range(0.0, 10.0));
  command.add_option("--baseline-alpha", flags.baseline_alpha, "Guess at the exponent of the baseline (default 0)")->check(CLI::Range(-2.0, 3.0));
  command.add_option("--baseline-threshold", flags.baseline_threshold, "Guess at the baseline's width (default: as --threshold)")
      ->check(CLI::PositiveNumber);
  command.add_flag("--no-baseline", flags.no_baseline, "Only one architecture: no difference, and no verdict of sqrt");
}

Planned planned(const PlannedFlags& flags) {
  Planned planned;
  law::Scenario& scenario = planned.scenario;
  std::optional<law::Scenario> baseline;
  const bool has_input = !flags.input.empty();
  if (has_input) {
    const Input input = read_input(flags.input);
    const Findings findings = fit_everything(input, settle(flags.choices, input));
    const Finding& finding = chosen(findings, flags);
    scenario = scenario_of(finding);
    planned.notes.push_back(fmt::format("grid and guesses from {} of {}", law::name(finding.series), flags.input));
    for (const Finding& other : findings.fits) {
      if (other.series.task == finding.series.task && other.series.axes == finding.series.axes && &other != &finding &&
          other.series.architecture == findings.settings.baseline && other.fit.alpha) {
        baseline = scenario_of(other);
        planned.notes.push_back(fmt::format("baseline from {}", law::name(other.series)));
      }
    }
  }
  double moved = 0;  // of the mean of ln L: the guess is a width at the geometric mean length
  if (!flags.lengths.empty()) {
    const auto lengths = list_of(flags.lengths, "--lengths");
    if (has_input) moved = std::log(middle_of(lengths) / middle_of(scenario.lengths));
    scenario.lengths = lengths;
  }
  if (!flags.widths.empty()) scenario.widths = list_of(flags.widths, "--widths");
  scenario.threshold = has_input ? scenario.threshold * std::exp(scenario.alpha * moved) : middle_of(scenario.widths);
  if (baseline) baseline->threshold *= std::exp(baseline->alpha * moved);
  const auto set = [](double& value, const std::optional<double>& flag) { value = flag.value_or(value); };
  scenario.seeds = flags.seeds.value_or(scenario.seeds);
  set(scenario.alpha, flags.alpha);
  set(scenario.threshold, flags.threshold);
  set(scenario.kappa, flags.kappa);
  set(scenario.lapse_shortest, flags.lapse);
  set(scenario.lapse_longest, flags.lapse_longest ? flags.lapse_longest : flags.lapse);
  set(scenario.scatter, flags.scatter);
  if (flags.no_baseline) return planned;
  planned.baseline = scenario;
  planned.baseline->alpha = flags.baseline_alpha.value_or(baseline ? baseline->alpha : 0);
  planned.baseline->threshold = flags.baseline_threshold.value_or(baseline ? baseline->threshold : scenario.threshold);
  if (baseline && !flags.kappa) planned.baseline->kappa = baseline->kappa;
  if (baseline && !flags.lapse) {
    planned.baseline->lapse_shortest = baseline->lapse_shortest;
    planned.baseline->lapse_longest = baseline->lapse_longest;
  }
  return planned;
}

std::string description(const Planned& planned) {
  const law::Scenario& scenario = planned.scenario;
  const auto guess = [](const law::Scenario& one) {
    const std::string lapse = one.lapse_shortest == one.lapse_longest
                                  ? rounded(one.lapse_shortest, 3)
                                  : fmt::format("{} to {}", rounded(one.lapse_shortest, 3), rounded(one.lapse_longest, 3));
    return fmt::format("alpha {}, width {}, kappa {}, lapse {}{}", rounded(one.alpha, 2), text3(one.threshold), text3(one.kappa), lapse,
                       one.scatter > 0 ? fmt::format(", scatter {}", rounded(one.scatter, 2)) : "");
  };
  std::string text = fmt::format("Study:    lengths {}; widths {}; {} seed{} a cell\n", fmt::join(scenario.lengths, ", "),
                                 fmt::join(scenario.widths, ", "), scenario.seeds, scenario.seeds == 1 ? "" : "s");
  text += "Guess:    " + guess(scenario) + "\n";
  if (planned.baseline) text += "Baseline: " + guess(*planned.baseline) + "\n";
  std::vector<double> outside;
  for (const double length : scenario.lengths) {
    const double width = scenario.threshold * std::pow(length / middle_of(scenario.lengths), scenario.alpha);
    if (width < scenario.widths.front() || width > scenario.widths.back()) outside.push_back(length);
  }
  if (!outside.empty()) {
    text += fmt::format("The guessed threshold lies outside the widths at length{} {}: plan other widths there\n", outside.size() == 1 ? "" : "s",
                        fmt::join(outside, ", "));
  }
  return text;
}

}  // namespace surd::analysis
