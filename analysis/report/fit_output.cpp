#include "analysis/report/fit_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "analysis/input/scale.hpp"
#include "analysis/report/audit_output.hpp"
#include "analysis/report/budgets_output.hpp"
#include "analysis/report/compute_output.hpp"
#include "analysis/report/curvature_output.hpp"
#include "analysis/report/explain.hpp"
#include "analysis/report/length_tables.hpp"
#include "analysis/report/beside_tables.hpp"
#include "analysis/report/fit_tables.hpp"
#include "analysis/report/latex.hpp"
#include "analysis/report/laws_output.hpp"
#include "analysis/report/sensitivity_output.hpp"
#include "analysis/report/states_output.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

// A line each; series without an exponent for the same reason share one.
std::string verdicts(const Findings& findings) {
  std::vector<std::pair<std::string, const Finding*>>
      sentences;  // names, and a finding of that verdict
  for (const Finding& finding : findings.fits) {
    const auto same = std::find_if(sentences.begin(), sentences.end(), [&](const auto& one) {
      return !finding.fit.alpha && !one.second->fit.alpha &&
             one.second->judgement.words == finding.judgement.words;
    });
    if (same == sentences.end()) {
      sentences.push_back({law::name(finding.series), &finding});
    } else {
      same->first += ", " + law::name(finding.series);
    }
  }
  std::string out = "\nVerdicts:\n";
  for (const auto& [names, finding] : sentences)
    out += item(names + ": " + finding->judgement.words);
  return out;
}

std::string unused_text(const Findings& findings) {
  std::map<std::string, int> counts;
  for (const law::Unused& unused : findings.unused) ++counts[unused.reason];
  if (counts.empty()) return "";
  std::string out =
      fmt::format("\nTrials not used: {} (each is named under --json)\n", findings.unused.size());
  for (const auto& [reason, count] : counts) out += item(fmt::format("{:>6}  {}", count, reason));
  return out;
}

std::string differences_text(const Findings& findings) {
  if (findings.contrasts.empty()) return "";
  std::string reasons;
  for (const Comparison& one : findings.contrasts) {
    if (one.contrast.delta) continue;
    reasons += item(fmt::format("{} {}: no difference: {}", one.task,
                                full_name(one.architecture, one.axes), one.contrast.reason));
  }
  const std::string title =
      fmt::format("Against the baseline, {}: alpha less its alpha, and {} over its {}:",
                  findings.settings.baseline, words_of(findings.settings.scale).unit,
                  words_of(findings.settings.scale).unit);
  return fmt::format("\n{}{}{}", paragraph(title),
                     for_terminal(differences_table(findings, Which::shown)), reasons);
}

// Where other lengths than the largest were asked for.
std::string width_ratios_text(const Findings& findings) {
  const std::string table = for_terminal(width_ratios_table(findings));
  return table.empty() ? "" : "\nWidth over that of the baseline at the lengths of --at:\n" + table;
}

std::string thresholds_text(const Findings& findings) {
  const std::string table = for_terminal(thresholds_table(findings, Which::shown));
  return table.empty() ? "" : "\nThe thresholds of single lengths:\n" + table;
}

// A title over the further numbers of a table; empty without rows.
std::string details(const std::string& title, const ResultTable& table) {
  const std::string text = for_terminal(table, Part::details);
  return text.empty() ? "" : "\n" + title + ":\n" + text;
}

std::string audit_text(const Findings& findings) {
  if (!findings.audit) return "";
  std::string out = "\nBudget audit, unsolved seeds trained anew with twice the steps:\n" +
                    for_terminal(audit_table(*findings.audit));
  for (const std::string& sentence : sentences_of(*findings.audit)) out += item(sentence);
  return out;
}

