#include "analysis/report/laws_output.hpp"

#include <fmt/format.h>

#include "analysis/report/fit_tables.hpp"
#include "analysis/report/number.hpp"

namespace surd::analysis {
namespace {

Json entry_of(const law::Series& series) {
  Json entry = {{"task", series.task}, {"architecture", series.architecture}};
  if (!series.axes.empty()) entry["axes"] = series.axes;
  return entry;
}

}  // namespace

std::string laws_text(const Findings& findings) {
  const std::string table = for_terminal(laws_table(findings));
  if (table.empty()) return "";
  std::string sentences;
  for (const Finding& finding : findings.fits) {
    const law::References& references = finding.beside.references;
    if (!references.laws.empty())
      sentences += fmt::format("  {}: {}\n", law::name(finding.series), references.words);
  }
  return "\nLaws without a free exponent, by weight (AICc), and the additive offset:\n" + table +
         sentences;
}

std::string held_out_text(const Findings& findings) {
  const std::string table = for_terminal(held_out_table(findings, Which::shown));
  if (table.empty()) return "";
  return "\nThe largest length, predicted by the others (miss in units of the interval; beyond 1 "
         "the law does not carry on):\n" +
         table;
}

Json laws_json(const Findings& findings) {
  Json all = Json::array();
  for (const Finding& finding : findings.fits) {
    const auto& [references, offset, held_out] = finding.beside;
    Json entry = entry_of(finding.series);
    entry["laws"] = Json::array();
    for (const law::ReferenceLaw& law : references.laws) {
      entry["laws"].push_back({{"name", law.name},
                               {"threshold", law.threshold},
                               {"log_likelihood", law.log_likelihood},
                               {"aicc", number(law.aicc)},
                               {"weight", law.weight}});
    }
    if (references.reason.empty()) {
      entry["words"] = references.words;
    } else {
      entry["reason"] = references.reason;
    }
    entry["offset"] = {{"share", number(offset.share)},
                       {"share_low", number(offset.share_interval.low)},
                       {"share_high", number(offset.share_interval.high)},
                       {"offset", number(offset.offset)},
                       {"offset_low", number(offset.offset_interval.low)},
                       {"offset_high", number(offset.offset_interval.high)},
                       {"slope", number(offset.slope)},
                       {"log_likelihood_gain", offset.share ? Json(offset.gain) : Json()}};
    if (!offset.reason.empty()) entry["offset"]["reason"] = offset.reason;
    all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace surd::analysis
