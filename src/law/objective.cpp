#include "law/objective.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace surd::law {

Optimum maximise(const Objective& objective, Eigen::VectorXd start, int fixed) {
  constexpr int iteration_limit = 200;
  constexpr double decrement_limit = 1e-12;  // twice the height still to climb; the step that shows
                                             // it is taken too, so the error is far below
  constexpr double step_limit =
      2;  // parameters are logarithms: more than this is a leap in the dark
  Optimum optimum{.theta = std::move(start)};
  Eigen::VectorXd gradient;
  Hessian hessian;
  double ridge = 0;
  optimum.value = objective.value(optimum.theta, gradient, hessian);
  for (int iteration = 0; iteration < iteration_limit; ++iteration) {
    if (fixed >= 0) {
      gradient[fixed] = 0;
      hessian.fix(fixed);
    }
    const double scale = std::max(1e-8, hessian.largest_diagonal());
    bool climbed = false;
    while (!climbed && ridge < 1e6) {
      std::optional<Eigen::VectorXd> newton = hessian.solve(gradient, ridge * scale);
      if (!newton) {
        ridge = std::max(1e-6, ridge * 10);
        continue;
      }
      Eigen::VectorXd& step = *newton;
      const double decrement = gradient.dot(step);
      const double longest = step.cwiseAbs().maxCoeff();
      if (longest > step_limit) step *= step_limit / longest;
      const Eigen::VectorXd trial = optimum.theta + step;
      const double value = objective.value(trial);
      const bool at_top =
          ridge < 2e-6 &&
          decrement < decrement_limit * std::max(1.0, std::abs(optimum.value) * 1e-3);
      if (value > optimum.value || (at_top && value > optimum.value - 1e-10)) {
        optimum.theta = trial;
        optimum.value = value;
        climbed = true;
        ridge = ridge < 1e-7 ? 0 : ridge / 10;
      }
      if (at_top) {
        optimum.converged = true;
        return optimum;
      }
      if (!climbed) ridge = std::max(1e-6, ridge * 10);
    }
    if (!climbed) break;
    optimum.value = objective.value(optimum.theta, gradient, hessian);
  }
  // No step climbs any more, or the maximum is infinitely far (separation): what is left to climb
  // is below rounding, or the caller sees it.
  optimum.converged = gradient.cwiseAbs().maxCoeff() < 1e-5;
  return optimum;
}

}  // namespace surd::law
