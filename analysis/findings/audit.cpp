#include "analysis/findings/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "analysis/findings/findings.hpp"
#include "analysis/report/number.hpp"
#include "analysis/report/text.hpp"
#include "base/error.hpp"

namespace surd::analysis {
namespace {

// A share of flips whose interval lies above this is more than a few.
constexpr double few = 0.05;

using SeriesKey = std::tuple<std::string, std::string, std::string>;

SeriesKey key_of(const law::Series& series) { return {series.task, series.axes, series.architecture}; }

law::Trial replaced(law::Trial trial, const Audited& after) {
  trial.status = after.status;
  trial.accuracy_validation = after.accuracy_validation;
  trial.accuracy_test = after.accuracy_test;
  return trial;
}

// Counts the seeds, and writes the results of those that were trained anew over their trials.
class Replacing {
 public:
  std::vector<law::Trial> trials;  // those of the input, replaced
  int left = 0;

  Replacing(const Input& input, double tau) : trials(input.trials), tau_(tau) {
    for (const Audited& one : input.audited) {
      if (one.status == law::Status::finished || one.status == law::Status::diverged) {
        after_.emplace(one.id, &one);
      } else {
        ++left;
      }
    }
  }

  // Before the trials are collected again.
  void replace(const law::Series& series) {
    AuditedSeeds& found = seeds_[key_of(series)];
    for (const law::Seed& seed : series.seeds) add(seed, series.learning_rates, found);
  }

  // Of what was replaced; `now`: the series of the trials collected again.
  AuditCounts counts_of(const law::Series& now) const {
    const auto found = seeds_.find(key_of(now));
    if (found == seeds_.end()) return {};
    AuditCounts counts = found->second.counts;
    for (const law::Seed& seed : now.seeds) {
      counts.solved += seed.outcome == law::Outcome::solved && found->second.anew.contains(seed.trials.front()) ? 1 : 0;
    }
    return counts;
  }

 private:
  struct AuditedSeeds {
    AuditCounts counts;          // but `solved`
    std::set<std::size_t> anew;  // seeds that were trained anew, by their first trial
  };

  void add(const law::Seed& seed, const std::vector<double>& common, AuditedSeeds& found) {
    const bool is_unsolved = seed.outcome == law::Outcome::unsolved;
    found.counts.unsolved += is_unsolved ? 1 : 0;
    bool is_anew = is_unsolved;
    std::vector<std::pair<std::size_t, law::Trial>> again;
    for (const std::size_t place : seed.trials) {
      const law::Trial& trial = trials[place];
      const auto after = after_.find(trial.id);
      if (after != after_.end()) {
        again.emplace_back(place, replaced(trial, *after->second));
        ++found.counts.trials;
        found.counts.trials_solved += law::accuracy(again.back().second) >= tau_ ? 1 : 0;
      } else if (std::binary_search(common.begin(), common.end(), trial.learning_rate)) {
        is_anew = is_anew && trial.status == law::Status::diverged;
      }
    }
    if (!is_anew || again.empty()) return;
    ++found.counts.seeds;
    found.anew.insert(seed.trials.front());
    for (auto& [place, trial] : again) trials[place] = std::move(trial);
  }

  double tau_;
  std::unordered_map<std::string, const Audited*> after_;  // by the original's id
  std::map<SeriesKey, AuditedSeeds> seeds_;
};

std::string warning_of(const AuditCounts& counts) {
  const std::optional<law::Share> share = counts.share();
  if (!share || share->low <= few) return "";
  return fmt::format(
      "the budget, not the width, limits: with twice the steps {} of {} unsolved seeds are solved (95 % interval {:.0f} to {:.0f} %), so thresholds "
      "and "
      "exponent are those of this budget; raise recipe.steps",
      counts.solved, counts.seeds, 100 * share->low, 100 * share->high);
}

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

std::optional<Audit> audit_of(const Input& input, const Findings& findings) {
  if (input.audited.empty()) return std::nullopt;
  Replacing replacing(input, findings.settings.tau);
  Audit audit{.series = {}, .all = {}, .left = replacing.left, .warning = {}};
  for (const Finding& finding : findings.fits) replacing.replace(finding.series);
  bool any_warning = false;
  for (law::Series& series : law::collect(replacing.trials, findings.settings.tau).series) {
    const auto finding =
        std::find_if(findings.fits.begin(), findings.fits.end(), [&](const Finding& one) { return key_of(one.series) == key_of(series); });
    AuditedSeries& one = audit.series.emplace_back();
    one.counts = replacing.counts_of(series);
    one.fit = law::fit(series.cells, findings.settings.options);
    if (one.fit.alpha && finding != findings.fits.end() && finding->fit.alpha) one.shift = *one.fit.alpha - *finding->fit.alpha;
    one.warning = warning_of(one.counts);
    any_warning = any_warning || !one.warning.empty();
    one.series = std::move(series);
    audit.all.unsolved += one.counts.unsolved;
    audit.all.seeds += one.counts.seeds;
    audit.all.solved += one.counts.solved;
    audit.all.trials += one.counts.trials;
    audit.all.trials_solved += one.counts.trials_solved;
  }
  if (!any_warning) audit.warning = warning_of(audit.all);
  return audit;
}

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
