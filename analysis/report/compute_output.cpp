#include "analysis/report/compute_output.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "analysis/report/number.hpp"
#include "analysis/report/text.hpp"

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
  Json json = {{"ratio", number(saving.ratio)}, {"ratio_low", number(saving.interval.low)}, {"ratio_high", number(saving.interval.high)}};
  if (!saving.words.empty()) json["words"] = saving.words;
  if (!saving.reason.empty()) json["reason"] = saving.reason;
  return json;
}

std::string ratio_text(const law::Saving& saving) {
  if (!saving.ratio) return "-";
  const auto end = [](const std::optional<double>& value) { return value ? text3(value) : std::string("open"); };
  return fmt::format("{} [{}, {}]", text3(saving.ratio), end(saving.interval.low), end(saving.interval.high));
}

std::string gamma_text(const law::Compute& compute) {
  return compute.gamma ? fmt::format("{} {}", rounded(*compute.gamma, 2), text(compute.interval)) : "-";
}

}  // namespace

std::string compute_table(const Findings& findings) {
  const std::string& baseline = findings.settings.baseline;
  Lines lines = {{"task", "architecture", "forward", "generated", fmt::format("forward / {}", baseline), fmt::format("generated / {}", baseline)}};
  std::string sentences;
  for (const Finding& finding : findings.fits) {
    const law::Series& series = finding.series;
    if (!finding.compute.forward.gamma && !finding.compute.generation.gamma) continue;
    const Comparison* compared = comparison_of(findings.contrasts, series);
    lines.push_back({series.task, full_name(series.architecture, series.axes), gamma_text(finding.compute.forward),
                     gamma_text(finding.compute.generation), compared ? ratio_text(compared->saving.forward) : "-",
                     compared ? ratio_text(compared->saving.generation) : "-"});
    if (!compared || !compared->saving.generation.ratio) continue;
    const law::Saving& saving = compared->saving.generation;
    sentences += fmt::format("  {}: a generated sequence {}\n", law::name(series), saving.words);
  }
  if (lines.size() == 1) return "";
  return "\nCompute to solve, FLOPs at the threshold width ~ L^gamma, and at the largest shared length as a ratio:\n" + aligned(lines) + sentences;
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
      entry["against"] = {{"baseline", compared->baseline},
                          {"length", saving.generation.ratio ? Json(saving.generation.length) : Json()},
                          {"forward", json_of(saving.forward)},
                          {"generation", json_of(saving.generation)}};
    }
    all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace surd::analysis
