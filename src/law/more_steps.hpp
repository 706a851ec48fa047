// What an exponent would be had all seeds been trained for longer, as a sample of unsolved seeds
// that were says it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "law/fit.hpp"

namespace surd::law {

// An unsolved seed that was trained anew with more steps.
struct Retrained {
  double length = 0;
  double hidden = 0;
  bool solved = false;  // now
};

// Of the alpha of the fit, had all its unsolved seeds been trained for as long: the mean and where
// it lies with a chance of 95 %, by what the seeds say and, where they say little, by the prior.
// What a seed far from the threshold may do is not in it.
struct StepsShift {
  double mean = 0;
  double low = 0;
  double high = 0;
};

// `fit` is that of `cells`, whose unsolved seeds `seeds` are some of. More steps lower a seed's
// threshold by delta(L) >= 0 in ln d, linear in ln L; delta at the shortest and at the longest
// length each have the prior |N(0, ln 2)|. A seed of the fit's law that was unsolved is then solved
// with the chance (p(u + kappa delta) - p(u)) / (1 - p(u)), p and u as in the fit but kappa at most
// near_kappa_most; in `seeds` one in twenty is taken to follow a coin instead. The other unsolved
// seeds are drawn by these chances under draws of delta, always the same ones, and alpha is fitted
// anew. Nothing without an exponent.
std::optional<StepsShift> steps_shift(const std::vector<Cell>& cells, const Options& options,
                                      const Fit& fit, std::span<const Retrained> seeds);

}  // namespace surd::law
