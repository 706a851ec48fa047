// What studies of a given size find: the same fit on many simulated ones. For coverage, where the
// truth is the question, and for power, where it is a guess.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "law/contrast.hpp"
#include "law/share.hpp"
#include "law/simulate.hpp"
#include "law/verdict.hpp"

namespace surd::law {

// Draws one study: the full grid, or what a search chooses to run.
using Design = std::function<std::vector<Cell>(const Scenario&, RandomStream&)>;
// The same of a study and its baseline, where what is run of one depends on the other.
using DesignOfBoth = std::function<std::pair<std::vector<Cell>, std::vector<Cell>>(
    const Scenario&, const Scenario& baseline, RandomStream&)>;

struct Experiment {
  Scenario scenario{};
  std::optional<Scenario> baseline{};  // drawn beside it: delta alpha, and verdicts that need it
  double shared_scatter = 0;  // standard deviation of the log threshold of a length about both
                              // laws at once, on top of each scenario's own scatter
  double jitter = 0;  // the threshold of each study is drawn within this many log widths about the
                      // scenario's: no luck of the grid
  int studies = 2000;
  std::uint64_t seed = 1;
  Options options{};
  Design design = simulate;
  DesignOfBoth design_of_both{};        // instead, where it is given and there is a baseline
  std::size_t pair_from = paired_from;  // as law::contrast
  int threads = 1;                      // has no influence on the numbers
};

// Of an exponent, or of the difference of two, over the studies that give one.
struct Accuracy {
  double truth = 0;
  int studies = 0;  // that give a value; only these count below
  double bias = 0;  // mean less truth
  double standard_deviation = 0;
  std::optional<Share> coverage{};            // intervals that contain the truth
  std::optional<Share> coverage_unwidened{};  // the same for D <= 3.841
  double width = 0;  // mean of the intervals' widths, open ends taken at the limits of the search
  double width_unwidened = 0;
  double half_width = 0;      // median of the widths, halved
  double half_width_low = 0;  // 10 % and 90 % of them
  double half_width_high = 0;
  double open = 0;  // share of intervals with an open end
};

struct Power {
  int studies = 0;
  Accuracy alpha;
  std::optional<Accuracy> delta{};  // with a baseline
  std::map<Verdict, Share>
      verdicts;  // the chance of each; a study without an exponent is inconclusive
  // Of delta alpha where a baseline was drawn, else of alpha.
  const Accuracy& primary() const { return delta ? *delta : alpha; }
};

// Errors as simulate; InputError: no studies.
Power power_of(const Experiment& experiment);

// The fewest seeds a cell, up to `most`, with which the median half-width of alpha's interval is at
// most `half_width`; nothing where even `most` do not.
std::optional<int> seeds_for(Experiment experiment, double half_width, int most);

}  // namespace surd::law
