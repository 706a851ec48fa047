#include "analysis/findings/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "analysis/findings/series_key.hpp"
#include "law/near.hpp"
#include "law/solved.hpp"

namespace surd::analysis {
namespace {

// A share of flips whose interval lies above this is more than a few.
constexpr double few = 0.05;
// A shift of alpha by less changes no verdict.
constexpr double shift_least = 0.1;

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
  void replace(const law::Series& series, const law::Options& options) {
    AuditedSeeds& found = seeds_[key_of(series)];
    const std::vector<law::Nearness> cells = law::nearness(series.cells, options);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].near) found.near.emplace(series.cells[i].length, series.cells[i].hidden);
    }
    for (const law::Seed& seed : series.seeds) add(seed, series.learning_rates, found);
  }

  // Of what was replaced; `now`: the series of the trials collected again.
  AuditCounts counts_of(const law::Series& now) const {
    const auto found = seeds_.find(key_of(now));
    if (found == seeds_.end()) return {};
    AuditCounts counts = found->second.counts;
    for (const law::Seed& seed : now.seeds) {
      if (seed.outcome != law::Outcome::solved || !found->second.is_anew(seed)) continue;
      ++counts.solved;
      counts.solved_near += found->second.is_near(seed) ? 1 : 0;
    }
    return counts;
  }
  std::vector<law::Retrained> retrained(const law::Series& now) const {
    std::vector<law::Retrained> seeds;
    const auto found = seeds_.find(key_of(now));
    if (found == seeds_.end()) return seeds;
    for (const law::Seed& seed : now.seeds) {
      if (!found->second.is_anew(seed)) continue;
      seeds.push_back({.length = seed.length,
                       .hidden = seed.hidden,
                       .solved = seed.outcome == law::Outcome::solved});
    }
    return seeds;
  }

 private:
  struct AuditedSeeds {
    AuditCounts counts;                        // but those of solved seeds
    std::set<std::size_t> anew;                // seeds that were trained anew, by their first trial
    std::set<std::pair<double, double>> near;  // cells: length, width

    bool is_anew(const law::Seed& seed) const { return anew.contains(seed.trials.front()); }
    bool is_near(const law::Seed& seed) const { return near.contains({seed.length, seed.hidden}); }
  };

  void add(const law::Seed& seed, const std::vector<double>& common, AuditedSeeds& found) {
    const bool is_unsolved = seed.outcome == law::Outcome::unsolved;
    found.counts.unsolved += is_unsolved ? 1 : 0;
    found.counts.unsolved_near += is_unsolved && found.is_near(seed) ? 1 : 0;
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
      } else if (law::has_rate(common, trial.learning_rate)) {
        is_anew = is_anew && trial.status == law::Status::diverged;
      }
    }
    if (!is_anew || again.empty()) return;
    ++found.counts.seeds;
    found.counts.seeds_near += found.is_near(seed) ? 1 : 0;
    found.anew.insert(seed.trials.front());
    for (auto& [place, trial] : again) trials[place] = std::move(trial);
  }

  double tau_;
  std::unordered_map<std::string, const Audited*> after_;  // by the original's id
  std::map<SeriesKey, AuditedSeeds> seeds_;
};

// Near the threshold and everywhere: a draw that prefers one would hide what the other says.
std::string warning_of(const AuditCounts& counts) {
  const auto words = [](int solved, int seeds, const std::optional<law::Share>& share,
                        const char* where) {
    if (!share || share->low <= few) return std::string();
    return fmt::format(
        "the budget, not the width, limits: with twice the steps {} of {} unsolved seeds{} are "
        "solved (95 % interval {:.0f} to {:.0f} %), so thresholds and exponent are those of this "
        "budget; raise recipe.steps",
        solved, seeds, where, 100 * share->low, 100 * share->high);
  };
  const std::string near =
      words(counts.solved_near, counts.seeds_near, counts.share_near(), " near the threshold");
  return near.empty() ? words(counts.solved, counts.seeds, counts.share(), "") : near;
}

void add(AuditCounts& sum, const AuditCounts& counts) {
  sum.unsolved += counts.unsolved;
  sum.seeds += counts.seeds;
  sum.solved += counts.solved;
  sum.trials += counts.trials;
  sum.trials_solved += counts.trials_solved;
  sum.unsolved_near += counts.unsolved_near;
  sum.seeds_near += counts.seeds_near;
  sum.solved_near += counts.solved_near;
}

}  // namespace

std::optional<law::Doubt> doubt_of(const AuditedSeries& series) {
  if (series.warning.empty()) return std::nullopt;
  const AuditCounts& counts = series.counts;
  const bool is_small = series.shift_all && series.shift_all->low > -shift_least &&
                        series.shift_all->high < shift_least;
  return law::Doubt{
      .words = fmt::format("the budget audit solves {} of {} unsolved seeds with twice the steps: "
                           "those lacked steps, not width",
                           counts.solved, counts.seeds),
      .withholds = !is_small};
}

std::optional<Audit> audit_of(const Input& input, std::span<const Finding> fits,
                              const Settings& settings) {
  if (input.audited.empty()) return std::nullopt;
  Replacing replacing(input, settings.tau);
  Audit audit{.series = {}, .all = {}, .left = replacing.left, .warning = {}};
  for (const Finding& finding : fits) replacing.replace(finding.series, settings.options);
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
    if (one.counts.seeds > 0 && finding != fits.end())
      one.shift_all = law::steps_shift(finding->series.cells, settings.options, finding->fit,
                                       replacing.retrained(series));
    one.warning = warning_of(one.counts);
    any_warning = any_warning || !one.warning.empty();
    one.series = std::move(series);
    add(audit.all, one.counts);
  }
  if (!any_warning) audit.warning = warning_of(audit.all);
  return audit;
}

}  // namespace surd::analysis
