#include "law/outcome.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <tuple>

#include "base/error.hpp"
#include "law/solved.hpp"

namespace surd::law {
namespace {

using Rates = std::set<double>;
// Trials in order: those of a task and axes, of one architecture of them, of one cell, of one seed.
using Trials = std::span<const Trial* const>;

auto group(const Trial& trial) { return std::tie(trial.task, trial.axes); }
auto curve(const Trial& trial) { return std::tie(trial.architecture); }
auto cell(const Trial& trial) { return std::tie(trial.length, trial.hidden); }
auto seed(const Trial& trial) { return std::tie(trial.seed); }
auto place(const Trial& trial) {
  return std::tuple_cat(group(trial), curve(trial), cell(trial), seed(trial),
                        std::tie(trial.learning_rate));
}

// The runs of trials that are equal in a part of their place.
template <typename Part>
std::vector<Trials> runs(Trials trials, Part part) {
  std::vector<Trials> found;
  for (std::size_t first = 0; first < trials.size();) {
    std::size_t last = first + 1;
    while (last < trials.size() && part(*trials[last]) == part(*trials[first])) ++last;
    found.push_back(trials.subspan(first, last - first));
    first = last;
  }
  return found;
}

Rate rate(const Trial& trial) {
  return {judged_accuracy(trial.status == Status::diverged, trial.accuracy_validation),
          trial.learning_rate};
}

constexpr std::string_view shares_no_rate = "no learning rate was run in all cells of the task";
constexpr std::string_view lacks_rates = "none of the common learning rates has a result";
constexpr std::string_view lacks_a_rate =
    "not solved, and another of its learning rates has no result";

// The trial that stands for the seed; null where none has a result.
const Trial* best(Trials trials, const Rates* only) {
  const Trial* found = nullptr;
  for (const Trial* trial : trials) {
    if (!has_result(*trial) || (only && !only->contains(trial->learning_rate))) continue;
    if (!found || better(rate(*trial), rate(*found))) found = trial;
  }
  return found;
}

bool solved(Trials trials, double tau) {
  const Trial* found = best(trials, nullptr);
  return found && is_solved(accuracy(*found), tau);
}

std::string text(const Rates& rates) { return fmt::format("{{{}}}", fmt::join(rates, ", ")); }

// Those with a result.
Rates rates_of(Trials trials) {
  Rates rates;
  for (const Trial* trial : trials) {
    if (has_result(*trial)) rates.insert(trial->learning_rate);
  }
  return rates;
}

std::string reason(const Trial& trial) {
  switch (trial.status) {
    case Status::failed: return "failed";
    case Status::missing: return "missing: not run yet";
    case Status::skipped: return "skipped by design: ascend had solved narrower widths";
    case Status::finished:
    case Status::diverged: break;
  }
  return "no accuracy is recorded";
}

// The rates that all cells with something to compare have: an unsolved seed is only evidence if it
// had the same chances everywhere. A cell with every seed solved needs no more chances, and one
// without any result is not compared.
Rates common_rates(Trials of_group, double tau) {
  std::optional<Rates> common;
  Rates all;
  for (const Trials of_curve : runs(of_group, curve)) {
    for (const Trials of_cell : runs(of_curve, cell)) {
      if (std::none_of(of_cell.begin(), of_cell.end(),
                       [](const Trial* trial) { return has_result(*trial); }))
        continue;
      Rates rates;
      for (const Trial* trial : of_cell) {
        if (trial->status != Status::skipped) rates.insert(trial->learning_rate);
      }
      all.insert(rates.begin(), rates.end());
      const auto seeds = runs(of_cell, seed);
      if (std::all_of(seeds.begin(), seeds.end(),
                      [tau](Trials trials) { return solved(trials, tau); }))
        continue;
      if (!common) {
        common = rates;
        continue;
      }
      Rates both;
      std::set_intersection(common->begin(), common->end(), rates.begin(), rates.end(),
                            std::inserter(both, both.end()));
      common = std::move(both);
    }
  }
  return common ? *common : all;
}

// `first`: where places count from.
Seed judge(Trials trials, const Rates& common, double tau, const Trial* first) {
  const Trial& any = *trials.front();
  Seed seed{.length = any.length, .hidden = any.hidden, .seed = any.seed};
  for (const Trial* trial : trials) seed.trials.push_back(static_cast<std::size_t>(trial - first));
  const Trial* winner = best(trials, &common);
  const Trial* shown = winner ? winner : best(trials, nullptr);
  if (shown) seed.trial = static_cast<std::size_t>(shown - first);
  const auto tried = std::count_if(trials.begin(), trials.end(), [&](const Trial* trial) {
    return has_result(*trial) && common.contains(trial->learning_rate);
  });
  if (!winner) {
    seed.why_censored = common.empty() ? shares_no_rate : lacks_rates;
  } else if (is_solved(accuracy(*winner), tau)) {
    seed.outcome = Outcome::solved;
  } else if (static_cast<std::size_t>(tried) == common.size()) {
    seed.outcome = Outcome::unsolved;
  } else {
    seed.why_censored = lacks_a_rate;
  }
  return seed;
}

void note_unused(Trials trials, const Seed& seed, const Rates& common,
                 std::vector<Unused>& unused) {
  for (const Trial* trial : trials) {
    if (!has_result(*trial)) {
      unused.push_back({.id = trial->id, .reason = reason(*trial)});
    } else if (!common.contains(trial->learning_rate)) {
      unused.push_back({.id = trial->id,
                        .reason = common.empty()
                                      ? std::string(shares_no_rate)
                                      : "outside the common learning rates " + text(common)});
    } else if (seed.outcome == Outcome::censored) {
      unused.push_back(
          {.id = trial->id, .reason = fmt::format("censored seed: {}", seed.why_censored)});
    }
  }
}

void count(const Seed& seed, double best_rate, const Rates& common, Cell& sum, Series& series) {
  if (seed.outcome == Outcome::censored) return;
  ++sum.seeds;
  if (seed.outcome == Outcome::unsolved) return;
  ++sum.solved;
  ++series.solved;
  if (common.size() < 2) return;
  if (best_rate == *common.begin()) ++series.solved_at_lowest_rate;
  if (best_rate == *common.rbegin()) ++series.solved_at_highest_rate;
}

void check(const Trial& trial) {
  if (!(trial.length > 0) || !(trial.hidden > 0) || !std::isfinite(trial.length) ||
      !std::isfinite(trial.hidden)) {
    throw InputError({.what = "length and hidden are not positive numbers",
                      .where = trial.id,
                      .got = fmt::format("length {}, hidden {}", trial.length, trial.hidden)});
  }
  if (std::isnan(trial.learning_rate))
    throw InputError({.what = "the learning rate is not a number", .where = trial.id});
}

}  // namespace

bool has_result(const Trial& trial) {
  if (trial.status == Status::diverged) return true;
  return trial.status == Status::finished && std::isfinite(trial.accuracy_validation) &&
         std::isfinite(trial.accuracy_test);
}

double accuracy(const Trial& trial) {
  return judged_accuracy(trial.status == Status::diverged, trial.accuracy_test);
}

std::string name(const Series& series) {
  return series.task + " " + series.architecture +
         (series.axes.empty() ? "" : " (" + series.axes + ")");
}

Evidence collect(const std::vector<Trial>& trials, double tau) {
  return OrderedTrials(trials).collect(tau);
}

OrderedTrials::OrderedTrials(const std::vector<Trial>& trials) : first_(trials.data()) {
  trials_.reserve(trials.size());
  for (const Trial& trial : trials) {
    check(trial);
    trials_.push_back(&trial);
  }
  std::sort(trials_.begin(), trials_.end(),
            [](const Trial* a, const Trial* b) { return place(*a) < place(*b); });
  const auto twice =
      std::adjacent_find(trials_.begin(), trials_.end(),
                         [](const Trial* a, const Trial* b) { return place(*a) == place(*b); });
  if (twice == trials_.end()) return;
  throw InputError({.what = "two trials of the same cell, learning rate and seed",
                    .where = (*twice)->id + " and " + (*std::next(twice))->id,
                    .advice = "Keep one of them, or tell them apart by their learning_rate"});
}

OrderedTrials OrderedTrials::at_rate(double learning_rate) const {
  OrderedTrials part;
  part.first_ = first_;
  std::copy_if(trials_.begin(), trials_.end(), std::back_inserter(part.trials_),
               [&](const Trial* trial) { return trial->learning_rate == learning_rate; });
  return part;
}

Evidence OrderedTrials::collect(double tau) const {
  if (!(tau > 0 && tau <= 1))
    throw InputError({.what = "tau is not an accuracy",
                      .expected = "a number in (0, 1]",
                      .got = fmt::format("{}", tau)});
  Evidence evidence;
  for (const Trials of_group : runs(trials_, group)) {  // what is compared lies together
    const Trial& first = *of_group.front();
    const Rates all = rates_of(of_group);
    const Rates common = common_rates(of_group, tau);
    const auto curves = runs(of_group, curve);
    const std::string where = first.task + (first.axes.empty() ? "" : " (" + first.axes + ")");
    const bool share_none = common.empty() && !all.empty();
    if (share_none) {
      std::vector<std::string> rates;
      for (const Trials of_curve : curves)
        rates.push_back(of_curve.front()->architecture + " " + text(rates_of(of_curve)));
      evidence.notes.push_back(
          fmt::format("{}: no learning rate was run in all cells ({}), so no seed can be used",
                      where, fmt::join(rates, "; ")));
    } else if (!std::includes(common.begin(), common.end(), all.begin(), all.end())) {
      evidence.notes.push_back(
          fmt::format("{}: cells were trained with different learning rates; only the common ones "
                      "{} of {} are used",
                      where, text(common), text(all)));
    }
    for (const Trials of_curve : curves) {
      Series series{.task = first.task,
                    .architecture = of_curve.front()->architecture,
                    .axes = first.axes,
                    .cells = {},
                    .seeds = {},
                    .learning_rates = {}};
      series.share_no_rate = share_none;
      series.learning_rates.assign(common.begin(), common.end());
      for (const Trials of_cell : runs(of_curve, cell)) {
        Cell sum{.length = of_cell.front()->length, .hidden = of_cell.front()->hidden};
        for (const Trials of_seed : runs(of_cell, seed)) {
          Seed judged = judge(of_seed, common, tau, first_);
          note_unused(of_seed, judged, common, evidence.unused);
          count(judged, judged.trial ? first_[*judged.trial].learning_rate : 0, common, sum,
                series);
          series.seeds.push_back(std::move(judged));
        }
        if (sum.seeds > 0) series.cells.push_back(sum);
      }
      // With three rates or more an end that wins most seeds has better ones beyond it; of two
      // rates one always is such an end.
      const auto note_end = [&](int at_end, const char* which, const char* further) {
        if (common.size() < 3 || 2 * at_end <= series.solved) return;
        evidence.notes.push_back(fmt::format(
            "{}: {} of {} solved seeds have their best learning rate at the {} of {}; add {} ones",
            name(series), at_end, series.solved, which, text(common), further));
      };
      note_end(series.solved_at_lowest_rate, "lowest", "smaller");
      note_end(series.solved_at_highest_rate, "highest", "larger");
      evidence.series.push_back(std::move(series));
    }
  }
  std::sort(evidence.unused.begin(), evidence.unused.end(), [](const Unused& a, const Unused& b) {
    return std::tie(a.reason, a.id) < std::tie(b.reason, b.id);
  });
  return evidence;
}

Evidence collect(const std::vector<CountedCell>& cells) {
  std::map<std::tuple<std::string, std::string, std::string>,
           std::map<std::pair<double, double>, Cell>>
      curves;
  for (const CountedCell& counted : cells) {
    const Cell& cell = counted.cell;
    const std::string where = fmt::format("{} {} length {} hidden {}", counted.task,
                                          counted.architecture, cell.length, cell.hidden);
    if (!(cell.length > 0) || !(cell.hidden > 0) || !std::isfinite(cell.length) ||
        !std::isfinite(cell.hidden)) {
      throw InputError({.what = "length and hidden are not positive numbers", .where = where});
    }
    if (cell.seeds < 0 || cell.solved < 0 || cell.solved > cell.seeds) {
      throw InputError({.what = "solved is not between 0 and seeds",
                        .where = where,
                        .got = fmt::format("{} of {}", cell.solved, cell.seeds)});
    }
    if (!curves[{counted.task, counted.axes, counted.architecture}]
             .insert({{cell.length, cell.hidden}, cell})
             .second) {
      throw InputError({.what = "the same cell is given twice", .where = where});
    }
  }
  Evidence evidence;
  for (const auto& [key, curve] : curves) {
    Series series{.task = std::get<0>(key),
                  .architecture = std::get<2>(key),
                  .axes = std::get<1>(key),
                  .cells = {},
                  .seeds = {},
                  .learning_rates = {}};
    for (const auto& [position, cell] : curve) {
      if (cell.seeds > 0) series.cells.push_back(cell);
      series.solved += cell.solved;
    }
    evidence.series.push_back(std::move(series));
  }
  return evidence;
}

}  // namespace surd::law
