// How far the exponents lean on two choices: the test accuracy from which a seed is solved, and the best of several learning rates.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/input/input.hpp"
#include "base/json.hpp"
#include "law/fit.hpp"
#include "law/verdict.hpp"

namespace surd::analysis {

struct Findings;

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
  std::vector<Otherwise> learning_rate;  // each common one alone, ascending; empty where there is only one. A seed without a trial at it is left out.
  std::vector<std::string> sentences;    // where another choice changes the verdict, takes alpha away or puts it outside the interval of the findings
};

struct Sensitivity {
  std::vector<SensitiveSeries> series;  // in the order of the fits
  std::string reason;                   // why there is none; empty where there is
};

// Fits all series again for each choice.
Sensitivity sensitivity_of(const Input& input, const Findings& findings);

// For a terminal: alpha (and delta alpha) in a row a series, then the sentences.
std::string to_text(const Sensitivity& sensitivity);
// {"tau": [{"task", "architecture", "tau", "alpha", "alpha_low", "alpha_high", "delta_alpha", "delta_low", "delta_high", "verdict"}, ...],
//  "learning_rate": [the same with "learning_rate" for "tau"], "warnings": [...]}; null where there is no number, then with "reason"; "axes" where
// there are any. Of counted input both lists are empty, and "reason" says why.
Json to_json(const Sensitivity& sensitivity);

}  // namespace surd::analysis
