#include "analysis/report/figures/group.hpp"

#include <algorithm>
#include <set>

#include "analysis/input/scale.hpp"
#include "analysis/report/palette.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

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
    list.insert(first ? list.begin() : list.end(), {.finding = &finding});
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
