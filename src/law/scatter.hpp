// How far the thresholds of single lengths scatter about the power law, beyond what their seeds
// explain: what a plan takes over from a pilot.
#pragma once

#include <optional>
#include <vector>

#include "law/fit.hpp"
#include "law/outcome.hpp"

namespace surd::law {

struct Scatter {
  // Standard deviation of the log thresholds about the law; 0 where the lack of fit is no more than
  // seeds bring about; none where there is no exponent, or fewer than three lengths to see it.
  std::optional<double> deviation{};
  // Of the fit with thresholds free for each length: those of the law make up for scatter by a
  // gentler rise and more lapses.
  double kappa = 0;
  double lapse = 0;
  double lapse_slope = 0;
};

// By the method of simulated moments: the deviation at which studies with the same cells and seeds,
// drawn from the fitted law with that scatter, have the lack of fit of `fit` on the average. The
// same for the same cells.
Scatter scatter_of(const std::vector<Cell>& cells, const Options& options, const Fit& fit);

}  // namespace surd::law
