#include "analysis/report/figures/group.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "analysis/input/scale.hpp"
#include "analysis/report/palette.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

// Where every or no seed of a length is solved, on which side of the widths that were run the
// threshold lies.
void add_edge(Threshold& threshold, const std::vector<law::Cell>& cells) {
  double low = INFINITY;
  double high = 0;
  bool any_solved = false;
  bool any_unsolved = false;
  for (const law::Cell& cell : cells) {
    if (cell.length != threshold.point.length) continue;
    low = std::min(low, cell.hidden);
    high = std::max(high, cell.hidden);
    any_solved = any_solved || cell.solved > 0;
    any_unsolved = any_unsolved || cell.solved < cell.seeds;
  }
  if (any_solved && any_unsolved) return;
  threshold.edge = any_solved ? low : high;
  threshold.above = !any_solved;
}

std::vector<Threshold> thresholds_of(const Finding& finding, const law::Options& options) {
  std::vector<law::Point> points;
  if (finding.fit.alpha) {
    points = law::free_thresholds(finding.series.cells, options);
  } else {  // no steepness to share: only which side a threshold lies on is known
    for (const double length : finding.fit.lengths) points.push_back({.length = length});
  }
  std::vector<Threshold> thresholds;
  for (const law::Point& point : points) {
    thresholds.push_back({.point = point});
    if (!point.width) add_edge(thresholds.back(), finding.series.cells);
  }
  return thresholds;
}

void add_places(Group& group) {
  std::set<double> lengths, widths, sizes;
  const auto add = [&](const auto& one) {
    lengths.insert(one.length), widths.insert(law::width_of(one)), sizes.insert(one.hidden);
  };
  for (const Shown& shown : group.series) {
    for (const law::Cell& cell : shown.finding->series.cells) add(cell);
    for (const law::Seed& seed : shown.finding->series.seeds) add(seed);
  }
  group.lengths.assign(lengths.begin(), lengths.end());
  group.widths.assign(widths.begin(), widths.end());
  group.sizes.assign(sizes.begin(), sizes.end());
}

// An architecture looks the same in every figure: its style is its place among those seen first.
void add_styles(std::vector<Group>& groups) {
  std::vector<std::string> seen;
  for (Group& group : groups) {
    for (Shown& shown : group.series) {
      const std::string& name = shown.finding->series.architecture;
      const auto place = std::find(seen.begin(), seen.end(), name);
      shown.style = static_cast<std::size_t>(place - seen.begin()) % style_count;
      if (place == seen.end()) seen.push_back(name);
    }
  }
}

}  // namespace

std::vector<Group> groups_of(const Findings& findings) {
  std::vector<Group> groups;
  for (const Finding& finding : findings.fits) {
    const law::Series& series = finding.series;
    if (groups.empty() || groups.back().task != series.task || groups.back().axes != series.axes) {
      groups.push_back({.task = series.task,
                        .axes = series.axes,
                        .lengths = {},
                        .widths = {},
                        .sizes = {},
                        .series = {}});
    }
    auto& list = groups.back().series;
    const bool first = series.architecture == findings.settings.baseline;
    list.insert(
        first ? list.begin() : list.end(),
        {.finding = &finding, .thresholds = thresholds_of(finding, findings.settings.options)});
  }
  for (Group& group : groups) add_places(group);
  add_styles(groups);
  return groups;
}

std::string symbol_of(const Findings& findings) {
  const SizeScale scale = findings.settings.scale;
  return scale == SizeScale::hidden ? "D" : words_of(scale).unit;
}

std::string name_of(const Group& group) { return full_name(group.task, group.axes); }

}  // namespace surd::analysis
