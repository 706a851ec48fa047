#include "design/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "design/columns.hpp"
#include "law/solved.hpp"

namespace surd::design {
namespace {

struct Seed {
  std::vector<TrialIndex> trials;
  TrialIndex best;         // of its trials
  std::uint64_t rank = 0;  // the least hash of its trials
  bool any_finished = false;
  bool complete = true;
};

bool better(const grid::Study& study, const Indexed<TrialIndex, const spec::TrialResult*>& results,
            TrialIndex a, TrialIndex b) {
  const auto rate = [&](TrialIndex trial) {
    return law::Rate{judged_accuracy(*results[trial]), study.trials[trial].learning_rate};
  };
  return law::better(rate(a), rate(b));
}

// In study order.
std::vector<Seed> seeds_of(const grid::Study& study,
                           const Indexed<TrialIndex, const spec::TrialResult*>& results) {
  std::vector<Seed> seeds;
  std::map<std::pair<CellIndex, std::uint64_t>, std::size_t> known;
  for (const TrialIndex trial : study.trials.places()) {
    const grid::StudyTrial& entry = study.trials[trial];
    const auto [place, is_new] = known.try_emplace({entry.cell, entry.seed}, seeds.size());
    const std::uint64_t hash = hash64("audit " + entry.id.value);
    if (is_new) seeds.push_back({.trials = {}, .best = trial, .rank = hash});
    Seed& seed = seeds[place->second];
    seed.trials.push_back(trial);
    seed.rank = std::min(seed.rank, hash);
    seed.complete = seed.complete && results[trial] != nullptr;
    if (!seed.complete) continue;
    seed.any_finished = seed.any_finished || results[trial]->outcome == spec::Outcome::finished;
    if (better(study, results, trial, seed.best)) seed.best = trial;
  }
  return seeds;
}

}  // namespace

bool is_solved(const spec::TrialResult& result, double tau) {
  return law::is_solved(judged_test_accuracy(result), tau);
}

void check_share(double share) {
  if (share > 0 && share <= 1) return;
  throw InputError({.what = "the share of a budget audit is no share",
                    .where = "--audit",
                    .expected = "a number above 0 and up to 1",
                    .got = fmt::format("{}", share)});
}

AuditDraw draw_audit(const grid::Study& study,
                     const Indexed<TrialIndex, const spec::TrialResult*>& results, double share) {
  check_share(share);
  if (results.size() != study.trials.size()) {
    throw Error({.what = "one result a trial is wanted",
                 .expected = std::to_string(study.trials.size()),
                 .got = std::to_string(results.size())});
  }
  std::vector<Seed> unsolved = seeds_of(study, results);
  std::erase_if(unsolved, [&](const Seed& seed) {
    if (!seed.complete || !seed.any_finished) return true;
    return is_solved(*results[seed.best], study.fit.tau);
  });
  std::stable_sort(unsolved.begin(), unsolved.end(),
                   [](const Seed& a, const Seed& b) { return a.rank < b.rank; });
  AuditDraw draw{.trials = {}, .seeds = 0, .unsolved = unsolved.size()};
  // A little less, so that 0.1 of 30 is 3 and not 4.
  const auto wanted =
      static_cast<std::size_t>(std::ceil(share * static_cast<double>(unsolved.size()) - 1e-9));
  draw.seeds = std::min(unsolved.size(), std::max(wanted, audit_seeds_least));
  for (const Seed& seed : std::span(unsolved).first(draw.seeds)) {
    for (const TrialIndex trial : seed.trials) {
      if (results[trial]->outcome == spec::Outcome::finished) draw.trials.push_back(trial);
    }
  }
  std::sort(draw.trials.begin(), draw.trials.end());
  return draw;
}

grid::Study audit_study(const grid::Study& study, std::span<const TrialIndex> trials) {
  grid::Study audit;
  audit.name = study.name;
  audit.further_axes = study.further_axes;
  audit.seeds = study.seeds;
  audit.learning_rates = study.learning_rates;
  audit.run = study.run;
  audit.run.design = grid::Design::grid;
  audit.fit = study.fit;
  std::optional<CellIndex>
      copied;  // the cell of `study` that is the last one of `audit`: trials come cell by cell
  std::optional<spec::CellIds> ids;  // of that one
  for (const TrialIndex index : trials) {
    const grid::StudyTrial& original = study.trials.at(index);
    if (copied != original.cell) {
      copied = original.cell;
      grid::Cell& cell = audit.cells.emplace_back(study.cells[original.cell]);
      if (cell.recipe.steps > std::numeric_limits<int>::max() / 2) {
        throw InputError({.what = "an audit doubles recipe.steps, which is too large for that",
                          .where = grid::describe(cell),
                          .got = std::to_string(cell.recipe.steps)});
      }
      cell.recipe.steps *= 2;
      cell.column = audit.columns++;
      ids.emplace(cell);
    }
    grid::StudyTrial again = original;
    again.cell = {audit.cells.size() - 1};
    again.id = ids->id(again.learning_rate, again.seed);
    audit.trials.push_back(std::move(again));
  }
  return audit;
}

}  // namespace surd::design