std::string count_of(std::size_t count, const char* one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

// Of what only --verbose shows, how much there is.
void note_what_is_left_out(const Findings& findings, std::vector<std::string>& notes) {
  if (findings.audit) {
    for (const std::string& sentence : sentences_of(*findings.audit))
      notes.push_back(fmt::format("budget audit: {}", sentence));
  }
  if (const std::size_t changes = sensitivity_sentences(findings).size(); changes > 0) {
    notes.push_back(count_of(changes, "other choice") +
                    " of test accuracy or learning rate would change an exponent or verdict: see "
                    "Sensitivity under --verbose");
  }
  if (!findings.unused.empty())
    notes.push_back(count_of(findings.unused.size(), "trial") + " not used: --verbose says why");
}

// What else a reader of the tables must know; `shown` is all that stands beside the notes.
std::string notes_text(const Findings& findings, Detail detail, const std::string& shown) {
  std::vector<std::string> notes = findings.notes;
  if (shown.find("(open,") != std::string::npos || shown.find(", open)") != std::string::npos) {
    notes.emplace_back(
        "open: no value on that side of the interval is excluded, as far as it was looked for; "
        "lengths that bracket their thresholds, and more of them, close it");
  }
  if (detail == Detail::main) note_what_is_left_out(findings, notes);
  std::string out;
  for (const std::string& note : notes) out += item(note);
  return out.empty() ? "" : "\nNotes:\n" + out;
}

std::string head_text(const Findings& findings) {
  const std::string needed =
      fmt::format("{} needed ~ L^alpha", words_of(findings.settings.scale).heading);
  return findings.counted ? fmt::format("{}, from seeds counted as solved in the input\n", needed)
                          : fmt::format("{}, from seeds solved at test accuracy {}\n", needed,
                                        findings.settings.tau);
}

}  // namespace

std::string to_text(const Findings& findings, Detail detail) {
  const ResultTable exponents = exponents_table(findings);
  const std::string tables = head_text(findings) + for_terminal(exponents) +
                             differences_text(findings) + width_ratios_text(findings) +
                             verdicts(findings) + budgets_text(findings);
  if (detail == Detail::main) {
    return tables + notes_text(findings, detail, tables) +
           "\n--explain says what each column is, --verbose shows all that was found.\n";
  }
  const std::string more =
      details("The exponents in detail", exponents) +
      details("The differences in detail", differences_table(findings, Which::shown)) +
      thresholds_text(findings) + compute_text(findings) + curvature_text(findings) +
      laws_text(findings) + held_out_text(findings) + sensitivity_text(findings) +
      audit_text(findings) + unused_text(findings);
  return tables + notes_text(findings, detail, tables + more) + more;
}

