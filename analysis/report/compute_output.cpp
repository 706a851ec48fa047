#include "analysis/report/compute_output.hpp"

#include <fmt/format.h>

#include <utility>

#include "analysis/report/fit_tables.hpp"
#include "analysis/report/number.hpp"

namespace surd::analysis {
namespace {

Json json_of(const law::Compute& compute) {
  Json json = {{"gamma", number(compute.gamma)},
               {"gamma_low", number(compute.interval.low)},
               {"gamma_high", number(compute.interval.high)},
               {"flops", number(compute.flops)}};
  if (!compute.reason.empty()) json["reason"] = compute.reason;
  return json;
}

Json json_of(const law::Saving& saving) {
  Json json = {{"ratio", number(saving.ratio)},
               {"ratio_low", number(saving.interval.low)},
               {"ratio_high", number(saving.interval.high)}};
  if (!saving.words.empty()) json["words"] = saving.words;
  if (!saving.reason.empty()) json["reason"] = saving.reason;
  return json;
}

}  // namespace

std::string compute_text(const Findings& findings) {
  const std::string table = for_terminal(compute_table(findings));
  if (table.empty()) return "";
  std::string sentences;
  for (const Finding& finding : findings.fits) {
    const Comparison* compared = comparison_of(findings.contrasts, finding.series);
    if (!compared || !compared->saving.generation.ratio) continue;
    sentences += fmt::format("  {}: a generated sequence {}\n", law::name(finding.series),
                             compared->saving.generation.words);
  }
  return "\nCompute to solve, FLOPs at the threshold width ~ L^gamma, and at the largest shared "
         "length as a ratio:\n" +
         table + sentences;
}

Json compute_json(const Findings& findings) {
  Json all = Json::array();
  for (const Finding& finding : findings.fits) {
    const law::Series& series = finding.series;
    Json entry = {{"task", series.task},
                  {"architecture", series.architecture},
                  {"forward", json_of(finding.compute.forward)},
                  {"generation", json_of(finding.compute.generation)}};
    if (!series.axes.empty()) entry["axes"] = series.axes;
    if (const Comparison* compared = comparison_of(findings.contrasts, series)) {
      const Saving& saving = compared->saving;
      entry["against"] = {
          {"baseline", compared->baseline},
          {"length", saving.generation.ratio ? Json(saving.generation.length) : Json()},
          {"forward", json_of(saving.forward)},
          {"generation", json_of(saving.generation)}};
    }
    all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace surd::analysis
