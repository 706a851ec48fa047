// The law of thresholds that still fall with the steps of training:
//   ln d(L, S) = ln d_inf(L) + ln(1 + (S0(L) / S)^b),  ln S0(L) = s + t x
// of all cells of one curve at several budgets S at once. It is the likelihood with a threshold
// free at each length and budget, those thresholds being functions of a few parameters.
#pragma once

#include <Eigen/Dense>
#include <vector>

#include "law/likelihood.hpp"
#include "law/outcome.hpp"

namespace surd::law {

// The cells of a curve that were trained with the same budget: steps, or a multiple of what each
// length gets.
struct AtBudget {
  double budget = 0;  // above 0
  std::vector<Cell> cells;
};

class BudgetLaw : public Objective {
 public:
  // What is asked of d_inf: a power law, beta = (c, alpha), or a value free at each length.
  enum class Limit { power, free };

  // `budgets` by budget, distinct; cells have seeds. Each budget has a kappa and a lapse of its
  // own.
  BudgetLaw(const std::vector<AtBudget>& budgets, const Options& options, Limit limit);

  // Parameters: beta of ln d_inf, ln b, s (of S0 over the largest budget, at the mean length), t,
  // then per budget ln kappa and, with lapse, z0 and z1.
  int size() const override { return log_b() + 3 + rest(); }
  int log_b() const { return static_cast<int>(limit_.cols()); }
  int s() const { return log_b() + 1; }
  int t() const { return log_b() + 2; }
  double value(const Eigen::VectorXd& theta) const override;
  double value(const Eigen::VectorXd& theta, Eigen::VectorXd& gradient,
               Hessian& hessian) const override;

  // beta as given, kappa and lapse as a Likelihood starts.
  Eigen::VectorXd start(const Eigen::VectorXd& beta, double log_b, double s, double t) const;
  // theta of a law of the same cells whose limit is a power, for this one, whose limit is free.
  Eigen::VectorXd freed(const Eigen::VectorXd& theta) const;
  // ln threshold is ln(1 + ...) times this, by the unit of the cells.
  double slope() const { return slope_; }

 private:
  struct Place {
    double x = 0;
    double log_budget = 0;  // less that of the largest
    Eigen::Index length = 0;
  };
  struct Cells;  // rows of all budgets with their places
  static Cells cells_of(const std::vector<AtBudget>& budgets);
  BudgetLaw(Cells cells, int budgets, const Options& options, Limit limit);

  // theta of the likelihood with free thresholds, by this law.
  Eigen::VectorXd thresholds(const Eigen::VectorXd& theta) const;
  int rest() const { return free_.size() - free_.separate(); }
  template <bool derivatives>
  double penalties(const Eigen::VectorXd& theta, Eigen::VectorXd* gradient, Hessian* hessian) const;

  std::vector<Place> places_;
  Likelihood free_;
  Eigen::MatrixXd limit_;  // [places, coefficients of d_inf]
  double slope_ = 1;       // of the cells' unit
};

}  // namespace surd::law
