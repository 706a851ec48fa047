#include "analysis/report/audit_output.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "analysis/report/number.hpp"

namespace surd::analysis {
namespace {

Json json_of(const AuditCounts& counts) {
  const std::optional<law::Share> share = counts.share();
  return {{"seeds_unsolved", counts.unsolved},
          {"seeds_audited", counts.seeds},
          {"seeds_solved", counts.solved},
          {"trials_audited", counts.trials},
          {"trials_solved", counts.trials_solved},
          {"share", share ? Json(share->value) : Json()},
          {"share_low", share ? Json(share->low) : Json()},
          {"share_high", share ? Json(share->high) : Json()}};
}

std::vector<std::string> line_of(const std::string& task, const std::string& name, const AuditCounts& counts) {
  const std::optional<law::Share> share = counts.share();
  return {task,
          name,
          std::to_string(counts.unsolved),
          std::to_string(counts.seeds),
          std::to_string(counts.solved),
          share ? rounded(share->value, 2) : "-",
          share ? fmt::format("[{}, {}]", rounded(share->low, 2), rounded(share->high, 2)) : "-"};
}

}  // namespace

Lines lines_of(const Audit& audit) {
  Lines lines = {{"task", "architecture", "unsolved", "trained anew", "solved now", "share", "95 %", "alpha with them", "shift"}};
  for (const AuditedSeries& one : audit.series) {
    if (one.counts.unsolved == 0 && one.counts.trials == 0) continue;
    const law::Series& series = one.series;
    lines.push_back(line_of(series.task, full_name(series.architecture, series.axes), one.counts));
    lines.back().push_back(text(one.fit.alpha, 2));
    lines.back().push_back(one.shift ? fmt::format("{:+.2f}", *one.shift + 0.0) : "-");
  }
  lines.push_back(line_of("all", "", audit.all));
  lines.back().insert(lines.back().end(), 2, "");
  return lines;
}

std::vector<std::string> sentences_of(const Audit& audit) {
  std::vector<std::string> sentences;
  for (const AuditedSeries& one : audit.series) {
    if (!one.warning.empty()) sentences.push_back(law::name(one.series) + ": " + one.warning);
  }
  if (!audit.warning.empty()) sentences.push_back("all together: " + audit.warning);
  if (audit.left > 0) sentences.push_back(fmt::format("the audit is not finished: {} of its trials have no result", audit.left));
  return sentences;
}

Json to_json(const Audit& audit) {
  Json series = Json::array();
  for (const AuditedSeries& one : audit.series) {
    Json entry = json_of(one.counts);
    entry["task"] = one.series.task;
    entry["architecture"] = one.series.architecture;
    if (!one.series.axes.empty()) entry["axes"] = one.series.axes;
    entry["alpha"] = number(one.fit.alpha);
    entry["alpha_low"] = number(one.fit.interval.low);
    entry["alpha_high"] = number(one.fit.interval.high);
    entry["shift"] = number(one.shift);
    series.push_back(std::move(entry));
  }
  Json json = json_of(audit.all);
  json["trials_left"] = audit.left;
  json["series"] = std::move(series);
  json["warnings"] = sentences_of(audit);
  return json;
}

}  // namespace surd::analysis
