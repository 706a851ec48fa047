#include "analysis/findings/late.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "law/near.hpp"

namespace surd::analysis {
namespace {

// The level of the test of one trend; of three points it can be no less than one in six.
double level(int points) { return points == late_points_least ? 1.0 / 6 : 0.05; }

bool improves(const Late& late) {
  const double most = level(late.loss.points) + 1e-9;
  return (late.loss.p <= most && late.loss.slope >= late_loss_least) ||
         (late.accuracy.p <= most && late.accuracy.slope >= late_accuracy_least);
}

}  // namespace

bool LateCounts::many() const {
  const std::optional<law::Share> found = share();
  return found && found->low > chance;
}

LateCounts late_counts(const Input& input, const law::Series& series) {
  LateCounts counts;
  if (input.late.empty() || series.seeds.empty()) return counts;
  std::set<std::pair<double, double>> near;
  const std::vector<law::Nearness> cells = law::nearness(series.cells);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].near) near.emplace(series.cells[i].length, series.cells[i].hidden);
  }
  std::map<std::pair<double, double>, bool> judged;  // cells: whether one of their seeds improves
  for (const law::Seed& seed : series.seeds) {
    const std::pair cell{seed.length, seed.hidden};
    if (seed.outcome != law::Outcome::unsolved || !seed.trial || !near.contains(cell)) continue;
    const Late& late = input.late[*seed.trial];
    if (late.loss.points < late_points_least) {
      ++counts.unjudged;
      continue;
    }
    ++counts.judged;
    counts.chance += std::min(1.0, 2 * level(late.loss.points));  // of either, at most
    const bool is_improving = improves(late);
    counts.improving += is_improving ? 1 : 0;
    bool& any = judged[cell];
    any = any || is_improving;
  }
  if (counts.judged > 0) counts.chance /= counts.judged;
  counts.cells = static_cast<int>(judged.size());
  counts.cells_improving = static_cast<int>(
      std::count_if(judged.begin(), judged.end(), [](const auto& cell) { return cell.second; }));
  return counts;
}

std::optional<law::Doubt> late_doubt(const Input& input, const law::Series& series) {
  const LateCounts counts = late_counts(input, series);
  if (!counts.many()) return std::nullopt;
  return law::Doubt{
      .words = fmt::format(
          "steps and not width may be what lacked: in {} of {} cells near the threshold {} of {} "
          "unsolved seeds still improved over the last fifth of their steps{}",
          counts.cells_improving, counts.cells, counts.improving, counts.judged,
          input.audited.empty() ? "; raise recipe.steps or run a budget audit (--audit)" : "")};
}

}  // namespace surd::analysis
