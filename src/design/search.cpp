#include "design/search.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "base/error.hpp"
#include "design/columns.hpp"
#include "grid/plan.hpp"
#include "law/solved.hpp"

namespace surd::design {
namespace {

// Of a search without a budget: as good as none.
constexpr double no_bound = 1e300;

// What the cells of all architectures of a group share, as a name: "lookup model.layers=2".
std::string name_of(const grid::Cell& cell) {
  std::string name = cell.task.name;
  for (const auto& [axis, value] : cell.further)
    name +=
        fmt::format(" {}={}", axis, value.is_string() ? value.get<std::string>() : value.dump());
  return name;
}

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
  return rounds.size() >= 2 && rounds.back().seeds == 0 && rounds[rounds.size() - 2].seeds == 0;
}

bool Search::Group::can_go_on() const {
  if (is_over()) return false;
  return rounds.size() < 2 || std::all_of(rounds.begin(), rounds.end() - 1,
                                          [](const Asked& asked) { return asked.unsettled == 0; });
}

Search::Search(const grid::Study& study)
    : study_(study), places_(study.trials.size()), known_(study.trials.size()) {
  if (study.run.design != grid::Design::boundary)
    throw Error("a study of another design has no search");
  make_groups();
  share_budget();
}

void Search::make_groups() {
  // Which curves have a baseline beside them.
  std::map<std::string, std::vector<std::string>> labels;  // of each name, in study order
  for (const grid::Cell& cell : study_.cells) {
    std::vector<std::string>& known = labels[name_of(cell)];
    if (std::find(known.begin(), known.end(), cell.label) == known.end())
      known.push_back(cell.label);
  }
  const auto compares = [&](const std::string& name) {
    const std::vector<std::string>& known = labels.at(name);
    return study_.run.boundary.goal == grid::Goal::delta && known.size() > 1 &&
           std::find(known.begin(), known.end(), study_.fit.baseline) != known.end();
  };

  std::map<std::string, std::size_t> group_of;
  Indexed<CellIndex, Place> place_of(study_.cells.size());
  for (const CellIndex index : study_.cells.places()) {
    const grid::Cell& cell = study_.cells[index];
    std::string name = name_of(cell);
    const bool together = compares(name);
    if (!together) name += " " + cell.label;
    const auto [found, is_new] = group_of.try_emplace(name, groups_.size());
    if (is_new) {
      Group& group = groups_.emplace_back();
      group.name = group.progress.group = name;
      group.compares = together;
      if (together) {
        for (const std::string& label : labels.at(name_of(cell)))
          if (label != study_.fit.baseline) group.curves.push_back({.label = label, .cells = {}});
        group.curves.push_back({.label = study_.fit.baseline, .cells = {}});
      } else {
        group.curves.push_back({.label = cell.label, .cells = {}});
      }
    }
    Group& group = groups_[found->second];
    const auto curve = std::find_if(group.curves.begin(), group.curves.end(),
                                    [&](const Curve& other) { return other.label == cell.label; });
    place_of[index] = {.group = found->second,
                       .curve = static_cast<std::size_t>(curve - group.curves.begin()),
                       .cell = curve->cells.size()};
    curve->cells.push_back({.index = index, .flops = grid::trial_cost(cell).flops(), .seeds = {}});
  }

  std::map<std::pair<CellIndex, std::uint64_t>, std::size_t> seeds;  // place in their cell
  for (const TrialIndex trial : study_.trials.places()) {
    const grid::StudyTrial& entry = study_.trials[trial];
    Place place = place_of[entry.cell];
    Cell& cell = groups_[place.group].curves[place.curve].cells[place.cell];
    const auto [found, is_new] = seeds.try_emplace({entry.cell, entry.seed}, cell.seeds.size());
    if (is_new) cell.seeds.emplace_back();
    cell.seeds[found->second].trials.push_back(trial);
    place.seed = found->second;
    places_[trial] = place;
  }
}

// In proportion to what the full grids would cost, so that no group waits for another.
void Search::share_budget() {
  const auto budget = study_.run.boundary.budget;
  if (!budget) return;
  double whole = 0;
  std::vector<double> shares;
  for (const Group& group : groups_) {
    double flops = 0;
    for (const Curve& curve : group.curves) {
      for (const Cell& cell : curve.cells) {
        for (const Seed& seed : cell.seeds)
          flops += cell.flops * static_cast<double>(seed.trials.size());
      }
    }
    shares.push_back(flops);
    whole += flops;
  }
  for (std::size_t i = 0; i < groups_.size(); ++i)
    groups_[i].budget_flops = groups_[i].progress.budget_flops = *budget * shares[i] / whole;
}

void Search::remember(const Round& round) {
  const auto group = std::find_if(groups_.begin(), groups_.end(),
                                  [&](const Group& other) { return other.name == round.group; });
  if (group == groups_.end()) return;
  Group::Asked asked;
  const int number = static_cast<int>(group->rounds.size()) + 1;
  for (const TrialIndex trial : round.trials) {
    const Place& place = places_.at(trial);
    if (&groups_[place.group] != &*group) continue;
    Seed& seed = seed_of(place);
    if (seed.round == 0) {
      seed.round = number;
      ++asked.seeds;
    }
    if (seed.round == number && known_[trial].kind == Known::Kind::unknown) ++asked.unsettled;
  }
  group->rounds.push_back(asked);
  group->progress.rounds = number;
  group->progress.seeds += asked.seeds;
  group->progress.reason = round.reason;
}

void Search::settle(TrialIndex trial, const spec::TrialResult* result) {
  Known& known = known_.at(trial);
  if (known.kind != Known::Kind::unknown)
    throw Error(
        {.what = "a trial ended twice", .got = fmt::format("trial {} of the study", trial.value)});
  const Place& place = places_[trial];
  Group& group = groups_[place.group];
  if (result == nullptr) {
    known.kind = Known::Kind::failed;
  } else {
    const int steps = std::max(1, study_.cells[study_.trials[trial].cell].recipe.steps);
    known = {.kind = Known::Kind::done,
             .accuracy_validation = judged_accuracy(*result),
             .accuracy_test = judged_test_accuracy(*result),
             .flops = group.curves[place.curve].cells[place.cell].flops *
                      static_cast<double>(result->steps) / steps};
  }
  const int round = seed_of(place).round;
  if (round == 0) return;
  std::size_t& unsettled = group.rounds[static_cast<std::size_t>(round - 1)].unsettled;
  if (unsettled > 0) --unsettled;
}

bool Search::is_settled(const Seed& seed) const {
  return std::all_of(seed.trials.begin(), seed.trials.end(),
                     [&](TrialIndex trial) { return known_[trial].kind != Known::Kind::unknown; });
}

// As the fit judges it (law/outcome.hpp).
Search::Outcome Search::outcome_of(const Seed& seed) const {
  if (!is_settled(seed)) return Outcome::unknown;
  std::optional<law::Rate> best;
  double accuracy = 0;
  bool any_failed = false;
  for (const TrialIndex trial : seed.trials) {
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
      law::Candidate candidate{
          .length = counts.length,
          .hidden = counts.hidden,
          .cost = cell.flops * static_cast<double>(cell.seeds.front().trials.size()),
          .most = 0};
      for (const Seed& seed : cell.seeds) {
        if (without > 0 && seed.round == without) {
          ++candidate.running;
          continue;
        }
        const Outcome outcome = outcome_of(seed);
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

// Spent on what was asked for, and planned for what of it still runs.
double Search::flops_of(const Group& group) const {
  double flops = 0;
  for (const Curve& curve : group.curves) {
    for (const Cell& cell : curve.cells) {
      for (const Seed& seed : cell.seeds) {
        if (seed.round == 0) continue;
        for (const TrialIndex trial : seed.trials)
          flops += known_[trial].kind == Known::Kind::unknown ? cell.flops : known_[trial].flops;
      }
    }
  }
  return flops;
}

std::vector<Round> Search::propose() {
  std::vector<Round> rounds;
  for (Group& group : groups_) {
    const int last = static_cast<int>(group.rounds.size());
    if (last > 0 && group.progress.sought.empty())  // of an earlier run
      note_progress(group, law::look(curves_of(group, last), {}), {});
    while (group.can_go_on()) rounds.push_back(next_round(group));
  }
  return rounds;
}

bool Search::is_due() const {
  return std::any_of(groups_.begin(), groups_.end(),
                     [](const Group& group) { return group.can_go_on(); });
}

bool Search::over() const {
  return std::all_of(groups_.begin(), groups_.end(),
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
                                                         .reported = look.half_widths});
    round.reason = proposal.reason;
    open = proposal.open;
    ask(group, proposal.picks, round);
  }
  group.progress.rounds = number;
  group.progress.reason = round.reason;
  note_progress(group, look, open);
  return round;
}

// Of each cell the first seeds that nobody asked for.
void Search::ask(Group& group, const std::vector<law::Pick>& picks, Round& round) {
  Group::Asked& asked = group.rounds.back();
  for (const law::Pick& pick : picks) {
    int wanted = pick.seeds;
    for (Seed& seed : group.curves[pick.curve].cells[pick.candidate].seeds) {
      if (wanted == 0) break;
      if (seed.round != 0 || is_settled(seed)) continue;
      seed.round = round.number;
      --wanted;
      ++asked.seeds;
      for (const TrialIndex trial : seed.trials) {
        round.trials.push_back(trial);
        asked.unsettled += known_[trial].kind == Known::Kind::unknown ? 1 : 0;
      }
    }
  }
  std::sort(round.trials.begin(), round.trials.end());
  group.progress.seeds += asked.seeds;
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
