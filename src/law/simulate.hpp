// Studies drawn from the model that the room fits: what coverage, power and the search for the next
// trials are measured on.
#pragma once

#include <optional>
#include <vector>

#include "base/random.hpp"
#include "law/outcome.hpp"

namespace surd::law {

// The truth behind a simulated study and its grid. The default is the base scenario of the coverage
// study.
struct Scenario {
  std::vector<double> lengths = {16, 32, 64, 128, 256};               // ascending, distinct
  std::vector<double> widths = {8, 16, 32, 64, 128, 256, 512, 1024};  // ascending, distinct
  int seeds = 3;                                                      // a cell
  double alpha = 0.5;
  double threshold = 90.5;  // exp(c): the width needed at the geometric mean of the lengths
  double kappa = 6;
  double lapse_shortest = 0.05;  // lambda at the shortest and the longest length; its log odds are
                                 // linear in ln L between
  double lapse_longest = 0.05;
  double scatter = 0;  // standard deviation of the log threshold of a length about the law, drawn
                       // anew for every study
  std::vector<double> shifts{};   // of the log threshold of each length about the law, given;
                                  // empty: none
  std::optional<SizeLaw> size{};  // all the above speaks of widths; the cells that are drawn tell
                                  // these sizes in their place

  // What the fit looks for: alpha, of the sizes.
  double exponent() const { return size ? size->unit.slope * alpha + size->unit.growth : alpha; }
  Unit unit() const { return size ? size->unit : Unit{}; }
};

// One study's truth, its scatter drawn.
class Truth {
 public:
  // InputError: no length or width, one that is not positive, not ascending; kappa, threshold or
  // scatter out of range; a lapse outside [0, 1).
  Truth(const Scenario& scenario, RandomStream& random);

  // The chance that a seed is solved; `length` is one of the scenario's.
  double probability(double length, double width) const;
  // The log of the width needed, with its scatter.
  double log_threshold(double length) const;
  bool draw(double length, double width, RandomStream& random) const {
    return random.uniform() < probability(length, width);
  }

 private:
  std::size_t place(double length) const;

  std::vector<double> lengths_;
  std::vector<double> log_thresholds_;  // of each length
  std::vector<double> lapses_;          // of each length
  double kappa_;
};

// The full grid: every cell with `scenario.seeds` seeds, by length, then width.
std::vector<Cell> simulate(const Scenario& scenario, RandomStream& random);

}  // namespace surd::law
