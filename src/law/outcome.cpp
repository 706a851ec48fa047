#include "law/outcome.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "base/error.hpp"

namespace surd::law {
namespace {

using Rates = std::set<double>;
using Seed = std::vector<const Trial*>;  // its trials, by learning rate
using Point = std::map<std::int64_t, Seed>;
using Curve = std::map<std::pair<double, double>, Point>;  // by (length, hidden)

bool has_result(const Trial& trial) {
  if (trial.status == Status::diverged) return true;
  return trial.status == Status::finished && std::isfinite(trial.accuracy_validation) && std::isfinite(trial.accuracy_test);
}

double validation(const Trial& trial) { return trial.status == Status::diverged ? 0 : trial.accuracy_validation; }
double test(const Trial& trial) { return trial.status == Status::diverged ? 0 : trial.accuracy_test; }

// The trial that stands for the seed: best validation, of equals the lowest learning rate; null where none has a result.
const Trial* best(const Seed& trials, const Rates* only) {
  const Trial* found = nullptr;
  for (const Trial* trial : trials) {
    if (!has_result(*trial) || (only && !only->contains(trial->learning_rate))) continue;
    if (!found || validation(*trial) > validation(*found)) found = trial;
  }
  return found;
}

bool solved(const Seed& trials, const Rates* only, double tau) {
  const Trial* found = best(trials, only);
  return found && test(*found) >= tau;
}

std::string text(const Rates& rates) { return fmt::format("{{{}}}", fmt::join(rates, ", ")); }

Rates rates_of(const Curve& curve) {
  Rates rates;
  for (const auto& [position, point] : curve) {
    for (const auto& [seed, trials] : point) {
      for (const Trial* trial : trials) {
        if (has_result(*trial)) rates.insert(trial->learning_rate);
      }
    }
  }
  return rates;
}

std::string reason(const Trial& trial) {
  switch (trial.status) {
    case Status::failed: return "failed";
    case Status::missing: return "missing: not run yet";
    case Status::skipped: return "skipped";
    case Status::finished:
    case Status::diverged: break;
  }
  return "no accuracy is recorded";
}

// The rates that all cells with something to compare have: an unsolved seed is only evidence if it had the same chances everywhere. A cell with every
// seed solved needs no more chances, and one without any result is not compared.
Rates common_rates(const std::vector<const Curve*>& curves, double tau) {
  std::optional<Rates> common;
  Rates all;
  for (const Curve* curve : curves) {
    for (const auto& [position, point] : *curve) {
      Rates rates;
      bool has_any = false;
      bool all_solved = true;
      for (const auto& [seed, trials] : point) {
        for (const Trial* trial : trials) {
          if (trial->status != Status::skipped) rates.insert(trial->learning_rate);
          has_any = has_any || has_result(*trial);
        }
        all_solved = all_solved && solved(trials, nullptr, tau);
      }
      if (!has_any) continue;
      all.insert(rates.begin(), rates.end());
      if (all_solved) continue;
      if (!common) {
        common = rates;
        continue;
      }
      Rates both;
      std::set_intersection(common->begin(), common->end(), rates.begin(), rates.end(), std::inserter(both, both.end()));
      common = std::move(both);
    }
  }
  return common ? *common : all;
}

// The outcome of one seed into its cell; what is not used into `unused`. Skipped trials are only counted.
void add_seed(const Seed& trials, const Rates& common, double tau, Cell& cell, Series& series, std::vector<Unused>& unused, int& skipped) {
  const Trial* winner = best(trials, &common);
  const bool is_solved = winner && test(*winner) >= tau;
  Rates tried;
  for (const Trial* trial : trials) {
    if (has_result(*trial)) tried.insert(trial->learning_rate);
  }
  const bool complete = std::includes(tried.begin(), tried.end(), common.begin(), common.end());
  const bool counts = winner && (is_solved || complete);
  for (const Trial* trial : trials) {
    if (trial->status == Status::skipped) {
      ++skipped;
    } else if (!has_result(*trial)) {
      unused.push_back({.id = trial->id, .reason = reason(*trial)});
    } else if (!common.contains(trial->learning_rate)) {
      unused.push_back(
          {.id = trial->id,
           .reason = common.empty() ? "no learning rate was run in all cells of the task" : "outside the common learning rates " + text(common)});
    } else if (!counts) {
      unused.push_back({.id = trial->id, .reason = "censored seed: not solved, and another of its learning rates has no result"});
    }
  }
  if (!counts) return;
  ++cell.seeds;
  if (!is_solved) return;
  ++cell.solved;
  ++series.solved;
  if (winner->learning_rate == *common.begin() || winner->learning_rate == *common.rbegin()) ++series.solved_at_rate_end;
}

void check(const Trial& trial) {
  if (!(trial.length > 0) || !(trial.hidden > 0) || !std::isfinite(trial.length) || !std::isfinite(trial.hidden)) {
    throw InputError({.what = "length and hidden are not positive numbers",
                      .where = trial.id,
                      .got = fmt::format("length {}, hidden {}", trial.length, trial.hidden)});
  }
  if (std::isnan(trial.learning_rate)) throw InputError({.what = "the learning rate is not a number", .where = trial.id});
}

}  // namespace

std::string name(const Series& series) { return series.task + " " + series.architecture + (series.axes.empty() ? "" : " (" + series.axes + ")"); }

Evidence collect(const std::vector<Trial>& trials, double tau) {
  if (!(tau > 0 && tau <= 1)) throw InputError({.what = "tau is not an accuracy", .expected = "a number in (0, 1]", .got = fmt::format("{}", tau)});
  // (task, axes) -> architecture -> curve: what is compared lies together.
  std::map<std::pair<std::string, std::string>, std::map<std::string, Curve>> groups;
  for (const Trial& trial : trials) {
    check(trial);
    groups[{trial.task, trial.axes}][trial.architecture][{trial.length, trial.hidden}][trial.seed].push_back(&trial);
  }
  Evidence evidence;
  for (auto& [key, curves] : groups) {
    std::vector<const Curve*> compared;
    Rates all;
    for (auto& [architecture, curve] : curves) {
      for (auto& [position, point] : curve) {
        for (auto& [seed, of_seed] : point) {
          std::sort(of_seed.begin(), of_seed.end(), [](const Trial* a, const Trial* b) { return a->learning_rate < b->learning_rate; });
          for (std::size_t i = 0; i < of_seed.size(); ++i) {
            if (has_result(*of_seed[i])) all.insert(of_seed[i]->learning_rate);
            if (i > 0 && of_seed[i]->learning_rate == of_seed[i - 1]->learning_rate) {
              throw InputError({.what = "two trials of the same cell, learning rate and seed",
                                .where = of_seed[i - 1]->id + " and " + of_seed[i]->id,
                                .advice = "Keep one of them, or tell them apart by their learning_rate"});
            }
          }
        }
      }
      compared.push_back(&curve);
    }
    const Rates common = common_rates(compared, tau);
    const std::string where = key.first + (key.second.empty() ? "" : " (" + key.second + ")");
    const bool share_none = common.empty() && !all.empty();
    if (share_none) {
      std::vector<std::string> rates;
      for (const auto& [architecture, curve] : curves) rates.push_back(architecture + " " + text(rates_of(curve)));
      evidence.notes.push_back(fmt::format("{}: no learning rate was run in all cells ({}), so no seed can be used", where, fmt::join(rates, "; ")));
    } else if (!std::includes(common.begin(), common.end(), all.begin(), all.end())) {
      evidence.notes.push_back(fmt::format("{}: cells were trained with different learning rates; only the common ones {} of {} are used", where,
                                           text(common), text(all)));
    }
    for (const auto& [architecture, curve] : curves) {
      Series series{.task = key.first, .architecture = architecture, .axes = key.second, .cells = {}, .learning_rates = {}};
      series.share_no_rate = share_none;
      series.learning_rates.assign(common.begin(), common.end());
      int skipped = 0;
      for (const auto& [position, point] : curve) {
        Cell cell{.length = position.first, .hidden = position.second};
        for (const auto& [seed, of_seed] : point) add_seed(of_seed, common, tau, cell, series, evidence.unused, skipped);
        if (cell.seeds > 0) series.cells.push_back(cell);
      }
      if (skipped > 0) {
        evidence.unused.push_back({.id = name(series), .reason = "skipped by design: ascend had solved narrower widths", .trials = skipped});
      }
      if (common.size() >= 3 && series.solved > 0 && 2 * series.solved_at_rate_end > series.solved) {
        evidence.notes.push_back(fmt::format("{}: {} of {} solved seeds have their best learning rate at an end of {}; widen the set", name(series),
                                             series.solved_at_rate_end, series.solved, text(common)));
      }
      evidence.series.push_back(std::move(series));
    }
  }
  std::sort(evidence.unused.begin(), evidence.unused.end(),
            [](const Unused& a, const Unused& b) { return std::tie(a.reason, a.id) < std::tie(b.reason, b.id); });
  return evidence;
}

Evidence collect(const std::vector<CountedCell>& cells) {
  std::map<std::tuple<std::string, std::string, std::string>, std::map<std::pair<double, double>, Cell>> curves;
  for (const CountedCell& counted : cells) {
    const Cell& cell = counted.cell;
    const std::string where = fmt::format("{} {} length {} hidden {}", counted.task, counted.architecture, cell.length, cell.hidden);
    if (!(cell.length > 0) || !(cell.hidden > 0) || !std::isfinite(cell.length) || !std::isfinite(cell.hidden)) {
      throw InputError({.what = "length and hidden are not positive numbers", .where = where});
    }
    if (cell.seeds < 0 || cell.solved < 0 || cell.solved > cell.seeds) {
      throw InputError({.what = "solved is not between 0 and seeds", .where = where, .got = fmt::format("{} of {}", cell.solved, cell.seeds)});
    }
    if (!curves[{counted.task, counted.axes, counted.architecture}].insert({{cell.length, cell.hidden}, cell}).second) {
      throw InputError({.what = "the same cell is given twice", .where = where});
    }
  }
  Evidence evidence;
  for (const auto& [key, curve] : curves) {
    Series series{.task = std::get<0>(key), .architecture = std::get<2>(key), .axes = std::get<1>(key), .cells = {}, .learning_rates = {}};
    for (const auto& [position, cell] : curve) {
      if (cell.seeds > 0) series.cells.push_back(cell);
      series.solved += cell.solved;
    }
    evidence.series.push_back(std::move(series));
  }
  return evidence;
}

}  // namespace surd::law
