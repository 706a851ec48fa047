// Whether the exponent changes with the length: ln(width needed) = c + alpha x + gamma p(x), with
// p(x) = x^2 less its line over the lengths, so that alpha is the mean exponent with or without it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "law/fit.hpp"

namespace surd::law {

// Lengths from which on lack of fit of the curved law is seen beside the curvature.
constexpr std::size_t lengths_for_curvature = 4;

// d ln(width needed) / d ln L by the curved law.
struct LocalExponent {
  double length = 0;
  double exponent = 0;
  Interval interval;  // 95 %, by the curvature's critical value
};

struct Curvature {
  std::string reason;                  // why there is none; empty where there is
  std::optional<double> gamma;         // half of what the local exponent gains as L grows e-fold
  Interval interval;                   // 95 %, from its profile
  Interval unwidened;                  // 95 % if the curved law held exactly
  Criterion criterion;                 // of the lack of fit that is left, m - 3 degrees of freedom
  std::optional<LocalExponent> first;  // at the shortest length
  std::optional<LocalExponent> last;   // and at the longest
  std::string words;                   // one sentence
  bool excludes_zero() const { return gamma && !interval.contains(0); }
};

// `fit` is that of the same cells; it asks for three lengths and an exponent.
Curvature curvature(const std::vector<Cell>& cells, const Options& options, const Fit& fit);

// The same question for a fraction of the work, asked of four lengths or more: in words from where
// to where the exponent goes ("falls from 0.80 at L = 16 to 0.20 at 256") where the interval of
// gamma excludes 0; else empty.
std::string bend(const std::vector<Cell>& cells, const Options& options, const Fit& fit);

}  // namespace surd::law
