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
#include <utility>

#include "base/error.hpp"
#include "law/solved.hpp"

namespace surd::law {
namespace {

using Rates = std::set<double>;
using Entry = OrderedTrials::Entry;
// Trials in order: those of a task and axes, of one architecture of them, of one cell, of one seed.
using Trials = std::span<const Entry>;

constexpr double rounding = 1e-12;  // of a learning rate, relative
constexpr int pilot_window = -1;
constexpr std::size_t rates_told = 8;
constexpr std::size_t seeds_told = 3;

auto group(const Trial& trial) { return std::tie(trial.task, trial.axes); }
auto curve(const Trial& trial) { return std::tie(trial.architecture); }
auto cell(const Trial& trial) { return std::tie(trial.length, trial.hidden); }
auto seed(const Trial& trial) { return std::tie(trial.seed); }
auto place(const Entry& entry) {
  const Trial& trial = *entry.trial;
  return std::tuple_cat(group(trial), curve(trial), cell(trial), seed(trial),
                        std::tie(entry.learning_rate));
}

// The runs of trials that are equal in a part of their place.
template <typename Part>
std::vector<Trials> runs(Trials trials, Part part) {
  std::vector<Trials> found;
  for (std::size_t first = 0; first < trials.size();) {
    std::size_t last = first + 1;
    while (last < trials.size() && part(*trials[last].trial) == part(*trials[first].trial)) ++last;
    found.push_back(trials.subspan(first, last - first));
    first = last;
  }
  return found;
}

Rate rate(const Entry& entry) {
  const Trial& trial = *entry.trial;
  return {judged_accuracy(trial.status == Status::diverged, trial.accuracy_validation),
          entry.learning_rate};
}

constexpr std::string_view shares_no_rate = "no learning rate was run in all cells of the task";
constexpr std::string_view has_own_rates =
    "the seeds of its cells have learning rates of their own";
constexpr std::string_view lacks_rates = "none of the common learning rates has a result";
constexpr std::string_view lacks_a_rate =
    "not solved, and another of its learning rates has no result";

// The trial that stands for the seed; null where none has a result.
const Entry* best(Trials trials, const Rates* only) {
  const Entry* found = nullptr;
  for (const Entry& entry : trials) {
    if (!has_result(*entry.trial) || (only && !only->contains(entry.learning_rate))) continue;
    if (!found || better(rate(entry), rate(*found))) found = &entry;
  }
  return found;
}

bool solved(Trials trials, double tau) {
  const Entry* found = best(trials, nullptr);
  return found && is_solved(accuracy(*found->trial), tau);
}

std::string text(const Rates& rates) {
  if (rates.size() <= rates_told) return fmt::format("{{{}}}", fmt::join(rates, ", "));
  const auto end = std::next(rates.begin(), static_cast<std::ptrdiff_t>(rates_told));
  return fmt::format("{{{}, ... {} in all}}", fmt::join(rates.begin(), end, ", "), rates.size());
}

// Those with a result.
Rates rates_of(Trials trials) {
  Rates rates;
  for (const Entry& entry : trials) {
    if (has_result(*entry.trial)) rates.insert(entry.learning_rate);
  }
  return rates;
}

// Those that were to be run.
Rates planned_rates(Trials trials) {
  Rates rates;
  for (const Entry& entry : trials) {
    if (entry.trial->status != Status::skipped) rates.insert(entry.learning_rate);
  }
  return rates;
}

Rates shared(const Rates& a, const Rates& b) {
  Rates both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(both, both.end()));
  return both;
}

struct PlannedSeed {
  std::int64_t seed = 0;
  Rates rates;
};

// Those of a cell whose seeds have no rate in common; else none.
std::vector<PlannedSeed> searched_seeds(Trials of_cell) {
  std::vector<PlannedSeed> seeds;
  for (const Trials of_seed : runs(of_cell, seed)) {
    Rates rates = planned_rates(of_seed);
    if (!rates.empty())
      seeds.push_back({.seed = of_seed.front().trial->seed, .rates = std::move(rates)});
  }
  if (seeds.size() < 2) return {};
  Rates common = seeds.front().rates;
  for (const PlannedSeed& one : seeds) common = shared(common, one.rates);
  return common.empty() ? seeds : std::vector<PlannedSeed>{};
}

// Whether that is the plan of a curve, and not the luck of a few lost trials: it is so in most of
// its cells with two seeds or more.
bool searches_by_seed(Trials of_curve) {
  int cells = 0;
  int searched = 0;
  for (const Trials of_cell : runs(of_curve, cell)) {
    if (seed(*of_cell.front().trial) == seed(*of_cell.back().trial)) continue;
    ++cells;
    if (!searched_seeds(of_cell).empty()) ++searched;
  }
  return 2 * searched > cells;
}

std::string reason(const Trial& trial) {
  switch (trial.status) {
    case Status::failed: return "failed";
    case Status::missing: return "missing: not run yet";
    case Status::skipped: return "skipped: the design did not ask for it";
    case Status::finished:
    case Status::diverged: break;
  }
  return "no accuracy is recorded";
}

// The rates that all cells with something to compare have: an unsolved seed is only evidence if it
// had the same chances everywhere. A cell with every seed solved needs no more chances, and one
// without any result is not compared.
Rates common_rates(const std::vector<Trials>& curves, double tau) {
  std::optional<Rates> common;
  Rates all;
  for (const Trials of_curve : curves) {
    for (const Trials of_cell : runs(of_curve, cell)) {
      if (std::none_of(of_cell.begin(), of_cell.end(),
                       [](const Entry& entry) { return has_result(*entry.trial); }))
        continue;
      const Rates rates = planned_rates(of_cell);
      all.insert(rates.begin(), rates.end());
      const auto seeds = runs(of_cell, seed);
      if (std::all_of(seeds.begin(), seeds.end(),
                      [tau](Trials trials) { return solved(trials, tau); }))
        continue;
      common = common ? shared(*common, rates) : rates;
    }
  }
  return common ? *common : all;
}

// `first`: where places count from.
Seed judge(Trials trials, const Rates& common, double tau, const Trial* first) {
  const Trial& any = *trials.front().trial;
  Seed seed{.length = any.length, .hidden = any.hidden, .seed = any.seed, .width = any.width};
  std::size_t tried = 0;
  std::uint64_t solved_by = 0;
  for (const Entry& entry : trials) {
    seed.trials.push_back(static_cast<std::size_t>(entry.trial - first));
    const auto place = common.find(entry.learning_rate);
    if (!has_result(*entry.trial) || place == common.end()) continue;
    ++tried;
    const auto bit = std::distance(common.begin(), place);
    if (bit < 64 && is_solved(accuracy(*entry.trial), tau)) solved_by |= std::uint64_t{1} << bit;
  }
  const bool tried_all = tried == common.size();
  if (tried_all && tried > 1 && tried <= 64) seed.solved_by = solved_by;
  const Entry* winner = best(trials, &common);
  const Entry* shown = winner ? winner : best(trials, nullptr);
  if (shown) seed.trial = static_cast<std::size_t>(shown->trial - first);
  if (!winner) {
    seed.why_censored = common.empty() ? shares_no_rate : lacks_rates;
  } else if (is_solved(accuracy(*winner->trial), tau)) {
    seed.outcome = Outcome::solved;
  } else if (tried_all) {
    seed.outcome = Outcome::unsolved;
  } else {
    seed.why_censored = lacks_a_rate;
  }
  return seed;
}

void note_unused(Trials trials, const Seed& seed, const Rates& common,
                 std::vector<Unused>& unused) {
  for (const Entry& entry : trials) {
    const std::string& id = entry.trial->id;
    if (!has_result(*entry.trial)) {
      unused.push_back({.id = id, .reason = reason(*entry.trial)});
    } else if (common.empty()) {
      unused.push_back({.id = id, .reason = std::string(seed.why_censored)});
    } else if (!common.contains(entry.learning_rate)) {
      unused.push_back({.id = id, .reason = "outside the common learning rates " + text(common)});
    } else if (seed.outcome == Outcome::censored) {
      unused.push_back({.id = id, .reason = fmt::format("censored seed: {}", seed.why_censored)});
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

// Of each rate the spelling that stands for all that are the same: the shortest.
class Spellings {
 public:
  explicit Spellings(const std::vector<Trial>& trials) {
    const Rates all = [&] {
      std::vector<double> values;
      values.reserve(trials.size());
      for (const Trial& trial : trials) values.push_back(trial.learning_rate);
      std::sort(values.begin(), values.end());
      values.erase(std::unique(values.begin(), values.end()), values.end());
      return Rates(values.begin(), values.end());
    }();
    for (auto first = all.begin(); first != all.end();) {
      auto last = first;
      double spelling = *first;
      while (++last != all.end() && same_rate(*first, *last)) {
        if (fmt::format("{}", *last).size() < fmt::format("{}", spelling).size()) spelling = *last;
      }
      for (; first != last; ++first) spellings_.emplace_hint(spellings_.end(), *first, spelling);
    }
  }

  double operator()(double rate) const { return spellings_.at(rate); }

 private:
  std::map<double, double> spellings_;
};

auto whole_cell(const Trial& trial) {
  return std::tuple_cat(group(trial), curve(trial), cell(trial));
}

// Puts the places in its cell's window, from 1, in the place of the rates; what is beside the
// windows, pilots too, goes to `beside`.
void number_windows(std::vector<Entry>& entries, std::vector<const Trial*>& beside) {
  std::map<decltype(whole_cell(std::declval<const Trial&>())), Rates> windows;
  for (const Entry& entry : entries) {
    if (entry.trial->window > 0) windows[whole_cell(*entry.trial)].insert(entry.learning_rate);
  }
  std::erase_if(entries, [&](Entry& entry) {
    const Trial& trial = *entry.trial;
    if (trial.window == pilot_window ||
        (trial.window == 0 && windows.contains(whole_cell(trial)))) {
      beside.push_back(&trial);
      return true;
    }
    if (trial.window <= 0) return false;
    const Rates& rates = windows.at(whole_cell(trial));
    entry.learning_rate =
        1 + static_cast<double>(std::distance(rates.begin(), rates.find(entry.learning_rate)));
    return false;
  });
}

bool has_windows(Trials of_curve) {
  return std::any_of(of_curve.begin(), of_curve.end(),
                     [](const Entry& entry) { return entry.trial->window > 0; });
}

// What is said of a curve whose seeds have rates of their own, with one cell as an example.
std::string note_of_own_rates(const std::string& name, Trials of_curve) {
  std::string example;
  for (const Trials of_cell : runs(of_curve, cell)) {
    std::vector<PlannedSeed> seeds = searched_seeds(of_cell);
    if (seeds.empty()) continue;
    seeds.resize(std::min(seeds.size(), seeds_told));
    std::vector<std::string> words;
    for (const PlannedSeed& one : seeds)
      words.push_back(fmt::format("seed {} {}", one.seed, text(one.rates)));
    const Trial& any = *of_cell.front().trial;
    example =
        fmt::format("length {} hidden {}: {}", any.length, any.hidden, fmt::join(words, "; "));
    break;
  }
  return fmt::format(
      "{}: seeds have learning rates of their own ({}), so no seed can be used; give all seeds of "
      "a task the same rates, or leave out the column learning_rate: then each seed stands with "
      "the rate that it had",
      name, example);
}

}  // namespace

bool same_rate(double a, double b) {
  if (!std::isfinite(a) || !std::isfinite(b)) return a == b;
  return std::abs(a - b) <= rounding * std::max(std::abs(a), std::abs(b));
}

bool has_rate(const std::vector<double>& rates, double rate) {
  return std::any_of(rates.begin(), rates.end(), [&](double one) { return same_rate(one, rate); });
}

double SizeLaw::size(double length, double width) const {
  return std::exp(constant + unit.slope * std::log(width) + unit.growth * std::log(length));
}

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
  for (const Trial& trial : trials) check(trial);
  const Spellings spelling(trials);
  for (const Trial& trial : trials)
    trials_.push_back({.trial = &trial, .learning_rate = spelling(trial.learning_rate)});
  number_windows(trials_, beside_windows_);
  std::sort(trials_.begin(), trials_.end(),
            [](const Entry& a, const Entry& b) { return place(a) < place(b); });
  const auto twice =
      std::adjacent_find(trials_.begin(), trials_.end(),
                         [](const Entry& a, const Entry& b) { return place(a) == place(b); });
  if (twice == trials_.end()) return;
  throw InputError({.what = "two trials of the same cell, learning rate and seed",
                    .where = twice->trial->id + " and " + std::next(twice)->trial->id,
                    .advice = "Keep one of them, or tell them apart by their learning_rate"});
}

OrderedTrials OrderedTrials::at_rate(double learning_rate) const {
  OrderedTrials part;
  part.first_ = first_;
  part.beside_windows_ = beside_windows_;
  std::copy_if(trials_.begin(), trials_.end(), std::back_inserter(part.trials_),
               [&](const Entry& entry) { return same_rate(entry.learning_rate, learning_rate); });
  return part;
}

Evidence OrderedTrials::collect(double tau) const {
  if (!(tau > 0 && tau <= 1))
    throw InputError({.what = "tau is not an accuracy",
                      .expected = "a number in (0, 1]",
                      .got = fmt::format("{}", tau)});
  Evidence evidence;
  for (const Trial* trial : beside_windows_) {
    evidence.unused.push_back(
        {trial->id, trial->window == pilot_window ? "of a pilot: it chose the rates of its cell"
                    : has_result(*trial) ? "outside the window of learning rates of its cell"
                                         : reason(*trial)});
  }
  const Rates none;
  for (const Trials of_group : runs(Trials(trials_), group)) {  // what is compared lies together
    const Trial& first = *of_group.front().trial;
    const auto curves = runs(of_group, curve);
    std::vector<Trials> usable;
    std::set<const Entry*> searched;  // curves without rates to compare, by their first trial
    Rates all;
    for (const Trials of_curve : curves) {
      if (searches_by_seed(of_curve)) {
        searched.insert(of_curve.data());
        continue;
      }
      usable.push_back(of_curve);
      all.merge(rates_of(of_curve));
    }
    const Rates common = common_rates(usable, tau);
    const std::string where = first.task + (first.axes.empty() ? "" : " (" + first.axes + ")");
    const bool share_none = common.empty() && !all.empty();
    if (share_none) {
      std::vector<std::string> rates;
      for (const Trials of_curve : usable)
        rates.push_back(of_curve.front().trial->architecture + " " + text(rates_of(of_curve)));
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
                    .architecture = of_curve.front().trial->architecture,
                    .axes = first.axes,
                    .cells = {},
                    .seeds = {},
                    .learning_rates = {}};
      series.rates_by_seed = searched.contains(of_curve.data());
      series.windows = has_windows(of_curve);
      series.share_no_rate = share_none || series.rates_by_seed;
      if (series.rates_by_seed) evidence.notes.push_back(note_of_own_rates(name(series), of_curve));
      const Rates& rates = series.rates_by_seed ? none : common;
      series.learning_rates.assign(rates.begin(), rates.end());
      for (const Trials of_cell : runs(of_curve, cell)) {
        const Trial& any = *of_cell.front().trial;
        Cell sum{.length = any.length, .hidden = any.hidden, .width = any.width, .unit = any.unit};
        for (const Trials of_seed : runs(of_cell, seed)) {
          Seed judged = judge(of_seed, rates, tau, first_);
          if (series.rates_by_seed) judged.why_censored = has_own_rates;
          note_unused(of_seed, judged, rates, evidence.unused);
          const Entry* winner = best(of_seed, &rates);
          count(judged, winner ? winner->learning_rate : 0, rates, sum, series);
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
            name(series), at_end, series.solved, which,
            series.windows ? fmt::format("their windows of {}", common.size()) : text(common),
            further));
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
