#include "design/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "base/portable.hpp"
#include "design/columns.hpp"
#include "law/near.hpp"
#include "law/solved.hpp"

namespace surd::design {
namespace {

// Weights are multiples of one over this, so that the last bits of a fit, which differ from machine
// to machine, have no say in a draw.
constexpr double weight_grain = 16;

enum class Turn { before, near, far };  // of equal places in line, this comes first

struct Seed {
  CellIndex cell;
  std::vector<TrialIndex> trials;
  TrialIndex best;         // of its trials
  std::uint64_t rank = 0;  // the least hash of its trials
  bool any_finished = false;
  bool complete = true;
  Turn turn = Turn::far;
  double key = 0;  // seeds of one turn come by this, ascending
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
    // Of a window those of its learning rates that ran; a pilot counts nowhere.
    if (entry.pilot || (study.window > 0 && results[trial] == nullptr)) continue;
    const auto [place, is_new] = known.try_emplace({entry.cell, entry.seed}, seeds.size());
    const std::uint64_t hash = hash64("audit " + entry.id.value);
    if (is_new) seeds.push_back({.cell = entry.cell, .trials = {}, .best = trial, .rank = hash});
    Seed& seed = seeds[place->second];
    seed.trials.push_back(trial);
    seed.rank = std::min(seed.rank, hash);
    seed.complete = seed.complete && results[trial] != nullptr;
    if (!seed.complete) continue;
    seed.any_finished = seed.any_finished || results[trial]->outcome == spec::Outcome::finished;
    if (better(study, results, trial, seed.best)) seed.best = trial;
  }
  for (Seed& seed : seeds) {
    if (study.window > 0 && seed.trials.size() < static_cast<std::size_t>(study.window))
      seed.complete = false;
  }
  return seeds;
}

bool is_solved_seed(const grid::Study& study,
                    const Indexed<TrialIndex, const spec::TrialResult*>& results,
                    const Seed& seed) {
  return seed.complete && is_solved(*results[seed.best], study.fit.tau);
}

// What the cells of one curve share: all but length and width.
std::string curve_of(const grid::Cell& cell) {
  std::string name = cell.task.name + "\n" + cell.label;
  for (const auto& [axis, value] : cell.further) name += "\n" + axis + "=" + value.dump();
  return name;
}

// Each cell's nearness to the threshold of its curve, by the seeds that all learning rates judge.
Indexed<CellIndex, law::Nearness> nearness_of(
    const grid::Study& study, const Indexed<TrialIndex, const spec::TrialResult*>& results,
    const std::vector<Seed>& seeds) {
  Indexed<CellIndex, law::Cell> counts;
  std::map<std::string, std::vector<CellIndex>> curves;
  for (const CellIndex cell : study.cells.places()) {
    counts.push_back({.length = static_cast<double>(study.cells[cell].length),
                      .hidden = static_cast<double>(study.cells[cell].hidden)});
    curves[curve_of(study.cells[cell])].push_back(cell);
  }
  for (const Seed& seed : seeds) {
    if (!seed.complete) continue;
    ++counts[seed.cell].seeds;
    counts[seed.cell].solved += is_solved_seed(study, results, seed) ? 1 : 0;
  }
  Indexed<CellIndex, law::Nearness> all(study.cells.size(), law::Nearness{});
  for (auto& [name, cells] : curves) {
    // In one order, whatever that of the study: sums differ in their last bits with it.
    std::sort(cells.begin(), cells.end(), [&](CellIndex a, CellIndex b) {
      return std::tie(counts[a].length, counts[a].hidden) <
             std::tie(counts[b].length, counts[b].hidden);
    });
    std::vector<law::Cell> of_curve;
    for (const CellIndex cell : cells) of_curve.push_back(counts[cell]);
    const std::vector<law::Nearness> found = law::nearness(of_curve);
    for (std::size_t i = 0; i < cells.size(); ++i) all[cells[i]] = found[i];
  }
  return all;
}

// How much a seed of a near cell would say: more where even odds are near, and where alpha hangs on
// it, but never next to nothing.
double weight_of(const law::Nearness& cell) {
  const double s = 1 / (1 + std::exp(-cell.log_odds));
  const double weight =
      std::max(0.25, 4 * s * (1 - s)) * std::max(0.25, cell.influence) * weight_grain;
  return std::max(1.0, std::round(weight)) / weight_grain;
}

// The order in which seeds come with chances as their weights (Efraimidis and Spirakis, Inform.
// Process. Lett. 97, 2006): by -ln(u) / w, u being uniform on (0, 1).
double key_of(std::uint64_t rank, double weight) {
  const double u = (static_cast<double>(rank >> 11U) + 0.5) * 0x1p-53;
  return -portable::log(u) / weight;
}

// Seeds in the order in which they are drawn.
std::vector<const Seed*> in_line(const std::vector<Seed>& seeds) {
  std::vector<const Seed*> turns[3];
  for (const Seed& seed : seeds) turns[static_cast<std::size_t>(seed.turn)].push_back(&seed);
  for (std::vector<const Seed*>& turn : turns) {
    std::stable_sort(turn.begin(), turn.end(),
                     [](const Seed* a, const Seed* b) { return a->key < b->key; });
  }
  auto& [line, near, far] = turns;
  std::size_t next_near = 0;
  std::size_t next_far = 0;
  while (next_near < near.size() || next_far < far.size()) {
    const bool is_far_turn = (line.size() + 1) % audit_far_every == 0;
    const bool take_far = next_near == near.size() || (is_far_turn && next_far < far.size());
    line.push_back(take_far ? far[next_far++] : near[next_near++]);
  }
  return std::move(line);
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
                     const Indexed<TrialIndex, const spec::TrialResult*>& results, double share,
                     std::span<const TrialIndex> before) {
  check_share(share);
  if (results.size() != study.trials.size()) {
    throw Error({.what = "one result a trial is wanted",
                 .expected = std::to_string(study.trials.size()),
                 .got = std::to_string(results.size())});
  }
  std::vector<Seed> unsolved = seeds_of(study, results);
  const Indexed<CellIndex, law::Nearness> cells = nearness_of(study, results, unsolved);
  std::erase_if(unsolved, [&](const Seed& seed) {
    return !seed.complete || !seed.any_finished || is_solved_seed(study, results, seed);
  });
  AuditDraw draw{.trials = {}, .seeds = 0, .unsolved = unsolved.size()};
  const std::set<TrialIndex> drawn_before(before.begin(), before.end());
  for (Seed& seed : unsolved) {
    const law::Nearness& cell = cells[seed.cell];
    const bool is_before =
        std::any_of(seed.trials.begin(), seed.trials.end(),
                    [&](TrialIndex trial) { return drawn_before.contains(trial); });
    seed.turn = is_before ? Turn::before : cell.near ? Turn::near : Turn::far;
    seed.key = key_of(seed.rank, cell.near && !is_before ? weight_of(cell) : 1);
    draw.unsolved_near += cell.near ? 1 : 0;
  }
  // A little less, so that 0.1 of 30 is 3 and not 4.
  const auto wanted =
      static_cast<std::size_t>(std::ceil(share * static_cast<double>(unsolved.size()) - 1e-9));
  draw.seeds = std::min(unsolved.size(), std::max(wanted, audit_seeds_least));
  const std::vector<const Seed*> line = in_line(unsolved);
  for (const Seed* seed : std::span(line).first(draw.seeds)) {
    draw.near += cells[seed->cell].near ? 1 : 0;
    for (const TrialIndex trial : seed->trials) {
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
  audit.window = 0;
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