std::string explain_fit() {
  Findings none;
  none.settings.baseline = "baseline";
  const char* verbose = "--verbose";
  const ResultTable document = {
      .columns = {{.key = "format_version", .means = "of this JSON: 1"},
                  {.key = "scale",
                   .means = "the column whose sizes stand in place of the width (--scale); only "
                            "where one does"},
                  {.key = "notes", .means = "what is odd about the data, a sentence each"},
                  {.key = "sensitivity",
                   .means = "warnings: the choices that change an exponent or verdict, a sentence "
                            "each; reason: why there are no choices"},
                  {.key = "sensitivity.audit",
                   .means =
                       "the budget audit of all series together; trials_left: drawn and without "
                       "a result yet; warnings: a sentence each"}},
      .rows = {}};
  return explain(
      "surd-fit fit",
      {{.title = "Exponents, a row a task and architecture",
        .machines = "fits; --csv; each list is a file of --csv-dir",
        .table = exponents_table(none)},
       {.title = "Against the baseline, a row an architecture",
        .machines = "contrasts",
        .table = differences_table(none, Which::all)},
       {.title = "The width ratio at the lengths of --at, a row an architecture and length",
        .machines = "width_ratios",
        .table = width_ratios_table(none)},
       {.title = "Alpha against the budget of training, a row a curve and budget, where there are "
                 "several",
        .machines = "budgets",
        .table = budgets_table({})},
       {.title = "The thresholds of single lengths, a row a length",
        .shown = verbose,
        .machines = "thresholds",
        .table = thresholds_table(none, Which::all)},
       {.title = "Solved seeds beside the fitted law, a row a cell",
        .machines = "cells",
        .table = cells_table(none)},
       {.title = "Compute to solve, a row a task and architecture",
        .shown = verbose,
        .table = compute_table(none)},
       {.title = "The same of one measure of FLOPs",
        .machines = "forward and generation of compute",
        .table = growth_table({})},
       {.title = "The same against the baseline",
        .machines = "against of compute",
        .table = against_table({})},
       {.title = "Its ratio of one measure of FLOPs",
        .machines = "forward and generation of that",
        .table = saving_table({})},
       {.title = "Local exponent, by a law with a curvature, a row a task and architecture",
        .shown = verbose,
        .table = curvature_table(none)},
       {.title = "Laws without a free exponent, and an additive offset, a row a task and "
                 "architecture",
        .shown = verbose,
        .table = laws_table(none)},
       {.title = "The same", .machines = "laws", .table = references_by_series(none)},
       {.title = "Each of these laws", .machines = "laws of that", .table = references_table({})},
       {.title = "The additive offset: width = d0 + a sqrt(L)",
        .machines = "offset of that",
        .table = offset_table({})},
       {.title = "Saturation: width = a L/(L + K)",
        .machines = "saturation of that",
        .table = saturation_table({})},
       {.title = "The largest length, predicted by the others",
        .shown = verbose,
        .machines = "held_out",
        .table = held_out_table(none, Which::all)},
       {.title = "Sensitivity to the test accuracy T from which a seed is solved, and to learning "
                 "rates R",
        .shown = verbose,
        .table = choices_in_words()},
       {.title = "The same, a row a choice of test accuracy",
        .machines = "tau of sensitivity",
        .table = taus_table({})},
       {.title = "The same, a row a learning rate",
        .machines = "learning_rate of sensitivity",
        .table = rates_table({})},
       {.title = "Budget audit, a row a task and architecture",
        .shown = "--verbose, where surd-run trained one",
        .machines = "series of audit of sensitivity",
        .table = audit_table({})},
       {.title = "Accuracy against state size, a row a cell, where the input has state_bytes",
        .machines = "states",
        .table = states_table({})},
       {.title = "Trials not used, a row each",
        .shown = "--verbose counts them",
        .machines = "unused",
        .table = unused_table(none)},
       {.title = "What else there is", .machines = "the whole", .table = document}});
}

Json to_json(const Findings& findings) {
  Json json = {{"format_version", 1},
               {"fits", to_json(exponents_table(findings))},
               {"contrasts", to_json(differences_table(findings, Which::all))},
               {"unused", to_json(unused_table(findings))},
               {"notes", findings.notes},
               {"laws", laws_json(findings)},
               {"held_out", to_json(held_out_table(findings, Which::all))},
               {"compute", compute_json(findings)},
               {"width_ratios", to_json(width_ratios_table(findings))},
               {"thresholds", to_json(thresholds_table(findings, Which::all))},
               {"cells", to_json(cells_table(findings))}};
  json["sensitivity"] = sensitivity_json(findings);
  if (findings.audit) json["sensitivity"]["audit"] = to_json(*findings.audit);
  if (!findings.budgets.empty()) json["budgets"] = to_json(budgets_table(findings.budgets));
  if (!findings.states.empty()) json["states"] = to_json(states_table(findings.states));
  if (findings.settings.scale != SizeScale::hidden)
    json["scale"] = words_of(findings.settings.scale).key;
  return json;
}

std::string to_latex(const Findings& findings) {
  const std::string differences = for_latex(differences_table(findings, Which::shown));
  const std::string budgets = for_latex(budgets_table(findings.budgets));
  return fmt::format("% \\usepackage{{booktabs}}\n{}{}{}{}{}", for_latex(exponents_table(findings)),
                     differences.empty() ? "" : "\n", differences, budgets.empty() ? "" : "\n",
                     budgets);
}

std::string to_csv(const Findings& findings) { return to_csv(exponents_table(findings)); }

}  // namespace surd::analysis
