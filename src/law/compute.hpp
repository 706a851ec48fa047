// Compute to solve: what the threshold width costs at each length, how that grows, and whether one
// architecture needs less of it than another.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "law/contrast.hpp"
#include "law/fit.hpp"

namespace surd::law {

// FLOPs of one model of this width at this length: of a forward pass, of a generated sequence,
// whatever is asked about.
struct Price {
  double length = 0;
  double hidden = 0;
  double flops = 0;
};

// FLOPs of any width at the lengths that were priced: straight lines in ln FLOPs over ln width
// between the priced widths, and on beyond them.
class Prices {
 public:
  // InputError: a price that is not positive, or two for the same width at a length.
  explicit Prices(const std::vector<Price>& prices);

  // Whether this length has the two widths that a slope needs.
  bool covers(double length) const;
  struct Local {
    double log_flops = 0;
    double slope = 0;  // d ln FLOPs / d ln width
  };
  // Error where the length is not covered.
  Local at(double length, double log_width) const;

 private:
  std::map<double, std::map<double, double>> log_flops_;  // by length and ln width
};

// FLOPs at the threshold ~ L^gamma.
struct Compute {
  std::string reason;  // why there is no gamma; empty where there is
  std::optional<double> gamma;
  Interval interval;  // 95 %, by the fit's own critical value, prices linear about the thresholds
  std::optional<double> flops;  // at the threshold of the largest length
};
Compute compute_to_solve(const std::vector<Cell>& cells, const Options& options, const Fit& fit,
                         const Prices& prices);

// FLOPs of an efficient architecture at its threshold over those of the baseline at its own.
struct Saving {
  std::string reason;           // why there is no ratio; empty where there is
  double length = 0;            // the largest that both have
  std::optional<double> ratio;  // below 1 it saves
  Interval interval;            // 95 %, in the joint fit of the contrast
  std::string words;            // the answer in a sentence
};
Saving saving(const Contrast& contrast, const Prices& efficient, const Prices& baseline);

}  // namespace surd::law
