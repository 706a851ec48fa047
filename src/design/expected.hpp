// What a search is expected to cost before anything has run: the search itself, played on results
// that are drawn from a guess.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "grid/study.hpp"
#include "spec/result.hpp"

namespace surd::design {

// What the guess of a study comes to: ln width needed = ln width + alpha ln(L / length).
struct Guess {
  double alpha = 0.5;  // of all but the baseline, whose exponent is 0, under goal delta
  double width = 0;    // needed at `length`
  double length = 0;   // the middle one, geometrically
};
Guess guess_of(const grid::Study& study);

struct Expected {
  Guess guess;
  int searches = 0;        // played
  int reached = 0;         // of these, how many ended at the half-width, in all groups
  double flops = 0;        // median; each trial on all its steps
  double flops_least = 0;  // of the searches
  double flops_most = 0;
  double flops_grid = 0;           // all trials of the study
  double rounds = 0;               // median, of the group with the most
  std::size_t groups = 0;          // of curves that are asked for together
  std::size_t trials_at_once = 0;  // that can run at a time: two rounds of each group
};

// The study is of design boundary. The same numbers for the same study.
Expected expected_search(const grid::Study& study, int searches);

// A result for every trial of a simulated study: seeds are solved with the guess's chance, at the
// steepness and lapse that the fit's penalties are centred on; all learning rates of a seed alike.
std::function<spec::TrialResult(TrialIndex)> drawn_results(const grid::Study& study,
                                                           std::uint64_t number);

}  // namespace surd::design
