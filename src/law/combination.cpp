#include "law/combination.hpp"

#include <utility>

#include "base/error.hpp"

namespace surd::law {

// With r replaced and g = w . beta: beta_r = (g - sum of the other w_j beta_j) / w_r, put into b .
// beta. Only rows that have beta_r change, and no separate coefficient does.
Combination combine(const Likelihood& likelihood, const Optimum& optimum,
                    const Eigen::VectorXd& weights) {
  const int separate = likelihood.separate();
  const Eigen::Index shared = likelihood.coefficients() - separate;
  if (shared == 0 || weights.size() != shared || weights.cwiseAbs().maxCoeff() == 0) {
    throw Error(
        "a combination needs a weight for each coefficient of the basis, and one that is not zero");
  }
  Eigen::Index replaced = 0;
  weights.cwiseAbs().maxCoeff(&replaced);
  Eigen::MatrixXd basis = likelihood.basis();
  const Eigen::VectorXd column = basis.col(replaced) / weights[replaced];
  basis -= column * weights.transpose();
  basis.col(replaced) = column;
  Optimum moved = optimum;
  const int index = separate + static_cast<int>(replaced);
  moved.theta[index] = weights.dot(optimum.theta.segment(separate, shared));
  return {.likelihood = Likelihood(likelihood.rows(), likelihood.places(), separate,
                                   std::move(basis), likelihood.groups(), likelihood.options()),
          .optimum = std::move(moved),
          .index = index};
}

Interval interval_of(const Likelihood& likelihood, const Optimum& optimum,
                     const Eigen::VectorXd& weights, double critical, double reach) {
  const Combination combination = combine(likelihood, optimum, weights);
  const double best = combination.optimum.theta[combination.index];
  return Profile(combination.likelihood, combination.optimum, combination.index)
      .interval(critical, best - reach, best + reach);
}

}  // namespace surd::law
