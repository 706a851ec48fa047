#include "design/search.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "base/error.hpp"
#include "design/columns.hpp"
#include "law/solved.hpp"
#include "law/window.hpp"

namespace surd::design {
namespace {

// Of a search without a budget: as good as none.
constexpr double no_bound = 1e300;

const char* word(law::Open::Beyond beyond) {
  switch (beyond) {
    case law::Open::Beyond::no: return "not bracketed yet";
    case law::Open::Beyond::below: return "below the widths";
    case law::Open::Beyond::above: return "above the widths";
  }
  return "";
}

}  // namespace

bool Search::Group::is_over() const {
  return rounds.size() >= 2 && rounds.back().empty() && rounds[rounds.size() - 2].empty();
}

// Asked for by round `round`, which is there.
void Search::ask_for(Group& group, std::size_t curve, std::size_t cell, Seed& seed, int round) {
  seed.round = round;
  auto& cells = group.rounds[static_cast<std::size_t>(round) - 1];
  if (cells.empty() || cells.back() != std::pair(curve, cell)) cells.emplace_back(curve, cell);
}

void Search::remember(const Round& round) {
  const auto group = std::find_if(groups_.begin(), groups_.end(),
                                  [&](const Group& other) { return other.name == round.group; });
  if (group == groups_.end()) return;
  group->rounds.emplace_back();
  const int number = static_cast<int>(group->rounds.size());
  for (const TrialIndex trial : round.trials) {
    const Place& place = places_.at(trial);
    if (&groups_[place.group] != &*group) continue;
    Cell& cell = cell_of(place);
    Seed& seed = place.pilot ? *cell.pilot : cell.seeds[place.seed];
    if (seed.round != 0) continue;
    ask_for(*group, place.curve, place.cell, seed, number);
    if (place.pilot) {
      undecided_.push_back(place);
    } else {
      ++group->progress.seeds;
    }
  }
  group->progress.rounds = number;
  group->progress.reason = round.reason;
}

void Search::settle(TrialIndex trial, const spec::TrialResult* result) {
  Known& known = known_.at(trial);
  if (known.kind != Known::Kind::unknown)
    throw Error(
        {.what = "a trial ended twice", .got = fmt::format("trial {} of the study", trial.value)});
  if (result == nullptr) {
    known.kind = Known::Kind::failed;
    return;
  }
  const int steps = std::max(1, study_.cells[study_.trials[trial].cell].recipe.steps);
  const bool diverged = result->outcome == spec::Outcome::diverged;
  known = {.kind = Known::Kind::done,
           .accuracy_validation = judged_accuracy(*result),
           .accuracy_test = judged_test_accuracy(*result),
           .loss = diverged || std::isnan(result->loss_validation)
                       ? std::numeric_limits<double>::infinity()
                       : result->loss_validation,
           .flops = cell_of(places_[trial]).flops * static_cast<double>(result->steps) / steps};
}

// Whether a seed of the cell runs the trial, as far as that is known.
bool Search::is_run(const Cell& cell, TrialIndex trial) const {
  if (!cell.pilot || study_.trials[trial].pilot) return true;
  return std::find(cell.window.begin(), cell.window.end(), study_.trials[trial].learning_rate) !=
         cell.window.end();
}

bool Search::is_settled(const Cell& cell, const Seed& seed) const {
  if (cell.pilot && cell.window.empty()) return false;
  return std::all_of(seed.trials.begin(), seed.trials.end(),
                     [&](TrialIndex trial) { return has_ended(trial) || !is_run(cell, trial); });
}

bool Search::is_pilot_settled(const Cell& cell) const {
  return std::all_of(cell.pilot->trials.begin(), cell.pilot->trials.end(),
                     [&](TrialIndex trial) { return has_ended(trial); });
}

bool Search::can_choose(const Cell& cell) const {
  return cell.pilot && cell.window.empty() && is_pilot_settled(cell);
}

std::vector<double> Search::window_of(const Cell& cell) const {
  const std::vector<double>& rates = study_.learning_rates;
  std::vector<double> losses;
  for (const TrialIndex trial : cell.pilot->trials) {
    const Known& known = known_[trial];
    losses.push_back(known.kind == Known::Kind::done ? known.loss
                                                     : std::numeric_limits<double>::infinity());
  }
  const auto size = static_cast<std::ptrdiff_t>(study_.window);
  const auto first = rates.begin() + static_cast<std::ptrdiff_t>(law::first_of_window(
                                         losses, static_cast<std::size_t>(study_.window)));
  return {first, first + size};
}

// As the fit judges it (law/outcome.hpp).
Search::Outcome Search::outcome_of(const Cell& cell, const Seed& seed) const {
  if (!is_settled(cell, seed)) return Outcome::unknown;
  std::optional<law::Rate> best;
  double accuracy = 0;
  bool any_failed = false;
  for (const TrialIndex trial : seed.trials) {
    if (!is_run(cell, trial)) continue;
    const Known& known = known_[trial];
    any_failed = any_failed || known.kind == Known::Kind::failed;
    if (known.kind != Known::Kind::done) continue;
    const law::Rate rate{known.accuracy_validation, study_.trials[trial].learning_rate};
    if (best && !law::better(rate, *best)) continue;
    best = rate;
    accuracy = known.accuracy_test;
  }
  if (best && law::is_solved(accuracy, study_.fit.tau)) return Outcome::solved;
  return any_failed ? Outcome::censored : Outcome::unsolved;
}

// What is known without the seeds of round `without`, which count as running.
std::vector<law::Curve> Search::curves_of(const Group& group, int without) const {
  std::vector<law::Curve> curves;
  for (const Curve& curve : group.curves) {
    law::Curve& made = curves.emplace_back();
    for (const Cell& cell : curve.cells) {
      const grid::Cell& of = study_.cells[cell.index];
      law::Cell counts{.length = static_cast<double>(of.length),
                       .hidden = static_cast<double>(of.hidden)};
      law::Candidate candidate{.length = counts.length,
                               .hidden = counts.hidden,
                               .cost = cell.flops * rates_of(cell),
                               .most = 0};
      for (const Seed& seed : cell.seeds) {
        if (without > 0 && seed.round == without) {
          ++candidate.running;
          continue;
        }
        const Outcome outcome = outcome_of(cell, seed);
        if (outcome == Outcome::unknown && seed.round == 0) ++candidate.most;
        if (outcome != Outcome::solved && outcome != Outcome::unsolved) continue;
        ++counts.seeds;
        counts.solved += outcome == Outcome::solved ? 1 : 0;
      }
      if (counts.seeds > 0) made.cells.push_back(counts);
      made.candidates.push_back(candidate);
    }
  }
  return curves;
}

// Trainings of one more seed of the cell: the first one costs a pilot too.
double Search::rates_of(const Cell& cell) const {
  if (!cell.pilot) return static_cast<double>(cell.seeds.front().trials.size());
  const bool needs_pilot = cell.pilot->round == 0 && !is_pilot_settled(cell);
  return study_.window + (needs_pilot ? static_cast<double>(cell.pilot->trials.size()) : 0.0);
}

// Spent on what was asked for, and planned for what of it still runs.
double Search::flops_of(const Group& group) const {
  double flops = 0;
  const auto add = [&](const Cell& cell, const Seed& seed, bool pilot) {
    if (seed.round == 0) return;
    double planned = 0;  // trials
    for (const TrialIndex trial : seed.trials) {
      if (has_ended(trial)) {
        flops += known_[trial].flops;
      } else if (pilot || is_run(cell, trial)) {
        planned += 1;
      }
    }
    if (!pilot && cell.pilot && cell.window.empty()) planned = study_.window;
    flops += cell.flops * planned;
  };
  for (const Curve& curve : group.curves) {
    for (const Cell& cell : curve.cells) {
      if (cell.pilot) add(cell, *cell.pilot, true);
      for (const Seed& seed : cell.seeds) add(cell, seed, false);
    }
  }
  return flops;
}

// What was asked for of a cell and may run now.
void Search::open(Cell& cell, std::vector<TrialIndex>& run) {
  const auto open_seed = [&](Seed& seed) {
    if (seed.round == 0 || seed.opened) return;
    seed.opened = true;
    for (const TrialIndex trial : seed.trials) {
      if (!has_ended(trial) && is_run(cell, trial)) run.push_back(trial);
    }
  };
  if (cell.pilot) open_seed(*cell.pilot);
  if (cell.pilot && cell.window.empty()) return;
  for (Seed& seed : cell.seeds) open_seed(seed);
}

Search::Step Search::go_on() {
  Step step;
  // Windows first: what they open belongs to rounds that were asked for.
  if (fresh_) {
    for (const TrialIndex trial : places_.places()) {
      const Place& place = places_[trial];
      const Cell& cell = cell_of(place);
      // Pilots that were there before.
      if (place.pilot && trial == cell.pilot->trials.front() && cell.pilot->round == 0 &&
          can_choose(cell))
        undecided_.push_back(place);
    }
  }
  std::erase_if(undecided_, [&](const Place& place) {
    Cell& cell = cell_of(place);
    if (!can_choose(cell)) return false;
    cell.window = window_of(cell);
    step.windows.push_back({cell.index, cell.pilot->trials, cell.window});
    open(cell, step.run);
    return true;
  });
  for (Group& group : groups_) {
    if (fresh_) {
      for (Curve& curve : group.curves) {
        for (Cell& cell : curve.cells) open(cell, step.run);
      }
    }
    const int last = static_cast<int>(group.rounds.size());
    if (last > 0 && group.progress.sought.empty())  // of an earlier run
      note_progress(group, law::look(curves_of(group, last), {}), {});
    while (can_go_on(group)) {
      step.rounds.push_back(next_round(group));
      for (const auto& [curve, cell] : group.rounds.back())
        open(group.curves[curve].cells[cell], step.run);
    }
  }
  fresh_ = false;
  return step;
}

// Whether all seeds of the rounds but the last have ended; those before were waited for by it.
bool Search::can_go_on(const Group& group) const {
  if (group.is_over()) return false;
  if (group.rounds.size() < 2) return true;
  const auto number = static_cast<int>(group.rounds.size()) - 1;
  for (const auto& [curve, place] : group.rounds[group.rounds.size() - 2]) {
    const Cell& cell = group.curves[curve].cells[place];
    if (cell.pilot && cell.pilot->round == number && !is_pilot_settled(cell)) return false;
    for (const Seed& seed : cell.seeds) {
      if (seed.round == number && !is_settled(cell, seed)) return false;
    }
  }
  return true;
}

bool Search::is_due() const {
  return fresh_ ||
         std::any_of(
             undecided_.begin(), undecided_.end(),
             [&](const Place& place) {
               return can_choose(groups_[place.group].curves[place.curve].cells[place.cell]);
             }) ||
         std::any_of(groups_.begin(), groups_.end(),
                     [&](const Group& group) { return can_go_on(group); });
}

bool Search::over() const {
  return !fresh_ && std::all_of(groups_.begin(), groups_.end(),
                                [](const Group& group) { return group.is_over(); });
}

Round Search::next_round(Group& group) {
  const int number = static_cast<int>(group.rounds.size()) + 1;
  Round round{.group = group.name, .number = number};
  const std::vector<law::Curve> curves = curves_of(group, number - 1);
  const grid::BoundarySettings& settings = study_.run.boundary;
  const law::Look look = law::look(curves, settings.half_width);
  const double left = group.budget_flops.value_or(no_bound) - flops_of(group);
  std::vector<law::Open> open;
  group.rounds.emplace_back();
  if (look.reached) {
    round.reason = "the half-width is reached";
  } else if (!(left > 0)) {
    round.reason = "the budget is spent";
  } else {
    const law::Proposal proposal = law::propose(curves, {.at_once = settings.at_once,
                                                         .budget = left,
                                                         .half_width = settings.half_width,
                                                         .look = &look});
    round.reason = proposal.reason;
    open = proposal.open;
    ask(group, proposal.picks, round);
  }
  group.progress.rounds = number;
  group.progress.reason = round.reason;
  note_progress(group, look, open);
  return round;
}

// Of each cell the first seeds that nobody asked for, and its pilot before them.
void Search::ask(Group& group, const std::vector<law::Pick>& picks, Round& round) {
  const auto add = [&](const law::Pick& pick, Seed& seed) {
    ask_for(group, pick.curve, pick.candidate, seed, round.number);
    round.trials.insert(round.trials.end(), seed.trials.begin(), seed.trials.end());
  };
  for (const law::Pick& pick : picks) {
    Cell& cell = group.curves[pick.curve].cells[pick.candidate];
    if (cell.pilot && cell.pilot->round == 0 && cell.window.empty()) {
      add(pick, *cell.pilot);
      undecided_.push_back(places_[cell.pilot->trials.front()]);
    }
    int wanted = pick.seeds;
    for (Seed& seed : cell.seeds) {
      if (wanted == 0) break;
      if (seed.round != 0 || is_settled(cell, seed)) continue;
      add(pick, seed);
      --wanted;
      ++group.progress.seeds;
    }
  }
  std::sort(round.trials.begin(), round.trials.end());
}

void Search::note_progress(Group& group, const law::Look& look,
                           const std::vector<law::Open>& open) const {
  Progress& progress = group.progress;
  progress.flops = flops_of(group);
  progress.reached = look.reached;
  progress.sought.clear();
  for (std::size_t i = 0; i < look.alphas.size(); ++i)
    progress.sought.push_back({"alpha " + group.curves[i].label, look.alphas[i]});
  for (std::size_t i = 0; i < look.deltas.size(); ++i)
    progress.sought.push_back({"delta alpha " + group.curves[i].label, look.deltas[i]});
  std::map<std::pair<std::size_t, law::Open::Beyond>, std::vector<double>> lengths;
  for (const law::Open& one : open) lengths[{one.curve, one.beyond}].push_back(one.length);
  progress.open.clear();
  for (const auto& [kind, values] : lengths) {
    progress.open.push_back(fmt::format("{} {}: L {}", group.curves[kind.first].label,
                                        word(kind.second), fmt::join(values, ", ")));
  }
}

std::vector<Progress> Search::progress() const {
  std::vector<Progress> all;
  for (const Group& group : groups_) {
    all.push_back(group.progress);
    all.back().flops = flops_of(group);
    all.back().over = group.is_over();
  }
  return all;
}

}  // namespace surd::design
