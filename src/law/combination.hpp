// Intervals of linear combinations of coefficients: a width at another length, a cost, a ratio of
// two costs.
#pragma once

#include "law/interval.hpp"
#include "law/likelihood.hpp"

namespace surd::law {

// A likelihood in which the combination is itself a coefficient, so that its profile is the
// interval.
struct Combination {
  Likelihood likelihood;
  Optimum optimum;
  int index;  // of the combination among the parameters
};

// weights . beta takes the place of the coefficient with the largest weight. `weights` is
// [coefficients() - separate()], not all zero: thresholds free for each length have none.
Combination combine(const Likelihood& likelihood, const Optimum& optimum,
                    const Eigen::VectorXd& weights);

// {value of weights . beta : D <= critical}, looked for up to `reach` to both sides of the maximum.
Interval interval_of(const Likelihood& likelihood, const Optimum& optimum,
                     const Eigen::VectorXd& weights, double critical, double reach);

}  // namespace surd::law
