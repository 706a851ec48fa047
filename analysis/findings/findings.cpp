#include "analysis/findings/findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.hpp"

namespace surd::analysis {
namespace {

const Finding* baseline_of(const Findings& findings, const law::Series& series) {
  for (const Finding& other : findings.fits) {
    if (other.series.task == series.task && other.series.axes == series.axes && other.series.architecture == findings.settings.baseline)
      return &other;
  }
  return nullptr;
}

void note_missing_baseline(Findings& findings) {
  std::set<std::string> architectures;
  for (const Finding& finding : findings.fits) architectures.insert(finding.series.architecture);
  if (architectures.contains(findings.settings.baseline)) return;
  const std::vector<std::string> words(architectures.begin(), architectures.end());
  const std::string nearest = nearest_word(findings.settings.baseline, words);
  findings.notes.push_back(fmt::format("no architecture is called '{}', so nothing is compared; there are: {}{}", findings.settings.baseline,
                                       fmt::join(words, ", "), nearest.empty() ? "" : ". Did you mean --baseline " + nearest + "?"));
}

// Series whose baseline was run, but not in their task and at their further axes.
void note_not_compared(Findings& findings) {
  std::vector<std::string> names;
  bool any_baseline = false;
  for (const Finding& finding : findings.fits) {
    any_baseline = any_baseline || finding.series.architecture == findings.settings.baseline;
    if (!baseline_of(findings, finding.series)) names.push_back(law::name(finding.series));
  }
  if (!any_baseline || names.empty()) return;
  findings.notes.push_back(fmt::format("not compared with {}, which was not run with the same task and further axes: {}", findings.settings.baseline,
                                       fmt::join(names, "; ")));
}

constexpr const char* no_shared_rate = "the architectures or cells of this task share no learning rate; run all with the same ones";

}  // namespace

Findings fit_what_there_is(const Input& input, const Settings& settings) {
  law::Evidence evidence = input.trials.empty() ? law::collect(input.counted) : law::collect(input.trials, settings.tau);
  Findings findings{.path = input.path,
                    .settings = settings,
                    .counted = input.trials.empty(),
                    .fits = {},
                    .contrasts = {},
                    .audit = {},
                    .sensitivity = {},
                    .unused = std::move(evidence.unused),
                    .notes = input.notes};
  findings.notes.insert(findings.notes.end(), evidence.notes.begin(), evidence.notes.end());
  const PriceBook prices(input.prices, findings.notes);
  for (law::Series& series : evidence.series) {
    law::Fit fit = law::fit(series.cells, settings.options);
    if (series.share_no_rate) fit.reason = no_shared_rate;
    if (const std::string open = law::bracketing(series.cells).open; fit.alpha && !open.empty()) {
      findings.notes.push_back(fmt::format("{}: not every length brackets its threshold: {}", law::name(series), open));
    }
    Beside beside{.references = law::reference_laws(series.cells, settings.options, fit),
                  .offset = law::fit_offset(series.cells, settings.options, fit),
                  .held_out = law::hold_out(series.cells, settings.options)};
    Compute compute = prices.compute(series, settings.options, fit);
    findings.fits.push_back(
        {.series = std::move(series), .fit = std::move(fit), .judgement = {}, .beside = std::move(beside), .compute = std::move(compute)});
  }
  note_missing_baseline(findings);
  note_not_compared(findings);
  for (Finding& finding : findings.fits) {
    const law::Series& series = finding.series;
    const Finding* baseline = series.architecture == settings.baseline ? nullptr : baseline_of(findings, series);
    if (!baseline) {
      finding.judgement = law::judge(finding.fit, nullptr, series.cells);
      continue;
    }
    law::Contrast contrast = law::contrast(series.cells, baseline->series.cells, settings.options);
    if (series.share_no_rate) contrast.reason = no_shared_rate;
    finding.judgement = law::judge(finding.fit, &contrast, series.cells);
    const std::size_t shared = contrast.lengths.size();
    if (shared >= 2 && (shared < finding.fit.lengths.size() || shared < baseline->fit.lengths.size())) {
      findings.notes.push_back(
          fmt::format("{} against {}: only the {} lengths that both have are compared", law::name(series), settings.baseline, shared));
    }
    Saving saving = prices.saving(series, baseline->series, contrast);
    findings.contrasts.push_back({.task = series.task,
                                  .architecture = series.architecture,
                                  .axes = series.axes,
                                  .baseline = settings.baseline,
                                  .contrast = std::move(contrast),
                                  .saving = std::move(saving)});
  }
  findings.sensitivity = sensitivity_of(input, findings);
  findings.audit = audit_of(input, findings);
  if (findings.audit && input.tau && *input.tau != settings.tau) {
    findings.notes.push_back(
        fmt::format("the budget audit drew from seeds unsolved at the study's test accuracy {}, and is judged at {}", *input.tau, settings.tau));
  }
  return findings;
}

Settings settle(const Choices& choices, const Input& input) {
  Settings settings{.tau = Settings{}.tau, .baseline = Settings{}.baseline, .options = choices.options};
  settings.tau = choices.tau.value_or(input.tau.value_or(settings.tau));
  settings.baseline = choices.baseline.value_or(input.baseline.value_or(settings.baseline));
  return settings;
}

void require_seeds(const Input& input, const Findings& findings) {
  const bool any_seed = std::any_of(findings.fits.begin(), findings.fits.end(), [](const Finding& finding) { return !finding.series.cells.empty(); });
  if (any_seed) return;
  const bool share_none =
      std::any_of(findings.fits.begin(), findings.fits.end(), [](const Finding& finding) { return finding.series.share_no_rate; });
  throw InputError({.what = "not one seed can be used",
                    .where = input.path,
                    .got = findings.counted          ? fmt::format("0 seeds in all of {} cells", input.counted.size())
                           : findings.unused.empty() ? "no trials"
                                                     : fmt::format("{} trials, the first: {}", input.trials.size(), findings.unused.front().reason),
                    .advice = share_none ? "Run all architectures and cells of a task with the same learning rates"
                                         : "Run the study, or finish it, first: surd-run STUDY"});
}

Findings fit_everything(const Input& input, const Settings& settings) {
  Findings findings = fit_what_there_is(input, settings);
  require_seeds(input, findings);
  return findings;
}

}  // namespace surd::analysis
