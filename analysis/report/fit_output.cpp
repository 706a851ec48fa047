#include "analysis/report/fit_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "analysis/report/audit_output.hpp"
#include "analysis/report/compute_output.hpp"
#include "analysis/report/fit_tables.hpp"
#include "analysis/report/laws_output.hpp"
#include "analysis/report/sensitivity_output.hpp"
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
  std::string out;
  for (const auto& [names, finding] : sentences)
    out += fmt::format("  {}: {}\n", names, finding->judgement.words);
  return out;
}

std::string unused_table(const Findings& findings) {
  std::map<std::string, int> counts;
  for (const law::Unused& unused : findings.unused) ++counts[unused.reason];
  if (counts.empty()) return "";
  std::string out =
      fmt::format("\nTrials not used: {} (each is named under --json)\n", findings.unused.size());
  for (const auto& [reason, count] : counts) out += fmt::format("  {:>6}  {}\n", count, reason);
  return out;
}

std::string contrast_table(const Findings& findings) {
  if (findings.contrasts.empty()) return "";
  std::string reasons;
  for (const Comparison& one : findings.contrasts) {
    if (one.contrast.delta) continue;
    reasons += fmt::format("{} {}: no difference: {}\n", one.task,
                           full_name(one.architecture, one.axes), one.contrast.reason);
  }
  return fmt::format("\nAgainst {} (delta alpha = alpha - alpha of {}):\n{}{}",
                     findings.settings.baseline, findings.settings.baseline,
                     for_terminal(differences_table(findings, Which::shown)), reasons);
}

std::string audit_text(const Findings& findings) {
  if (!findings.audit) return "";
  std::string out = "\nBudget audit, unsolved seeds trained anew with twice the steps:\n" +
                    for_terminal(audit_table(*findings.audit));
  for (const std::string& sentence : sentences_of(*findings.audit))
    out += fmt::format("  {}\n", sentence);
  return out;
}

}  // namespace

std::string table(const Findings& findings) {
  std::string out =
      findings.counted
          ? "Width needed ~ L^alpha, from seeds counted as solved in the input\n"
          : fmt::format("Width needed ~ L^alpha, from seeds solved at test accuracy {}\n",
                        findings.settings.tau);
  out += for_terminal(exponents_table(findings)) + "\n" + verdicts(findings) +
         contrast_table(findings) + compute_text(findings) + laws_text(findings) +
         held_out_text(findings) + sensitivity_table(findings) + audit_text(findings) +
         unused_table(findings);
  return out;
}

Json to_json(const Findings& findings) {
  Json unused = Json::array();
  for (const law::Unused& one : findings.unused)
    unused.push_back({{"id", one.id}, {"reason", one.reason}});
  Json json = {{"format_version", 1},
               {"fits", to_json(exponents_table(findings))},
               {"contrasts", to_json(differences_table(findings, Which::all))},
               {"unused", std::move(unused)},
               {"notes", findings.notes},
               {"laws", laws_json(findings)},
               {"held_out", to_json(held_out_table(findings, Which::all))},
               {"compute", compute_json(findings)}};
  json["sensitivity"] = sensitivity_json(findings);
  if (findings.audit) json["sensitivity"]["audit"] = to_json(*findings.audit);
  return json;
}

std::string to_csv(const Findings& findings) { return to_csv(exponents_table(findings)); }

}  // namespace surd::analysis
