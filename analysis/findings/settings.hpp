// How an input is fitted.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/input/input.hpp"
#include "law/fit.hpp"

namespace surd::analysis {

constexpr double usual_tau = 0.9;

struct Settings {
  double tau = usual_tau;  // test accuracy from which a seed is solved
  std::string baseline;    // the architecture that the others are compared with
  law::Options options;
  SizeScale scale = SizeScale::hidden;  // the input's
  std::vector<double> at;               // lengths at which widths are compared, besides the largest
};

// What the user said; what is left open is the study's own wish (its block `fit`), else the usual
// tau and the first architecture of the input.
struct Choices {
  std::optional<double> tau{};
  std::optional<std::string> baseline{};
  law::Options options{};
  std::vector<double> at{};
};
Settings settle(const Choices& choices, const Input& input);

}  // namespace surd::analysis
