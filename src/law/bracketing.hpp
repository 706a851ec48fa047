// At which lengths the widths that were run show a threshold, and what to run where they do not.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "law/outcome.hpp"

namespace surd::law {

// Which lengths have a width that most seeds solve, and below it one that most do not.
struct Bracketing {
  std::size_t bracketed = 0;  // lengths that have both
  std::string open;  // the others, in words, with what to run there; empty where there are none
};
Bracketing bracketing(const std::vector<Cell>& cells);
// The lengths, ascending, at which most seeds of one width are unsolved and most of a larger one
// solved.
std::vector<double> bracketed_lengths(const std::vector<Cell>& cells);
// In words, what keeps these cells from showing thresholds at two lengths or more; empty where
// nothing does.
std::string missing_evidence(const std::vector<Cell>& cells);

// "length 16", "lengths 16, 24".
std::string named_lengths(const std::vector<double>& lengths);

}  // namespace surd::law
