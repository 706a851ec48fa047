// What a search begins with: the curves of a study in groups, their cells and seeds, and the share
// of the budget that each group has.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/error.hpp"
#include "design/search.hpp"
#include "grid/plan.hpp"

namespace surd::design {
namespace {

// What the cells of all architectures of a group share, as a name: "lookup model.layers=2".
std::string name_of(const grid::Cell& cell) {
  std::string name = cell.task.name;
  for (const auto& [axis, value] : cell.further)
    name +=
        fmt::format(" {}={}", axis, value.is_string() ? value.get<std::string>() : value.dump());
  return name;
}

}  // namespace

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
    curve->cells.push_back({.index = index, .flops = grid::trial_cost(cell).flops()});
  }

  std::map<std::pair<CellIndex, std::uint64_t>, std::size_t> seeds;  // place in their cell
  for (const TrialIndex trial : study_.trials.places()) {
    const grid::StudyTrial& entry = study_.trials[trial];
    Place place = place_of[entry.cell];
    Cell& cell = groups_[place.group].curves[place.curve].cells[place.cell];
    if (entry.pilot) {
      if (!cell.pilot) cell.pilot = Seed{.trials = {}};
      cell.pilot->trials.push_back(trial);
      place.pilot = true;
    } else {
      const auto [found, is_new] = seeds.try_emplace({entry.cell, entry.seed}, cell.seeds.size());
      if (is_new) cell.seeds.emplace_back();
      cell.seeds[found->second].trials.push_back(trial);
      place.seed = found->second;
    }
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

}  // namespace surd::design
