#include "analysis/findings/findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "analysis/findings/doubts.hpp"
#include "analysis/findings/series_key.hpp"
#include "base/error.hpp"
#include "law/bracketing.hpp"

namespace surd::analysis {
namespace {

const Finding* baseline_of(const std::vector<Finding>& fits, const law::Series& series,
                           const std::string& baseline) {
  for (const Finding& other : fits) {
    if (other.series.task == series.task && other.series.axes == series.axes &&
        other.series.architecture == baseline)
      return &other;
  }
  return nullptr;
}

void note_missing_baseline(const std::vector<Finding>& fits, const std::string& baseline,
                           std::vector<std::string>& notes) {
  std::set<std::string> architectures;
  for (const Finding& finding : fits) architectures.insert(finding.series.architecture);
  if (architectures.contains(baseline)) return;
  const std::vector<std::string> words(architectures.begin(), architectures.end());
  const std::string nearest = nearest_word(baseline, words);
  notes.push_back(fmt::format(
      "no architecture is called '{}', so nothing is compared; there are: {}{}", baseline,
      fmt::join(words, ", "), nearest.empty() ? "" : ". Did you mean --baseline " + nearest + "?"));
}

// Series whose baseline was run, but not in their task and at their further axes.
void note_not_compared(const std::vector<Finding>& fits, const std::string& baseline,
                       std::vector<std::string>& notes) {
  std::vector<std::string> names;
  bool any_baseline = false;
  for (const Finding& finding : fits) {
    any_baseline = any_baseline || finding.series.architecture == baseline;
    if (!baseline_of(fits, finding.series, baseline)) names.push_back(law::name(finding.series));
  }
  if (!any_baseline || names.empty()) return;
  notes.push_back(
      fmt::format("not compared with {}, which was not run with the same task and further axes: {}",
                  baseline, fmt::join(names, "; ")));
}

// Each series alone; its judgement waits for the comparisons.
std::vector<Finding> fits_of(const Input& input, std::vector<law::Series> all,
                             const law::Options& options, const PriceBook& prices,
                             std::vector<std::string>& notes) {
  std::vector<Finding> fits;
  for (law::Series& series : all) {
    law::Fit fit = law::fit(series.cells, options);
    if (std::string why = no_exponent(series); !fit.alpha && !why.empty())
      fit.reason = std::move(why);
    if (std::string note = lapse_note(series, fit); !note.empty()) notes.push_back(std::move(note));
    if (const std::string open = law::bracketing(series.cells).open; fit.alpha && !open.empty()) {
      notes.push_back(
          fmt::format("{}: not every length brackets its threshold: {}", law::name(series), open));
    }
    Beside beside{.references = law::reference_laws(series.cells, options, fit),
                  .offset = law::fit_offset(series.cells, options, fit),
                  .saturation = law::fit_saturation(series.cells, options, fit),
                  .held_out = law::hold_out(series.cells, options),
                  .curvature = law::curvature(series.cells, options, fit)};
    Compute compute = prices.compute(series, options, fit);
    std::vector<Threshold> thresholds = thresholds_of(series.cells, options, fit);
    std::vector<law::Doubt> doubts = doubts_of(input, series, fit);
    fits.push_back({.series = std::move(series),
                    .fit = std::move(fit),
                    .doubts = std::move(doubts),
                    .beside = std::move(beside),
                    .compute = std::move(compute),
                    .thresholds = std::move(thresholds)});
  }
  return fits;
}

// Lengths that one of the two lacks, or that do not bracket both thresholds.
void note_lengths_left_out(const Finding& finding, const Finding& baseline,
                           const law::Contrast& contrast, std::vector<std::string>& notes) {
  if (!contrast.delta) return;
  std::set<double> others(finding.fit.lengths.begin(), finding.fit.lengths.end());
  others.insert(baseline.fit.lengths.begin(), baseline.fit.lengths.end());
  for (const double length : contrast.lengths) others.erase(length);
  if (others.empty()) return;
  notes.push_back(fmt::format(
      "{} against {}: {} lengths count, at which both have a width that most seeds do not solve "
      "and a larger one that most do; left out: {}",
      law::name(finding.series), baseline.series.architecture, contrast.lengths.size(),
      fmt::join(others, ", ")));
}

void add_doubts(const Audit& audit, std::vector<Finding>& fits) {
  for (const AuditedSeries& one : audit.series) {
    const std::optional<law::Doubt> doubt = doubt_of(one);
    for (Finding& finding : fits) {
      if (doubt && key_of(finding.series) == key_of(one.series)) finding.doubts.push_back(*doubt);
    }
  }
}

std::vector<Comparison> comparisons_of(const std::vector<Finding>& fits, const Settings& settings,
                                       const PriceBook& prices, std::vector<std::string>& notes) {
  std::vector<Comparison> comparisons;
  for (const Finding& finding : fits) {
    const law::Series& series = finding.series;
    const Finding* baseline = series.architecture == settings.baseline
                                  ? nullptr
                                  : baseline_of(fits, series, settings.baseline);
    if (!baseline) continue;
    law::Contrast contrast = law::contrast(series.cells, baseline->series.cells, settings.options);
    if (series.share_no_rate) contrast.reason = no_exponent(series);
    note_lengths_left_out(finding, *baseline, contrast, notes);
    const law::WidthRatio widths = law::width_ratio(contrast);
    std::vector<law::WidthRatio> widths_at;
    for (const double length : settings.at) {
      if (contrast.delta && std::ranges::count(finding.fit.lengths, length) > 0 &&
          std::ranges::count(baseline->fit.lengths, length) > 0)
        widths_at.push_back(law::width_ratio(contrast, length));
    }
    Saving saving = prices.saving(series, baseline->series, contrast);
    comparisons.push_back({.task = series.task,
                           .architecture = series.architecture,
                           .axes = series.axes,
                           .baseline = settings.baseline,
                           .contrast = std::move(contrast),
                           .widths = widths,
                           .widths_at = std::move(widths_at),
                           .saving = std::move(saving)});
  }
  return comparisons;
}

void require_lengths(const Input& input, const std::vector<double>& at) {
  std::set<double> lengths;
  for (const law::Trial& trial : input.trials) lengths.insert(trial.length);
  for (const law::CountedCell& counted : input.counted) lengths.insert(counted.cell.length);
  for (const double length : at) {
    if (lengths.contains(length)) continue;
    throw InputError(
        {.what = fmt::format("length {} was not run", length),
         .where = "--at",
         .expected = fmt::format("lengths of {}: {}", input.path, fmt::join(lengths, ", ")),
         .got = fmt::format("{}", length)});
  }
}

}  // namespace

const Comparison* comparison_of(std::span<const Comparison> comparisons,
                                const law::Series& series) {
  for (const Comparison& one : comparisons) {
    if (one.task == series.task && one.architecture == series.architecture &&
        one.axes == series.axes)
      return &one;
  }
  return nullptr;
}

Findings fit_what_there_is(const Input& input, const Choices& choices) {
  const Settings settings = settle(choices, input);
  require_lengths(input, settings.at);
  law::Evidence evidence = evidence_of(input, settings.tau);
  std::vector<std::string> notes = input.notes;
  notes.insert(notes.end(), evidence.notes.begin(), evidence.notes.end());
  const PriceBook prices(input.prices, notes);
  std::vector<Finding> fits =
      fits_of(input, std::move(evidence.series), settings.options, prices, notes);
  note_missing_baseline(fits, settings.baseline, notes);
  note_not_compared(fits, settings.baseline, notes);
  std::vector<Comparison> comparisons = comparisons_of(fits, settings, prices, notes);
  std::optional<Audit> audit = audit_of(input, fits, settings);
  if (audit) add_doubts(*audit, fits);
  for (Finding& finding : fits) {
    const Comparison* comparison = comparison_of(comparisons, finding.series);
    finding.judgement = law::judge(finding.fit, comparison ? &comparison->contrast : nullptr,
                                   finding.series.cells, finding.doubts);
  }
  std::vector<BudgetCurve> budgets = budget_curves(fits, settings.options);
  Sensitivity sensitivity = sensitivity_of(input, fits, comparisons, settings);
  std::vector<StateCell> states = state_cells(input, fits);
  if (audit && input.tau && *input.tau != settings.tau) {
    notes.push_back(
        fmt::format("the budget audit drew from seeds unsolved at the study's test accuracy {}, "
                    "and is judged at {}",
                    *input.tau, settings.tau));
  }
  return {.path = input.path,
          .settings = settings,
          .counted = input.trials.empty(),
          .fits = std::move(fits),
          .contrasts = std::move(comparisons),
          .budgets = std::move(budgets),
          .audit = std::move(audit),
          .sensitivity = std::move(sensitivity),
          .states = std::move(states),
          .unused = std::move(evidence.unused),
          .notes = std::move(notes)};
}

Settings settle(const Choices& choices, const Input& input) {
  return {.tau = choices.tau.value_or(input.tau.value_or(usual_tau)),
          .baseline = choices.baseline.value_or(input.baseline.value_or(first_architecture(input))),
          .options = choices.options,
          .scale = input.scale,
          .at = choices.at};
}

std::optional<Report> undetermined(const Input& input, const Findings& findings) {
  const auto any = [&](auto has) {
    return std::any_of(findings.fits.begin(), findings.fits.end(), has);
  };
  if (any([](const Finding& finding) { return finding.fit.alpha.has_value(); }))
    return std::nullopt;
  if (any([](const Finding& finding) { return !finding.series.cells.empty(); })) {
    const Finding& first = findings.fits.front();
    return Report{.what = "no exponent could be given",
                  .where = input.path,
                  .got = fmt::format("{} curve{}, the first: {}: {}", findings.fits.size(),
                                     findings.fits.size() == 1 ? "" : "s", law::name(first.series),
                                     first.fit.reason),
                  .advice = "The words of each verdict say what it takes"};
  }
  const bool share_none = any([](const Finding& finding) { return finding.series.share_no_rate; });
  const bool by_seed = any([](const Finding& finding) { return finding.series.rates_by_seed; });
  return Report{
      .what = "not one seed can be used",
      .where = input.path,
      .got = findings.counted ? fmt::format("0 seeds in all of {} cells", input.counted.size())
             : findings.unused.empty()
                 ? "no trials"
                 : fmt::format("{} trials, the first: {}", input.trials.size(),
                               findings.unused.front().reason),
      .advice =
          !input.without_accuracy.empty()
              ? "Accuracies are missing: write nan where training diverged"
          : by_seed ? "Give all seeds of a task the same learning rates, or leave out the column "
                      "learning_rate: then each seed stands with the rate that it had"
          : share_none ? "Run all architectures and cells of a task with the same learning rates"
                       : "Run the study, or finish it, first: surd run STUDY"};
}

Findings fit_everything(const Input& input, const Choices& choices) {
  Findings findings = fit_what_there_is(input, choices);
  const bool any_seed =
      std::any_of(findings.fits.begin(), findings.fits.end(),
                  [](const Finding& finding) { return !finding.series.cells.empty(); });
  if (!any_seed) throw InputError(*undetermined(input, findings));
  return findings;
}

}  // namespace surd::analysis
