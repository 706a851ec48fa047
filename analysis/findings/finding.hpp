// What is found of one series, and of one against the baseline.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/findings/compute.hpp"
#include "analysis/findings/thresholds.hpp"
#include "law/contrast.hpp"
#include "law/curvature.hpp"
#include "law/fit.hpp"
#include "law/outcome.hpp"
#include "law/reference.hpp"
#include "law/verdict.hpp"

namespace surd::analysis {

// What stands beside an exponent: laws without a free exponent, the additive offset, saturation,
// the held-out length, the local exponent.
struct Beside {
  law::References references;
  law::Offset offset;
  law::Saturation saturation;
  law::HeldOut held_out;
  law::Curvature curvature;
};

struct Finding {
  law::Series series;  // the data
  law::Fit fit;
  std::vector<law::Doubt> doubts{};  // end the words of the judgement
  law::Judgement judgement{};
  Beside beside{};
  Compute compute{};
  std::vector<Threshold> thresholds{};  // by length
};

struct Comparison {
  std::string task;
  std::string architecture;
  std::string axes;
  std::string baseline;
  law::Contrast contrast;
  law::WidthRatio widths{};                  // at the largest length that counts
  std::vector<law::WidthRatio> widths_at{};  // at those of Settings::at that both have, as given
  Saving saving{};
};

// The one of `series`; null where it is not compared.
const Comparison* comparison_of(std::span<const Comparison> comparisons, const law::Series& series);

}  // namespace surd::analysis
