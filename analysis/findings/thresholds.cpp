#include "analysis/findings/thresholds.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace surd::analysis {
namespace {

// Of one length.
struct WidthsRun {
  double low = INFINITY;
  double high = 0;
  bool any_solved = false;
  bool any_unsolved = false;
};

}  // namespace

std::vector<Threshold> thresholds_of(const std::vector<law::Cell>& cells,
                                     const law::Options& options, const law::Fit& fit) {
  std::vector<law::Point> points;
  if (fit.alpha) {
    points = law::free_thresholds(cells, options);
  } else {  // only which side a threshold lies on is known
    for (const double length : fit.lengths) points.push_back({.length = length});
  }
  std::map<double, WidthsRun> runs;
  for (const law::Cell& cell : cells) {
    WidthsRun& run = runs[cell.length];
    run.low = std::min(run.low, cell.hidden);
    run.high = std::max(run.high, cell.hidden);
    run.any_solved = run.any_solved || cell.solved > 0;
    run.any_unsolved = run.any_unsolved || cell.solved < cell.seeds;
  }
  std::vector<Threshold> thresholds;
  for (const law::Point& point : points) {
    thresholds.push_back({.point = point});
    const WidthsRun& run = runs[point.length];
    if (point.width || (run.any_solved && run.any_unsolved)) continue;
    // On which side of the widths that were run the threshold lies.
    thresholds.back().edge = run.any_solved ? run.low : run.high;
    thresholds.back().above = !run.any_solved;
  }
  return thresholds;
}

}  // namespace surd::analysis
