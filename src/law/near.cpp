#include "law/near.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>

#include "law/bracketing.hpp"
#include "law/fit.hpp"
#include "law/logistic.hpp"

namespace surd::law {
namespace {

constexpr double bracket_factor = 2 * (1 + 1e-9);  // in width
constexpr double ridge_least = 1e-6;               // so that a flat direction can be solved for
constexpr double trusted_log_odds = 5;  // further out a seed would move alpha without bound

struct Edge {
  double half_solved = INFINITY;  // the narrowest width that solves half of its seeds
  double widest = 0;
  double width() const { return std::isfinite(half_solved) ? half_solved : widest; }
  bool is_near(double hidden) const {
    if (hidden == width()) return !std::isfinite(half_solved);
    return hidden < width() && hidden * bracket_factor >= width();
  }
};

std::map<double, Edge> edges_of(const std::vector<Cell>& cells) {
  std::map<double, Edge> edges;
  for (const Cell& cell : cells) {
    Edge& edge = edges[cell.length];
    edge.widest = std::max(edge.widest, width_of(cell));
    if (2 * cell.solved >= cell.seeds)
      edge.half_solved = std::min(edge.half_solved, width_of(cell));
  }
  return edges;
}

// What one more solved seed adds to the gradient of the log likelihood: that of its log odds.
Eigen::VectorXd gradient_of_log_odds(const Likelihood& law, const Eigen::VectorXd& theta,
                                     double log_hidden, double x) {
  const double kappa = std::exp(theta[law.log_kappa(0)]);
  const double u = std::clamp(kappa * (log_hidden - theta[0] - theta[1] * x), -trusted_log_odds,
                              trusted_log_odds);
  const bool has_lapse = law.options().lapse;
  const double lapse =
      has_lapse ? logistic(theta[law.lapse(0)] + theta[law.lapse_slope(0)] * x) : 0;
  const Chance chance = chance_of(u, lapse);
  Eigen::VectorXd gradient(law.size());
  gradient[0] = -chance.by_u * kappa;
  gradient[1] = gradient[0] * x;
  gradient[law.log_kappa(0)] = chance.by_u * u;
  if (has_lapse) {
    gradient[law.lapse(0)] = chance.by_v;
    gradient[law.lapse_slope(0)] = gradient[law.lapse(0)] * x;
  }
  return gradient;
}

void add_law(const std::vector<Cell>& cells, const Options& options, std::vector<Nearness>& all) {
  const auto used = with_seeds(cells);
  const Likelihood law = power_law(used, options);
  const Optimum optimum = maximise_power_law(law);
  Eigen::VectorXd gradient;
  Hessian hessian;
  law.value(optimum.theta, gradient, hessian);
  Eigen::MatrixXd curvature = -hessian.dense();
  curvature.diagonal().array() += ridge_least;
  const Eigen::VectorXd of_alpha =
      Eigen::LDLT<Eigen::MatrixXd>(curvature).solve(Eigen::VectorXd::Unit(law.size(), 1));
  const double kappa = std::min(std::exp(optimum.theta[law.log_kappa(0)]), near_kappa_most);
  const double mean = mean_log(distinct_lengths(used));
  double most = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const double log_hidden = std::log(cells[i].hidden);
    const double x = std::log(cells[i].length) - mean;
    Nearness& one = all[i];
    one.log_odds = kappa * (log_hidden - optimum.theta[0] - optimum.theta[1] * x);
    one.near = one.near || std::abs(one.log_odds) <= near_log_odds;
    one.influence = std::abs(of_alpha.dot(gradient_of_log_odds(law, optimum.theta, log_hidden, x)));
    if (one.near) most = std::max(most, one.influence);
  }
  for (Nearness& one : all) one.influence = most > 0 ? std::min(one.influence / most, 1.0) : 1;
}

}  // namespace

std::vector<Nearness> nearness(const std::vector<Cell>& cells, const Options& options) {
  const auto edges = edges_of(with_seeds(cells));
  std::vector<Nearness> all;
  for (const Cell& cell : cells) {
    const auto edge = edges.find(cell.length);
    all.push_back({.near = edge != edges.end() && edge->second.is_near(width_of(cell)),
                   .log_odds = 0,
                   .influence = 1});
  }
  if (missing_evidence(cells).empty()) add_law(cells, options, all);
  return all;
}

}  // namespace surd::law
