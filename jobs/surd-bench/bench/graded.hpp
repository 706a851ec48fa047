// A second estimate of the exponent, from accuracies instead of solved and unsolved: accuracies
// that fall between a few levels say how far from the threshold a seed was. It equals law::fit
// where every accuracy is on one side of all levels. No part of surd-fit: docs/statistics.md says
// why.
#pragma once

#include <optional>
#include <vector>

#include "law/fit.hpp"
#include "law/interval.hpp"

namespace surd::bench {

// The test accuracies of the seeds of one cell, censored ones left out.
struct GradedCell {
  double length = 0;
  double hidden = 0;
  std::vector<double> accuracies{};
};
// The same seeds, solved where the accuracy is at least tau.
std::vector<law::Cell> counted(const std::vector<GradedCell>& cells, double tau);

// How the distances of the other levels from tau may go with the length, in steepness times ln d:
// not at all, which the exponent of those levels then has to share; or each as a power of its own,
// so that a level whose threshold grows in another way than that of tau cannot pull alpha along.
// With the second, seeds that fail although the width suffices reach the lower level in a share of
// their own.
enum class Distances { equal, own };

struct Graded {
  std::optional<double> alpha{};  // of tau; nothing where `fit` has none or no maximum was found
  law::Interval interval{};       // 95 %, by `criterion`
  law::Interval unwidened{};      // 95 % if the model held exactly
  law::Criterion criterion{};
  std::vector<double> levels{};  // ascending, tau among them; tau alone: alpha is that of `fit`
};
// Levels .5, tau and .98, with
//   P(accuracy >= level k) = (1 - lambda) sigma(kappa (ln d - c - alpha x) + a_k),  a_k = 0 at tau,
// and the penalties of law::Likelihood. A level with no seed between it and tau, or none beyond it,
// is left out. `fit` is law::fit of counted(cells, tau) with the default options.
Graded fit_graded(const std::vector<GradedCell>& cells, double tau, const law::Fit& fit,
                  Distances distances = Distances::own);

// The function that is maximised, for tests.
class GradedLikelihood {
 public:
  // Parameters: c and alpha, or with `free` the log threshold of each length, ascending; ln kappa,
  // z0, z1; ln |a_k| at the mean length of each level but tau; and with own distances the powers of
  // the length in these and the log odds that a lapsed seed stays below the lower level.
  GradedLikelihood(const std::vector<GradedCell>& cells, std::vector<double> levels, double tau,
                   Distances distances, bool free);

  int size() const { return own() + (own_distances_ ? 2 * others() + 1 : others()); }
  int coefficients() const { return coefficients_; }
  const std::vector<double>& lengths() const { return lengths_; }  // distinct, ascending

  double value(const Eigen::VectorXd& theta) const { return sum(theta, nullptr, nullptr); }
  // The gradient is exact; the information is the expected one with that of the penalties, so it is
  // never indefinite.
  double value(const Eigen::VectorXd& theta, Eigen::VectorXd& gradient,
               Eigen::MatrixXd& information) const {
    return sum(theta, &gradient, &information);
  }
  Eigen::VectorXd start(const Eigen::VectorXd& beta, double log_kappa, double z0, double z1) const;

 private:
  struct Row {
    double log_hidden = 0;
    double x = 0;
    int place = 0;                 // of its length
    std::vector<double> counts{};  // of seeds in each class, [levels + 1]
    double seeds = 0;
  };
  int others() const { return static_cast<int>(levels_.size()) - 1; }
  int own() const { return coefficients_ + 3; }  // the first parameter that law::Likelihood lacks
  double sum(const Eigen::VectorXd& theta, Eigen::VectorXd* gradient,
             Eigen::MatrixXd* information) const;
  double penalties(const Eigen::VectorXd& theta, Eigen::VectorXd* gradient,
                   Eigen::MatrixXd* information) const;

  std::vector<double> levels_;
  int reference_ = 0;  // of tau among them
  bool own_distances_;
  bool free_;
  std::vector<double> lengths_;
  int coefficients_ = 0;
  std::vector<Row> rows_;
};

}  // namespace surd::bench
