#include "analysis/report/fit_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "analysis/report/audit_output.hpp"
#include "analysis/report/compute_output.hpp"
#include "analysis/report/laws_output.hpp"
#include "analysis/report/number.hpp"
#include "analysis/report/sensitivity_output.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

// Lengths are whole numbers in nearly every file: 16, not 16.0.
Json lengths(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(value == std::floor(value) ? Json(static_cast<std::int64_t>(value)) : Json(value));
  return list;
}

// A line each; series without an exponent for the same reason share one.
std::string verdicts(const Findings& findings) {
  std::vector<std::pair<std::string, const Finding*>> sentences;  // names, and a finding of that verdict
  for (const Finding& finding : findings.fits) {
    const auto same = std::find_if(sentences.begin(), sentences.end(), [&](const auto& one) {
      return !finding.fit.alpha && !one.second->fit.alpha && one.second->judgement.words == finding.judgement.words;
    });
    if (same == sentences.end()) {
      sentences.push_back({law::name(finding.series), &finding});
    } else {
      same->first += ", " + law::name(finding.series);
    }
  }
  std::string out;
  for (const auto& [names, finding] : sentences) out += fmt::format("  {}: {}\n", names, finding->judgement.words);
  return out;
}

std::string unused_table(const Findings& findings) {
  std::map<std::string, int> counts;
  for (const law::Unused& unused : findings.unused) ++counts[unused.reason];
  if (counts.empty()) return "";
  std::string out = fmt::format("\nTrials not used: {} (each is named under --json)\n", findings.unused.size());
  for (const auto& [reason, count] : counts) out += fmt::format("  {:>6}  {}\n", count, reason);
  return out;
}

std::string contrast_table(const Findings& findings) {
  if (findings.contrasts.empty()) return "";
  std::string reasons;
  Lines lines = {{"task", "architecture", "delta alpha", "95 %", "unwidened", "h", "q", "lengths"}};
  for (const Comparison& comparison : findings.contrasts) {
    const law::Contrast& contrast = comparison.contrast;
    const std::string architecture = full_name(comparison.architecture, comparison.axes);
    if (contrast.delta) {
      lines.push_back({comparison.task, architecture, fmt::format("{:+.2f}", *contrast.delta), text(contrast.interval), text(contrast.unwidened),
                       text(contrast.criterion.dispersion, 2), text(contrast.criterion.critical, 2), std::to_string(contrast.lengths.size())});
    } else {
      reasons += fmt::format("{} {}: no difference: {}\n", comparison.task, architecture, contrast.reason);
    }
  }
  return fmt::format("\nAgainst {} (delta alpha = alpha - alpha of {}):\n{}{}", findings.settings.baseline, findings.settings.baseline,
                     lines.size() > 1 ? aligned(lines) : "", reasons);
}

std::string audit_table(const Findings& findings) {
  if (!findings.audit) return "";
  std::string out = "\nBudget audit, unsolved seeds trained anew with twice the steps:\n" + aligned(lines_of(*findings.audit));
  for (const std::string& sentence : sentences_of(*findings.audit)) out += fmt::format("  {}\n", sentence);
  return out;
}

}  // namespace

std::string table(const Findings& findings) {
  Lines lines = {{"task", "architecture", "alpha", "95 %", "unwidened", "threshold", "at L", "kappa", "lapse", "h", "q", "lengths"}};
  for (const Finding& finding : findings.fits) {
    const law::Fit& fit = finding.fit;
    const law::Series& series = finding.series;
    lines.push_back({series.task, full_name(series.architecture, series.axes), text(fit.alpha, 2),
                     fit.alpha || fit.interval.low || fit.interval.high ? text(fit.interval) : "-", fit.alpha ? text(fit.unwidened) : "-",
                     text3(fit.threshold), fit.threshold ? fmt::format("{:.0f}", std::exp(law::mean_log(fit.lengths))) : "-", text3(fit.kappa),
                     text(fit.lapse, 3), fit.alpha ? text(fit.criterion.dispersion, 2) : "-", fit.alpha ? text(fit.criterion.critical, 2) : "-",
                     std::to_string(fit.lengths.size())});
  }
  std::string out = findings.counted ? "Width needed ~ L^alpha, from seeds counted as solved in the input\n"
                                     : fmt::format("Width needed ~ L^alpha, from seeds solved at test accuracy {}\n", findings.settings.tau);
  out += aligned(lines) + "\n" + verdicts(findings) + contrast_table(findings) + compute_table(findings) + laws_table(findings) +
         held_out_table(findings) + sensitivity_table(findings) + audit_table(findings) + unused_table(findings);
  return out;
}

