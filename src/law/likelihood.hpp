// The likelihood of a threshold law and its maximum. Everything that the room fits is this one
// function with another basis:
//   p = (1 - lambda) sigma(u),  u = kappa (ln d - b . beta),  lambda = sigma(z0 + z1 x)
// where b is a row's basis: (1, x) for the power law, a unit vector for a free threshold per
// length, two blocks for two architectures at once, or a free threshold per length that two
// architectures share and what tells them apart. Groups (architectures) share beta only; each has
// its own kappa, z0 and z1.
#pragma once

#include <Eigen/Dense>
#include <vector>

#include "law/objective.hpp"

namespace surd::law {

struct Options {
  bool penalties =
      true;           // weak priors on kappa and the lapse: keep the fit finite under separation
  bool lapse = true;  // failed optimisation although the width suffices
};

// All seeds of one cell, as the likelihood sees them.
struct Row {
  double log_hidden = 0;
  double x = 0;       // ln L less the mean of ln L over the distinct lengths
  double seeds = 0;   // n
  double solved = 0;  // y
  int group = 0;
  double slope = 1;  // of the cell's unit: kappa is expected at 6 / slope
};

class Likelihood : public Objective {
 public:
  // `basis` is [rows, K]; groups are numbered from 0.
  Likelihood(std::vector<Row> rows, Eigen::MatrixXd basis, int groups, Options options);
  // A threshold free for each of `thresholds` lengths, one group: b of row i is the unit vector
  // places[i].
  Likelihood(std::vector<Row> rows, std::vector<int> places, int thresholds, Options options);
  // Both: beta = (thresholds, coefficients of the basis), b = (unit vector places[i], row i of
  // `basis`). A place of -1 has no such threshold.
  Likelihood(std::vector<Row> rows, std::vector<int> places, int thresholds, Eigen::MatrixXd basis,
             int groups, Options options);

  // Parameters: beta (K), then per group ln kappa and, with lapse, z0 and z1.
  int size() const override { return coefficients() + groups_ * per_group_; }
  int coefficients() const { return coefficients_; }
  // Of the coefficients the first: thresholds free for each length, of which no row has two.
  int separate() const { return separate_; }
  int groups() const { return groups_; }
  int log_kappa(int group) const { return coefficients() + group * per_group_; }
  int lapse(int group) const { return log_kappa(group) + 1; }        // z0; only with options.lapse
  int lapse_slope(int group) const { return log_kappa(group) + 2; }  // z1; only with options.lapse
  const Options& options() const { return options_; }
  const std::vector<Row>& rows() const { return rows_; }
  const std::vector<int>& places() const { return places_; }  // [rows], or empty: none has one
  // [rows, coefficients() - separate()]: what b has after the separate ones.
  const Eigen::MatrixXd& basis() const { return basis_; }

  // The penalised log likelihood without binomial coefficients: what is maximised.
  double value(const Eigen::VectorXd& theta) const override;
  double value(const Eigen::VectorXd& theta, Eigen::VectorXd& gradient,
               Hessian& hessian) const override;
  // The log likelihood of the data alone, with binomial coefficients, as R's logLik(glm) has it.
  double data(const Eigen::VectorXd& theta) const;
  // p of a row.
  double probability(const Eigen::VectorXd& theta, int row) const;

  // kappa 6 of a width, lapse .05, slope 0 for every group; beta as given [K].
  Eigen::VectorXd start(const Eigen::VectorXd& beta) const;

 private:
  template <bool derivatives>
  double sum(const Eigen::VectorXd& theta, bool penalties, Eigen::VectorXd* gradient,
             Hessian* hessian) const;
  int place_of(std::size_t row) const { return places_.empty() ? -1 : places_[row]; }
  double log_threshold(const Eigen::VectorXd& theta, std::size_t row) const;
  void count_coefficients();
  void centre_kappas();

  std::vector<Row> rows_;
  std::vector<int> places_;
  Eigen::MatrixXd basis_;
  int separate_ = 0;
  int coefficients_;
  int groups_;
  Options options_;
  int per_group_;
  double log_coefficients_ = 0;  // sum of ln (n over y)
  std::vector<double> kappas_;   // [groups]: ln kappa that the penalty is centred on
};

}  // namespace surd::law
