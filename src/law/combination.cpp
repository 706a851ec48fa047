#include "law/combination.hpp"

#include <utility>

#include "base/error.hpp"

namespace surd::law {

// With r replaced and g = w . beta: beta_r = (g - sum of the other w_j beta_j) / w_r, put into b .
// beta.
Combination combine(const Likelihood& likelihood, const Optimum& optimum,
                    const Eigen::VectorXd& weights) {
  if (likelihood.separate() > 0)
    throw Error("thresholds that are free for each length are not combined");
  if (weights.size() != likelihood.coefficients() || weights.cwiseAbs().maxCoeff() == 0) {
    throw Error("a combination needs one weight a coefficient, and one that is not zero");
  }
  Eigen::Index replaced = 0;
  weights.cwiseAbs().maxCoeff(&replaced);
  Eigen::MatrixXd basis = likelihood.basis();
  const Eigen::VectorXd column = basis.col(replaced) / weights[replaced];
  basis -= column * weights.transpose();
  basis.col(replaced) = column;
  Optimum moved = optimum;
  moved.theta[replaced] = weights.dot(optimum.theta.head(likelihood.coefficients()));
  return {.likelihood = Likelihood(likelihood.rows(), std::move(basis), likelihood.groups(),
                                   likelihood.options()),
          .optimum = std::move(moved),
          .index = static_cast<int>(replaced)};
}

Interval interval_of(const Likelihood& likelihood, const Optimum& optimum,
                     const Eigen::VectorXd& weights, double critical, double reach) {
  const Combination combination = combine(likelihood, optimum, weights);
  const double best = combination.optimum.theta[combination.index];
  return Profile(combination.likelihood, combination.optimum, combination.index)
      .interval(critical, best - reach, best + reach);
}

}  // namespace surd::law
