#include "analysis/findings/compute.hpp"

#include <fmt/format.h>

namespace surd::analysis {

PriceBook::PriceBook(const std::vector<PricedCell>& cells, std::vector<std::string>& notes) {
  struct Lists {
    std::map<std::pair<double, double>, const PricedCell*> cells;
    bool differ = false;
  };
  std::map<std::tuple<std::string, std::string, std::string>, Lists> lists;
  for (const PricedCell& cell : cells) {
    Lists& of_series = lists[{cell.task, cell.axes, cell.architecture}];
    const auto [first, is_new] =
        of_series.cells.emplace(std::pair(cell.length, cell.hidden), &cell);
    of_series.differ =
        of_series.differ || (!is_new && (first->second->flops_forward != cell.flops_forward ||
                                         first->second->flops_generation != cell.flops_generation));
  }
  for (const auto& [key, of_series] : lists) {
    std::vector<law::Price> forward, generation;
    for (const auto& [place, cell] : of_series.cells) {
      if (cell->flops_forward > 0)
        forward.push_back({place.first, place.second, cell->flops_forward});
      if (cell->flops_generation > 0)
        generation.push_back({place.first, place.second, cell->flops_generation});
    }
    prices_.emplace(key, Prices{law::Prices(forward), law::Prices(generation)});
    if (!of_series.differ) continue;
    notes.push_back(
        fmt::format("{} {}: models of one length and width have different FLOPs; compute to solve "
                    "takes the first",
                    std::get<0>(key), std::get<2>(key)));
  }
}

const PriceBook::Prices& PriceBook::of(const law::Series& series) const {
  const auto found = prices_.find({series.task, series.axes, series.architecture});
  return found == prices_.end() ? none_ : found->second;
}

Compute PriceBook::compute(const law::Series& series, const law::Options& options,
                           const law::Fit& fit) const {
  const Prices& prices = of(series);
  return {law::compute_to_solve(series.cells, options, fit, prices.forward),
          law::compute_to_solve(series.cells, options, fit, prices.generation)};
}

Saving PriceBook::saving(const law::Series& efficient, const law::Series& baseline,
                         const law::Contrast& contrast) const {
  const Prices& ours = of(efficient);
  const Prices& theirs = of(baseline);
  return {law::saving(contrast, ours.forward, theirs.forward),
          law::saving(contrast, ours.generation, theirs.generation)};
}

}  // namespace surd::analysis
