// How far the exponents lean on two choices: the test accuracy from which a seed is solved, and the
// best of several learning rates.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/findings/finding.hpp"
#include "analysis/findings/settings.hpp"
#include "analysis/input/input.hpp"
#include "law/fit.hpp"
#include "law/verdict.hpp"

namespace surd::analysis {

// One series with one choice made otherwise.
struct Otherwise {
  double choice = 0;     // tau, or the one learning rate whose trials are used
  std::string reason{};  // why there is no exponent; empty where there is one
  std::optional<double> alpha{};
  law::Interval interval{};
  std::optional<double> delta{};  // alpha less that of the baseline, chosen likewise
  law::Interval delta_interval{};
  law::Verdict verdict = law::Verdict::inconclusive;
};

struct SensitiveSeries {
  std::string name;  // law::name
  std::string task;
  std::string architecture;
  std::string axes;
  std::vector<Otherwise> tau;            // at .5, .9, .98 and the findings' own, ascending
  std::vector<Otherwise> learning_rate;  // each common one alone, ascending; empty where there is
                                         // only one. A seed without a trial at it is left out.
};

struct Sensitivity {
  std::vector<SensitiveSeries> series;  // in the order of the fits
  std::string reason;                   // why there is none; empty where there is
};

// Fits all series again for each choice.
Sensitivity sensitivity_of(const Input& input, std::span<const Finding> fits,
                           std::span<const Comparison> comparisons, const Settings& settings);

}  // namespace surd::analysis
