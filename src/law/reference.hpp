// Laws without a free exponent, beside the power law: which of them the thresholds allow.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "law/fit.hpp"
#include "law/thresholds.hpp"

namespace surd::law {

// Width needed = factor * f(L) with a fixed f.
struct ReferenceLaw {
  std::string name;            // one of reference_names()
  double threshold = 0;        // the width at the geometric mean length
  double log_likelihood = 0;   // the maximum, with penalties: what was maximised
  std::optional<double> aicc;  // none with too few cells for its correction
  double weight = 0;           // Akaike's: all sum to 1
};

struct References {
  std::string reason;              // why there are none; empty where there are
  std::vector<ReferenceLaw> laws;  // from the slowest to the fastest, as L grows
  std::string words;               // which remain, and what cannot be told apart
};

// const, ln L, L^.25, sqrt(L)/ln L, sqrt L, sqrt(L ln L), sqrt(L) ln L, L/ln L, L: in that order.
const std::vector<std::string>& reference_names();

// Weights of laws with equal numbers of parameters: threshold, kappa and lapse. `fit` is that of
// the same cells: there is nothing to compare where it has no exponent. Burnham and Anderson, Model
// selection and multimodel inference, 2002.
References reference_laws(const std::vector<Cell>& cells, const Options& options, const Fit& fit);

// The laws that only a logarithm separates from sqrt(L) and that the criterion which makes the
// interval of alpha does not exclude, in a row; empty where there are none.
std::string but_for_a_logarithm_of_sqrt(const std::vector<Cell>& cells, const Fit& fit);

// An additive offset, width needed = d0 + a sqrt(L) with d0 and a >= 0, looks like a power law with
// a smaller exponent.
struct Offset {
  std::string reason;            // why there is none; empty where there is
  std::optional<double> share;   // of the width at the geometric mean length that d0 makes: 0 is
                                 // sqrt(L), 1 is constant
  Interval share_interval;       // 95 %; an end of 0 or 1 is one that the data do not exclude
  std::optional<double> offset;  // d0
  Interval offset_interval;      // d0 at the ends of share_interval
  std::optional<double> slope;   // a
  double gain = 0;  // in log likelihood over the power law, which has as many parameters
};
Offset fit_offset(const std::vector<Cell>& cells, const Options& options, const Fit& fit);

// A law that bends, width needed = a L/(L + K): as L below K, constant above it.
struct Saturation {
  std::string reason;          // why there is none; empty where there is
  std::optional<double> half;  // K, the length at which half of the final width is needed
  double half_least = 0;       // the K that was looked at: below the least it is a constant width,
  double half_most = 0;        // above the most it is L
  double log_likelihood = 0;   // the maximum, with penalties
  double gain = 0;             // over the power law, which has as many parameters
  double over_sqrt = 0;        // log likelihood over that of sqrt(L), which has a parameter less
  bool excluded = false;       // by the criterion that makes the interval of alpha
};
Saturation fit_saturation(const std::vector<Cell>& cells, const Options& options, const Fit& fit);

// The fit without the largest length, and what it says of that length.
struct HeldOut {
  std::string reason;  // why there is no miss; empty where there is
  double length = 0;
  Point predicted;  // by the law of the other lengths
  Point observed;   // threshold of that length alone, with the steepness and lapse of all
  std::optional<double>
      miss;  // ln(observed / predicted) over the half-widths of both together on the sides that
             // face each other: beyond 1 in size the two disagree at 95 %
};
HeldOut hold_out(const std::vector<Cell>& cells, const Options& options);

}  // namespace surd::law
