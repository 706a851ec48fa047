#include "law/likelihood.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "law/logistic.hpp"

namespace surd::law {
namespace {

constexpr double prior_kappa = 6;  // of a width: centre of the penalty on ln kappa, with standard
                                   // deviation 1
constexpr double prior_no_lapse = 9;  // lambda_0 ~ Beta(.3, 9) in the log-odds scale
constexpr double prior_lapse = 0.3;
constexpr double start_lapse = 0.05;

}  // namespace

Likelihood::Likelihood(std::vector<Row> rows, Eigen::MatrixXd basis, int groups, Options options)
    : Likelihood(std::move(rows), {}, 0, std::move(basis), groups, options) {}

Likelihood::Likelihood(std::vector<Row> rows, std::vector<int> places, int thresholds,
                       Options options)
    : Likelihood(std::move(rows), std::move(places), thresholds, {}, 1, options) {}

Likelihood::Likelihood(std::vector<Row> rows, std::vector<int> places, int thresholds,
                       Eigen::MatrixXd basis, int groups, Options options)
    : rows_(std::move(rows)),
      places_(std::move(places)),
      basis_(std::move(basis)),
      separate_(thresholds),
      coefficients_(thresholds + static_cast<int>(basis_.cols())),
      groups_(groups),
      options_(options),
      per_group_(options.lapse ? 3 : 1) {
  if (basis_.cols() > 0 && basis_.rows() != static_cast<Eigen::Index>(rows_.size())) {
    throw Error({.what = "the basis of a likelihood does not match its rows",
                 .expected = std::to_string(rows_.size()),
                 .got = std::to_string(basis_.rows())});
  }
  const bool inside = std::all_of(places_.begin(), places_.end(),
                                  [&](int place) { return place >= -1 && place < thresholds; });
  if ((thresholds > 0 && places_.size() != rows_.size()) || !inside) {
    throw Error("the free thresholds of a likelihood do not match its rows");
  }
  count_coefficients();
  centre_kappas();
}

// kappa (ln d - c) is kappa / slope (ln size - ...).
void Likelihood::centre_kappas() {
  kappas_.assign(static_cast<std::size_t>(groups_), std::log(prior_kappa));
  for (const Row& row : rows_)
    kappas_[static_cast<std::size_t>(row.group)] = std::log(prior_kappa / row.slope);
}

void Likelihood::count_coefficients() {
  for (const Row& row : rows_) {
    log_coefficients_ += std::lgamma(row.seeds + 1) - std::lgamma(row.solved + 1) -
                         std::lgamma(row.seeds - row.solved + 1);
  }
}

double Likelihood::log_threshold(const Eigen::VectorXd& theta, std::size_t row) const {
  const int place = place_of(row);
  double sum = place < 0 ? 0 : theta[place];
  for (Eigen::Index j = 0; j < basis_.cols(); ++j)
    sum += basis_(static_cast<Eigen::Index>(row), j) * theta[separate_ + j];
  return sum;
}

// With s = sigma(u), l = lambda, q = 1 - p: df/du = y (1 - s) - (n - y) p (1 - s) / q and df/dv =
// -y l + (n - y) p l / q for v = z0 + z1 x. ln p and q are built from positive parts, so nothing
// cancels or overflows and p needs no clamp: far tails keep their slope.
template <bool derivatives>
double Likelihood::sum(const Eigen::VectorXd& theta, bool penalties, Eigen::VectorXd* gradient,
                       Hessian* hessian) const {
  const auto width = static_cast<int>(basis_.cols());
  double total = 0;
  if constexpr (derivatives) {
    gradient->setZero(size());
    hessian->reset(separate_, size());
  }
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const Row& row = rows_[i];
    const auto index = static_cast<Eigen::Index>(i);
    const int k = log_kappa(row.group);
    const double kappa = std::exp(theta[k]);
    // What b has: its entries count from -1, the free threshold, where there is one.
    const int own = place_of(i);
    const int first = own < 0 ? 0 : -1;
    const auto place = [&](int a) { return a < 0 ? own : separate_ + a; };
    const auto b_of = [&](int a) { return a < 0 ? 1.0 : basis_(index, a); };
    const double u = kappa * (row.log_hidden - log_threshold(theta, i));
    const double s = logistic(u);
    const double unsolved = row.seeds - row.solved;
    double p = s;
    double t = 1;  // (1 - s) / q
    double m = 0;  // lambda / q
    double lambda = 0;
    if (options_.lapse) {
      const double v = theta[k + 1] + theta[k + 2] * row.x;
      lambda = logistic(v);
      const double q = lambda + logistic(-v) * logistic(-u);
      p = logistic(-v) * s;
      t = logistic(-u) / q;
      m = lambda / q;
      total +=
          row.solved * -(softplus(v) + softplus(-u)) + (unsolved > 0 ? unsolved * std::log(q) : 0);
    } else {
      total -= row.solved * softplus(-u) + unsolved * softplus(u);
    }
    if constexpr (derivatives) {
      const double f_u = row.solved * (1 - s) - unsolved * p * t;
      const double f_uu = -unsolved * p * t * t - s * f_u;
      for (int a = first; a < width; ++a) {
        const double u_a = -kappa * b_of(a);
        if (u_a == 0) continue;
        (*gradient)[place(a)] += f_u * u_a;
        for (int b = first; b <= a; ++b)
          hessian->lower(place(a), place(b)) += f_uu * u_a * -kappa * b_of(b);
        hessian->lower(k, place(a)) += (f_uu * u + f_u) * u_a;
      }
      (*gradient)[k] += f_u * u;
      hessian->lower(k, k) += (f_uu * u + f_u) * u;
      if (options_.lapse) {
        const double f_v = -row.solved * lambda + unsolved * p * m;
        const double f_uv = unsolved * p * m * t;
        const double f_vv = -unsolved * p * m * m + (1 - lambda) * f_v;
        const double v_z[2] = {1, row.x};
        for (int z = 0; z < 2; ++z) {
          (*gradient)[k + 1 + z] += f_v * v_z[z];
          for (int a = first; a < width; ++a)
            hessian->lower(k + 1 + z, place(a)) -= f_uv * kappa * b_of(a) * v_z[z];
          hessian->lower(k + 1 + z, k) += f_uv * u * v_z[z];
          for (int w = 0; w <= z; ++w)
            hessian->lower(k + 1 + z, k + 1 + w) += f_vv * v_z[z] * v_z[w];
        }
      }
    }
  }
  for (int group = 0; penalties && group < groups_; ++group) {
    const int k = log_kappa(group);
    const double distance = theta[k] - kappas_[static_cast<std::size_t>(group)];
    total -= distance * distance / 2;
    if constexpr (derivatives) {
      (*gradient)[k] -= distance;
      hessian->lower(k, k) -= 1;
    }
    if (!options_.lapse) continue;
    const double z0 = theta[k + 1];
    const double z1 = theta[k + 2];
    total -= prior_no_lapse * softplus(z0) + prior_lapse * softplus(-z0) + z1 * z1 / 2;
    if constexpr (derivatives) {
      const double lambda0 = logistic(z0);
      (*gradient)[k + 1] += prior_lapse * (1 - lambda0) - prior_no_lapse * lambda0;
      hessian->lower(k + 1, k + 1) -= (prior_lapse + prior_no_lapse) * lambda0 * (1 - lambda0);
      (*gradient)[k + 2] -= z1;
      hessian->lower(k + 2, k + 2) -= 1;
    }
  }
  return total;
}