Json to_json(const Findings& findings) {
  Json fits = Json::array();
  for (const Finding& finding : findings.fits) {
    const law::Fit& fit = finding.fit;
    Json entry = {{"task", finding.series.task},
                  {"architecture", finding.series.architecture},
                  {"lengths", lengths(fit.lengths)},
                  {"alpha", number(fit.alpha)},
                  {"alpha_low", number(fit.interval.low)},
                  {"alpha_high", number(fit.interval.high)},
                  {"alpha_low_unwidened", number(fit.unwidened.low)},
                  {"alpha_high_unwidened", number(fit.unwidened.high)},
                  {"threshold", number(fit.threshold)},
                  {"kappa", number(fit.kappa)},
                  {"lapse", number(fit.lapse)},
                  {"log_likelihood", fit.threshold ? Json(fit.log_likelihood) : Json(nullptr)},
                  {"lack_of_fit", fit.alpha ? Json(fit.lack_of_fit) : Json(nullptr)},
                  {"lack_of_fit_df", std::max(0, fit.lack_of_fit_degrees)},
                  {"dispersion", fit.alpha ? Json(fit.criterion.dispersion) : Json(nullptr)},
                  {"critical_value", fit.alpha ? Json(fit.criterion.critical) : Json(nullptr)},
                  {"seeds_solved", finding.series.solved},
                  {"solved_at_lowest_rate", finding.series.solved_at_lowest_rate},
                  {"solved_at_highest_rate", finding.series.solved_at_highest_rate},
                  {"verdict", law::to_string(finding.judgement.verdict)},
                  {"words", finding.judgement.words}};
    if (!finding.series.axes.empty()) entry["axes"] = finding.series.axes;
    if (!fit.reason.empty()) entry["reason"] = fit.reason;
    fits.push_back(std::move(entry));
  }
  Json contrasts = Json::array();
  for (const Comparison& comparison : findings.contrasts) {
    const law::Contrast& contrast = comparison.contrast;
    Json entry = {{"task", comparison.task},
                  {"architecture", comparison.architecture},
                  {"baseline", comparison.baseline},
                  {"delta_alpha", number(contrast.delta)},
                  {"delta_low", number(contrast.interval.low)},
                  {"delta_high", number(contrast.interval.high)},
                  {"delta_low_unwidened", number(contrast.unwidened.low)},
                  {"delta_high_unwidened", number(contrast.unwidened.high)},
                  {"dispersion", contrast.delta ? Json(contrast.criterion.dispersion) : Json(nullptr)},
                  {"critical_value", contrast.delta ? Json(contrast.criterion.critical) : Json(nullptr)},
                  {"lengths", lengths(contrast.lengths)}};
    if (!comparison.axes.empty()) entry["axes"] = comparison.axes;
    if (!contrast.reason.empty()) entry["reason"] = contrast.reason;
    contrasts.push_back(std::move(entry));
  }
  Json unused = Json::array();
  for (const law::Unused& one : findings.unused) unused.push_back({{"id", one.id}, {"reason", one.reason}});
  Json json = {{"format_version", 1},     {"fits", std::move(fits)},     {"contrasts", std::move(contrasts)},   {"unused", std::move(unused)},
               {"notes", findings.notes}, {"laws", laws_json(findings)}, {"held_out", held_out_json(findings)}, {"compute", compute_json(findings)}};
  json["sensitivity"] = sensitivity_json(findings);
  if (findings.audit) json["sensitivity"]["audit"] = to_json(*findings.audit);
  return json;
}

std::string to_csv(const Findings& findings) {
  const std::vector<std::string> columns = {"task",
                                            "architecture",
                                            "axes",
                                            "lengths",
                                            "alpha",
                                            "alpha_low",
                                            "alpha_high",
                                            "alpha_low_unwidened",
                                            "alpha_high_unwidened",
                                            "threshold",
                                            "kappa",
                                            "lapse",
                                            "log_likelihood",
                                            "lack_of_fit",
                                            "lack_of_fit_df",
                                            "dispersion",
                                            "critical_value",
                                            "verdict",
                                            "reason"};
  const auto cell = [](const Json& value) -> std::string {
    if (value.is_null()) return "";
    if (value.is_array()) {
      std::string joined;
      for (const Json& item : value) joined.append(joined.empty() ? "" : " ").append(item.dump());
      return joined;
    }
    return value.is_string() ? quoted_field(value.get<std::string>()) : value.dump();
  };
  std::string out = fmt::format("{}\n", fmt::join(columns, ","));
  const Json json = to_json(findings);
  for (const Json& fit : json["fits"]) {
    std::vector<std::string> row;
    for (const std::string& column : columns) row.push_back(fit.contains(column) ? cell(fit[column]) : "");
    out += fmt::format("{}\n", fmt::join(row, ","));
  }
  return out;
}

}  // namespace surd::analysis
