#include "law/falling.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "law/trend.hpp"

namespace surd::law {
namespace {

int failures(const Cell& cell) { return cell.seeds - cell.solved; }

// Of each length the cells from the first width on that most seeds solve.
std::vector<std::vector<Cell>> above_thresholds(const std::vector<Cell>& cells) {
  std::map<double, std::map<double, Cell>> by_length;
  for (const Cell& cell : cells) {
    if (cell.seeds > 0) by_length[cell.length].emplace(width_of(cell), cell);
  }
  std::vector<std::vector<Cell>> above;
  for (const auto& [length, column] : by_length) {
    std::vector<Cell>& one = above.emplace_back();
    for (const auto& [hidden, cell] : column) {
      if (!one.empty() || 2 * cell.solved >= cell.seeds) one.push_back(cell);
    }
  }
  return above;
}

// Failures from a width on beyond what equal chances lead to expect, in standard deviations
// (Mantel and Haenszel).
double excess(const std::vector<std::vector<Cell>>& above, double from) {
  double sum = 0;
  double variance = 0;
  for (const std::vector<Cell>& column : above) {
    double wide = 0;
    double failed_wide = 0;
    double all = 0;
    double failed = 0;
    for (const Cell& cell : column) {
      all += cell.seeds;
      failed += failures(cell);
      if (width_of(cell) < from) continue;
      wide += cell.seeds;
      failed_wide += failures(cell);
    }
    if (all < 2) continue;
    sum += failed_wide - failed * wide / all;
    variance += failed * (all - failed) * wide * (all - wide) / (all * all * (all - 1));
  }
  return variance > 0 ? sum / std::sqrt(variance) : 0;
}

}  // namespace

Falling falling(const std::vector<Cell>& cells) {
  const std::vector<std::vector<Cell>> above = above_thresholds(cells);
  std::set<double> widths;
  for (const std::vector<Cell>& column : above) {
    for (const Cell& cell : column) widths.insert(width_of(cell));
  }
  std::vector<Stratum> strata;
  for (const std::vector<Cell>& column : above) {
    Stratum& stratum = strata.emplace_back();
    for (const Cell& cell : column) {
      const auto score = std::distance(widths.begin(), widths.find(width_of(cell)));
      Counted one{.score = static_cast<int>(score), .of = cell.seeds, .events = failures(cell)};
      one.most_events = stratum.empty() ? cell.seeds / 2 : cell.seeds;
      stratum.push_back(one);
    }
  }
  Falling found{.p = chance_of_rise(strata), .widths = {}};
  double from = 0;
  double most = 0;
  for (const double width : widths) {
    const double here = excess(above, width);
    if (here <= most) continue;
    most = here;
    from = width;
  }
  if (most <= 0) return found;
  found.widths.assign(widths.find(from), widths.end());
  for (const std::vector<Cell>& column : above) {
    for (const Cell& cell : column) {
      (width_of(cell) < from ? found.failed_narrower : found.failed) += failures(cell);
      (width_of(cell) < from ? found.of_narrower : found.of) += cell.seeds;
    }
  }
  return found;
}

}  // namespace surd::law
