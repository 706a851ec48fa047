#include "law/budget_law.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "law/fit.hpp"
#include "law/logistic.hpp"

namespace surd::law {
namespace {

// Normal priors. Where thresholds do not fall, b and t mean nothing; where they fall as one power
// of S, any S0 far above the budgets fits with a limit as far below: these keep both finite, and
// are so wide that an interval which they close counts as too wide.
struct Normal {
  double centre;
  double deviation;
};
constexpr Normal prior_log_b = {0.7, 0.7};  // b 2: within a factor 4
constexpr Normal prior_s = {-1, 2};         // S0 over the largest budget .37: within a factor 50
constexpr Normal prior_t = {0.5, 1.5};

}  // namespace

struct BudgetLaw::Cells {
  std::vector<Row> rows;
  std::vector<int> of_row;
  std::vector<Place> places;
  std::size_t lengths = 0;
  double slope = 1;
};

BudgetLaw::Cells BudgetLaw::cells_of(const std::vector<AtBudget>& budgets) {
  std::vector<Cell> all;
  std::vector<int> groups;
  for (std::size_t i = 0; i < budgets.size(); ++i) {
    all.insert(all.end(), budgets[i].cells.begin(), budgets[i].cells.end());
    groups.resize(all.size(), static_cast<int>(i));
  }
  const auto lengths = distinct_lengths(all);
  Cells cells{.rows = law::rows(all),
              .of_row = {},
              .places = {},
              .lengths = lengths.size(),
              .slope = unit_of(all).slope};
  std::map<std::pair<double, int>, int> known;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Row& row = cells.rows[i];
    row.group = groups[i];
    const auto [place, is_new] =
        known.emplace(std::pair(all[i].length, row.group), static_cast<int>(cells.places.size()));
    if (is_new) {
      const auto length = std::lower_bound(lengths.begin(), lengths.end(), all[i].length);
      const double budget = budgets[static_cast<std::size_t>(row.group)].budget;
      cells.places.push_back({.x = row.x,
                              .log_budget = std::log(budget / budgets.back().budget),
                              .length = length - lengths.begin()});
    }
    cells.of_row.push_back(place->second);
  }
  return cells;
}

BudgetLaw::BudgetLaw(const std::vector<AtBudget>& budgets, const Options& options, Limit limit)
    : BudgetLaw(cells_of(budgets), static_cast<int>(budgets.size()), options, limit) {}

BudgetLaw::BudgetLaw(Cells cells, int budgets, const Options& options, Limit limit)
    : places_(std::move(cells.places)),
      free_(std::move(cells.rows), std::move(cells.of_row), static_cast<int>(places_.size()), {},
            budgets, options),
      slope_(cells.slope) {
  const auto columns = limit == Limit::power ? 2 : static_cast<Eigen::Index>(cells.lengths);
  limit_.setZero(static_cast<Eigen::Index>(places_.size()), columns);
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    if (limit == Limit::power) {
      limit_.row(row) << 1, places_[i].x;
    } else {
      limit_(row, places_[i].length) = 1;
    }
  }
}

Eigen::VectorXd BudgetLaw::thresholds(const Eigen::VectorXd& theta) const {
  const double b = std::exp(theta[log_b()]);
  Eigen::VectorXd free(free_.size());
  free.head(limit_.rows()) = limit_ * theta.head(limit_.cols());
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const double w = b * (theta[s()] + theta[t()] * places_[i].x - places_[i].log_budget);
    free[static_cast<Eigen::Index>(i)] += slope_ * softplus(w);
  }
  free.tail(rest()) = theta.tail(rest());
  return free;
}

Eigen::VectorXd BudgetLaw::start(const Eigen::VectorXd& beta, double log_b, double s,
                                 double t) const {
  Eigen::VectorXd theta(size());
  theta << beta, log_b, s, t, free_.start(Eigen::VectorXd::Zero(free_.separate())).tail(rest());
  return theta;
}

Eigen::VectorXd BudgetLaw::freed(const Eigen::VectorXd& theta) const {
  Eigen::VectorXd all(size());
  all.tail(3 + rest()) = theta.tail(3 + rest());
  for (const Place& place : places_) all[place.length] = theta[0] + theta[1] * place.x;
  return all;
}

// With w = b (s + t x - ln S) the threshold has softplus(w), whose derivatives are g = logistic(w)
// and g (1 - g).
double BudgetLaw::value(const Eigen::VectorXd& theta, Eigen::VectorXd& gradient,
                        Hessian& hessian) const {
  const Eigen::Index own = log_b();
  const Eigen::Index count = limit_.rows();
  const double b = std::exp(theta[log_b()]);
  Eigen::VectorXd of_free;
  Hessian curvature;
  const double value = free_.value(thresholds(theta), of_free, curvature);
  Eigen::MatrixXd jacobian(count, own + 3);
  jacobian.leftCols(own) = limit_;
  Eigen::Matrix3d bent = Eigen::Matrix3d::Zero();  // what the thresholds' own curvature gives
  for (Eigen::Index i = 0; i < count; ++i) {
    const Place& place = places_[static_cast<std::size_t>(i)];
    const double distance = theta[s()] + theta[t()] * place.x - place.log_budget;
    const double w = b * distance;
    const double g = slope_ * logistic(w);
    const Eigen::Vector3d by(w, b, b * place.x);  // dw by ln b, s, t
    jacobian.row(i).tail(3) = g * by.transpose();
    Eigen::Matrix3d second = Eigen::Matrix3d::Zero();
    second.row(0) = by.transpose();
    second.col(0) = by;
    bent += of_free[i] * (g * logistic(-w) * by * by.transpose() + g * second);
  }
  const Eigen::Index law = own + 3;
  gradient.resize(size());
  gradient.head(law) = jacobian.transpose() * of_free.head(count);
  gradient.tail(rest()) = of_free.tail(rest());
  Eigen::MatrixXd all = Eigen::MatrixXd::Zero(size(), size());
  all.topLeftCorner(law, law) = jacobian.transpose() * curvature.diagonal().asDiagonal() * jacobian;
  all.block(own, own, 3, 3) += bent;
  all.bottomLeftCorner(rest(), law) = curvature.border() * jacobian;
  all.bottomRightCorner(rest(), rest()) = curvature.corner();
  hessian.reset(0, size());
  for (int column = 0; column < size(); ++column) {
    for (int row = column; row < size(); ++row) hessian.lower(row, column) = all(row, column);
  }
  return value + penalties<true>(theta, &gradient, &hessian);
}

double BudgetLaw::value(const Eigen::VectorXd& theta) const {
  return free_.value(thresholds(theta)) + penalties<false>(theta, nullptr, nullptr);
}

template <bool derivatives>
double BudgetLaw::penalties(const Eigen::VectorXd& theta, Eigen::VectorXd* gradient,
                            Hessian* hessian) const {
  if (!free_.options().penalties) return 0;
  const std::array<std::pair<int, Normal>, 3> priors = {
      std::pair(log_b(), prior_log_b), std::pair(s(), prior_s), std::pair(t(), prior_t)};
  double total = 0;
  for (const auto& [index, prior] : priors) {
    const double off = (theta[index] - prior.centre) / prior.deviation;
    total -= off * off / 2;
    if constexpr (derivatives) {
      (*gradient)[index] -= off / prior.deviation;
      hessian->lower(index, index) -= 1 / (prior.deviation * prior.deviation);
    }
  }
  return total;
}

}  // namespace surd::law
