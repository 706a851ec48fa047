// Success that falls again at widths above the threshold: steps or a rate that do not suffice for
// wide models. The law has no place for it but the lapse.
#pragma once

#include <vector>

#include "law/outcome.hpp"

namespace surd::law {

constexpr double falling_level = 0.05;

struct Falling {
  double p = 1;  // one-sided; where success nowhere falls with the width, at most falling_level in
                 // at most that share of studies, whatever threshold, steepness and lapse at each
                 // length
  std::vector<double> widths;  // ascending: from the width on where the most fails; without a
                               // comparison empty
  int failed = 0;              // seeds at these widths, of lengths whose threshold lies below
  int of = 0;
  int failed_narrower = 0;  // at narrower ones above the threshold
  int of_narrower = 0;

  bool found() const { return p < falling_level; }
};

// Of one curve. At each length the widths from the first that solves most of its seeds on are
// compared: what happens there says nothing about the choice of that width, but that it solved
// most.
Falling falling(const std::vector<Cell>& cells);

}  // namespace surd::law
