#include "analysis/findings/states.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace surd::analysis {
namespace {

using Key = std::tuple<std::string, std::string, std::string, double, double>;

auto group(const StateCell& cell) { return std::tie(cell.task, cell.axes, cell.length); }

struct Mean {
  double sum = 0;
  int count = 0;
};

// Cells of one group, any order.
void mark_front(std::span<StateCell> cells) {
  std::vector<StateCell*> sorted;
  for (StateCell& cell : cells) sorted.push_back(&cell);
  std::sort(sorted.begin(), sorted.end(), [](const StateCell* a, const StateCell* b) {
    return std::tuple(a->state_bytes, -a->accuracy) < std::tuple(b->state_bytes, -b->accuracy);
  });
  constexpr double rounding = 1e-9;  // of a mean of accuracies
  double best = -1;
  double at = 0;
  for (StateCell* cell : sorted) {
    const bool better = cell->accuracy > best + rounding;
    // Equals share a place on the front.
    cell->on_front = better || (cell->accuracy >= best - rounding && cell->state_bytes == at);
    if (!better) continue;
    best = cell->accuracy;
    at = cell->state_bytes;
  }
}

}  // namespace

std::vector<StateCell> state_cells(const Input& input, std::span<const Finding> fits) {
  std::map<Key, double> states;
  for (const PricedCell& cell : input.prices) {
    if (cell.state_bytes > 0)
      states.emplace(Key(cell.task, cell.axes, cell.architecture, cell.length, cell.hidden),
                     cell.state_bytes);
  }
  std::vector<StateCell> found;
  if (states.empty()) return found;
  for (const Finding& finding : fits) {
    const law::Series& series = finding.series;
    const auto add = [&](double length, double hidden, double width, const Mean& mean) {
      const auto state =
          states.find(Key(series.task, series.axes, series.architecture, length, hidden));
      if (state == states.end() || mean.count == 0) return;
      found.push_back({.task = series.task,
                       .architecture = series.architecture,
                       .axes = series.axes,
                       .length = length,
                       .hidden = width,
                       .state_bytes = state->second,
                       .accuracy = mean.sum / mean.count,
                       .seeds = mean.count});
    };
    if (series.seeds.empty()) {
      for (const law::Cell& cell : series.cells)
        add(cell.length, cell.hidden, law::width_of(cell),
            {.sum = static_cast<double>(cell.solved), .count = cell.seeds});
      continue;
    }
    std::map<std::tuple<double, double, double>, Mean> cells;
    for (const law::Seed& seed : series.seeds) {
      if (!seed.trial) continue;
      Mean& mean = cells[{seed.length, seed.hidden, law::width_of(seed)}];
      mean.sum += law::accuracy(input.trials[*seed.trial]);
      ++mean.count;
    }
    for (const auto& [place, mean] : cells) std::apply(add, std::tuple_cat(place, std::tie(mean)));
  }
  std::sort(found.begin(), found.end(), [](const StateCell& a, const StateCell& b) {
    return std::tuple(group(a), std::tie(a.architecture, a.state_bytes)) <
           std::tuple(group(b), std::tie(b.architecture, b.state_bytes));
  });
  for (std::size_t first = 0, last = 0; first < found.size(); first = last) {
    while (last < found.size() && group(found[last]) == group(found[first])) ++last;
    mark_front(std::span(found).subspan(first, last - first));
  }
  return found;
}

}  // namespace surd::analysis