double Likelihood::value(const Eigen::VectorXd& theta) const {
  return sum<false>(theta, options_.penalties, nullptr, nullptr);
}

double Likelihood::value(const Eigen::VectorXd& theta, Eigen::VectorXd& gradient,
                         Hessian& hessian) const {
  return sum<true>(theta, options_.penalties, &gradient, &hessian);
}

double Likelihood::data(const Eigen::VectorXd& theta) const {
  return sum<false>(theta, false, nullptr, nullptr) + log_coefficients_;
}

double Likelihood::probability(const Eigen::VectorXd& theta, int row) const {
  const Row& cell = rows_[static_cast<std::size_t>(row)];
  const int k = log_kappa(cell.group);
  const double u =
      std::exp(theta[k]) * (cell.log_hidden - log_threshold(theta, static_cast<std::size_t>(row)));
  return logistic(u) * (options_.lapse ? logistic(-(theta[k + 1] + theta[k + 2] * cell.x)) : 1);
}

Eigen::VectorXd Likelihood::start(const Eigen::VectorXd& beta) const {
  Eigen::VectorXd theta = Eigen::VectorXd::Zero(size());
  theta.head(coefficients()) = beta;
  for (int group = 0; group < groups_; ++group) {
    theta[log_kappa(group)] = kappas_[static_cast<std::size_t>(group)];
    if (options_.lapse) theta[lapse(group)] = log_odds(start_lapse);
  }
  return theta;
}

}  // namespace surd::law
