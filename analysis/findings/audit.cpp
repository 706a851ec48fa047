#include "analysis/findings/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "analysis/findings/series_key.hpp"
#include "law/solved.hpp"

namespace surd::analysis {
namespace {

// A share of flips whose interval lies above this is more than a few.
constexpr double few = 0.05;

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
      counts.solved +=
          seed.outcome == law::Outcome::solved && found->second.anew.contains(seed.trials.front())
              ? 1
              : 0;
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
        found.counts.trials_solved +=
            law::is_solved(law::accuracy(again.back().second), tau_) ? 1 : 0;
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
      "the budget, not the width, limits: with twice the steps {} of {} unsolved seeds are solved "
      "(95 % interval {:.0f} to {:.0f} %), so thresholds "
      "and "
      "exponent are those of this budget; raise recipe.steps",
      counts.solved, counts.seeds, 100 * share->low, 100 * share->high);
}

}  // namespace

std::optional<Audit> audit_of(const Input& input, std::span<const Finding> fits,
                              const Settings& settings) {
  if (input.audited.empty()) return std::nullopt;
  Replacing replacing(input, settings.tau);
  Audit audit{.series = {}, .all = {}, .left = replacing.left, .warning = {}};
  for (const Finding& finding : fits) replacing.replace(finding.series);
  bool any_warning = false;
  for (law::Series& series : law::collect(replacing.trials, settings.tau).series) {
    const auto finding = std::find_if(fits.begin(), fits.end(), [&](const Finding& one) {
      return key_of(one.series) == key_of(series);
    });
    AuditedSeries& one = audit.series.emplace_back();
    one.counts = replacing.counts_of(series);
    one.fit = law::fit(series.cells, settings.options);
    if (one.fit.alpha && finding != fits.end() && finding->fit.alpha)
      one.shift = *one.fit.alpha - *finding->fit.alpha;
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

}  // namespace surd::analysis
