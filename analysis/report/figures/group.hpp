// The findings as the report shows them: a group for each task and its further axes, the baseline
// first in it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analysis/findings/findings.hpp"

namespace surd::analysis {

// One architecture of a group.
struct Shown {
  const Finding* finding = nullptr;
  std::size_t style = 0;  // row of the palette's table, the same in every group
};

struct Group {
  std::string task;
  std::string axes;
  std::vector<double> lengths, widths;  // of all cells of the study, ascending
  std::vector<double> sizes;            // the same in the input's unit: the widths themselves
  std::vector<Shown> series;
};

// They point into `findings`.
std::vector<Group> groups_of(const Findings& findings);

// "lookup (model.layers=2)"
std::string name_of(const Group& group);
// "D", or the unit that sizes are told in: "state bytes".
std::string symbol_of(const Findings& findings);

}  // namespace surd::analysis
