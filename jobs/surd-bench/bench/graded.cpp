#include "bench/graded.hpp"

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>
#include <cstdint>
#include <tuple>
#include <utility>

namespace surd::bench {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double lower_level = 0.5;
constexpr double upper_level = 0.98;  // runs stop at .995
// Centres and standard deviations of the penalties on what law::Likelihood lacks.
constexpr double distance_centre = 0.4;
constexpr double distance_deviation = 2;
constexpr double power_deviation = 1;
constexpr double stay_centre = 2;
constexpr double stay_deviation = 1.5;

double sigmoid_of(double u) {
  return u >= 0 ? 1 / (1 + std::exp(-u)) : std::exp(u) / (1 + std::exp(u));
}
double log_one_plus_exp(double u) {
  return u > 0 ? u + std::log1p(std::exp(-u)) : std::log1p(std::exp(u));
}

std::vector<double> levels_that_part(const std::vector<GradedCell>& cells, double tau) {
  bool below = false, under = false, over = false, above = false;  // .5 | tau | .98
  for (const GradedCell& cell : cells) {
    for (const double accuracy : cell.accuracies) {
      below = below || accuracy < lower_level;
      under = under || (accuracy >= lower_level && accuracy < tau);
      over = over || (accuracy >= tau && accuracy < upper_level);
      above = above || accuracy >= upper_level;
    }
  }
  std::vector<double> levels;
  if (lower_level < tau && below && under) levels.push_back(lower_level);
  levels.push_back(tau);
  if (upper_level > tau && over && above) levels.push_back(upper_level);
  return levels;
}

struct Maximum {
  VectorXd theta{};
  double value = 0;
};

// Fisher scoring with steps halved until they climb. `fixed` keeps its starting value (-1: none).
Maximum climb(const GradedLikelihood& likelihood, VectorXd start, int fixed = -1) {
  constexpr double decrement_limit = 1e-9;
  constexpr double step_limit = 2;
  Maximum best{.theta = std::move(start)};
  VectorXd gradient;
  MatrixXd information;
  for (int iteration = 0; iteration < 300; ++iteration) {
    best.value = likelihood.value(best.theta, gradient, information);
    if (fixed >= 0) {
      gradient[fixed] = 0;
      information.row(fixed).setZero();
      information.col(fixed).setZero();
      information(fixed, fixed) = 1;
    }
    information.diagonal().array() += 1e-9;
    VectorXd step = information.ldlt().solve(gradient);
    if (!(gradient.dot(step) > decrement_limit)) return best;
    step *= std::min(1.0, step_limit / step.cwiseAbs().maxCoeff());
    bool climbed = false;
    for (int halving = 0; halving < 30 && !climbed; ++halving) {
      const VectorXd trial = best.theta + step;
      const double value = likelihood.value(trial);
      climbed = value > best.value;
      if (climbed) best = {.theta = trial, .value = value};
      step /= 2;
    }
    if (!climbed) return best;
  }
  return best;
}

// The profile deviance of alpha, the parameter 1, and where it crosses a critical value.
class AlphaProfile {
 public:
  AlphaProfile(const GradedLikelihood& likelihood, Maximum maximum)
      : likelihood_(likelihood), seen_{std::move(maximum)} {}

  law::Interval interval(double critical) {
    return {.low = end(critical, law::alpha_lowest), .high = end(critical, law::alpha_highest)};
  }

 private:
  double excess(double alpha, double critical) {
    const auto nearest =
        std::min_element(seen_.begin(), seen_.end(), [&](const Maximum& a, const Maximum& b) {
          return std::abs(a.theta[1] - alpha) < std::abs(b.theta[1] - alpha);
        });
    VectorXd start = nearest->theta;
    start[1] = alpha;
    seen_.push_back(climb(likelihood_, std::move(start), 1));
    const double deviance = 2 * (seen_.front().value - seen_.back().value);
    return std::sqrt(std::max(0.0, deviance)) - std::sqrt(critical);
  }

  std::optional<double> end(double critical, double limit) {
    const double direction = limit < seen_.front().theta[1] ? -1 : 1;
    double inside = seen_.front().theta[1];
    double at_inside = -std::sqrt(critical);
    const auto function = [&](double alpha) { return excess(alpha, critical); };
    for (double step = 0.1;; step *= 1.6) {
      double outside = inside + direction * step;
      if (direction * (outside - limit) >= 0) outside = limit;
      const double at_outside = function(outside);
      if (at_outside <= 0) {
        if (outside == limit) return std::nullopt;
        inside = outside;
        at_inside = at_outside;
        continue;
      }
      std::uintmax_t iterations = 40;
      const auto tight = [](double a, double b) { return std::abs(a - b) < 1e-6; };
      const auto [a, b] =
          direction > 0 ? boost::math::tools::toms748_solve(function, inside, outside, at_inside,
                                                            at_outside, tight, iterations)
                        : boost::math::tools::toms748_solve(function, outside, inside, at_outside,
                                                            at_inside, tight, iterations);
      return (a + b) / 2;
    }
  }

  const GradedLikelihood& likelihood_;
  std::vector<Maximum> seen_;  // the first is the maximum
};

}  // namespace

std::vector<law::Cell> counted(const std::vector<GradedCell>& cells, double tau) {
  std::vector<law::Cell> all;
  for (const GradedCell& cell : cells) {
    const auto solved = std::count_if(cell.accuracies.begin(), cell.accuracies.end(),
                                      [&](double accuracy) { return accuracy >= tau; });
    all.push_back({.length = cell.length,
                   .hidden = cell.hidden,
                   .seeds = static_cast<int>(cell.accuracies.size()),
                   .solved = static_cast<int>(solved)});
  }
  return all;
}

GradedLikelihood::GradedLikelihood(const std::vector<GradedCell>& cells, std::vector<double> levels,
                                   double tau, Distances distances, bool free)
    : levels_(std::move(levels)),
      reference_(
          static_cast<int>(std::find(levels_.begin(), levels_.end(), tau) - levels_.begin())),
      own_distances_(distances == Distances::own && levels_.size() > 1),
      free_(free) {
  const std::vector<law::Cell> plain = law::with_seeds(counted(cells, tau));
  lengths_ = law::distinct_lengths(plain);
  const double mean = law::mean_log(lengths_);
  coefficients_ = free ? static_cast<int>(lengths_.size()) : 2;
  for (const GradedCell& cell : cells) {
    if (cell.accuracies.empty()) continue;
    Row row{.log_hidden = std::log(cell.hidden), .x = std::log(cell.length) - mean};
    row.place = static_cast<int>(std::lower_bound(lengths_.begin(), lengths_.end(), cell.length) -
                                 lengths_.begin());
    row.counts.assign(levels_.size() + 1, 0);
    for (const double accuracy : cell.accuracies) {
      const auto reached = std::count_if(levels_.begin(), levels_.end(),
                                         [&](double level) { return accuracy >= level; });
      ++row.counts[static_cast<std::size_t>(reached)];
    }
    row.seeds = static_cast<double>(cell.accuracies.size());
    rows_.push_back(std::move(row));
  }
}

VectorXd GradedLikelihood::start(const VectorXd& beta, double log_kappa, double z0,
                                 double z1) const {
  VectorXd theta = VectorXd::Zero(size());
  theta.head(coefficients_) = beta;
  theta.segment(coefficients_, 3) << log_kappa, z0, z1;
  theta.segment(own(), others()).setConstant(distance_centre);
  if (own_distances_) theta[size() - 1] = stay_centre;
  return theta;
}

// A row depends on one free threshold or two coefficients, and on all parameters that are not
// coefficients: derivatives are taken by these and put to their places.
double GradedLikelihood::sum(const VectorXd& theta, VectorXd* gradient,
                             MatrixXd* information) const {
  const int betas = free_ ? 1 : 2;
  const int shared = size() - coefficients_;
  const int few = betas + shared;
  const std::size_t count = levels_.size();
  const double kappa = std::exp(theta[coefficients_]);
  const double odds = own_distances_ ? theta[size() - 1] : 0;
  const bool splits_lapsed = own_distances_ && reference_ > 0;
  if (gradient) {
    gradient->setZero(size());
    information->setZero(size(), size());
  }
  std::vector<double> u(count);
  MatrixXd du = MatrixXd::Zero(few, static_cast<Index>(count));
  VectorXd slope(few);
  MatrixXd block(few, few);
  double total = 0;
  for (const Row& row : rows_) {
    const double threshold = free_ ? theta[row.place] : theta[0] + theta[1] * row.x;
    const double centre = kappa * (row.log_hidden - threshold);
    for (std::size_t j = 0; j < count; ++j) {
      const int level = static_cast<int>(j);
      const int side = level < reference_ ? 1 : level > reference_ ? -1 : 0;
      const int distance = own() + level - (side < 0 ? 1 : 0);
      double shift = 0;
      if (side != 0) {
        const double power = own_distances_ ? theta[distance + others()] : 0;
        shift = side * std::exp(theta[distance] + power * row.x);
      }
      u[j] = centre + shift;
      if (!gradient) continue;
      auto derivative = du.col(level);
      derivative[0] = -kappa;
      if (!free_) derivative[1] = -kappa * row.x;
      derivative[betas] = centre;
      if (side == 0) continue;
      const int place = distance - coefficients_ + betas;
      derivative[place] = shift;
      if (own_distances_) derivative[place + others()] = shift * row.x;
    }
    const double lambda = sigmoid_of(theta[coefficients_ + 1] + theta[coefficients_ + 2] * row.x);
    block.setZero();
    for (std::size_t j = 0; j <= count; ++j) {
      // sigma(u_j) - sigma(u_j+1) as a product, so that nothing cancels.
      const double reached = j == 0 ? 1 : sigmoid_of(u[j - 1]);
      const double missed = j == count ? 1 : sigmoid_of(-u[j]);
      const double part = j == 0 || j == count ? 1 : -std::expm1(std::min(0.0, u[j] - u[j - 1]));
      const double able = reached * missed * part;
      double lapsed = j == 0 ? 1 : 0;
      if (splits_lapsed && j < 2) lapsed = sigmoid_of(j == 0 ? odds : -odds);
      const double p = std::max(1e-300, (1 - lambda) * able + lambda * lapsed);
      if (row.counts[j] > 0) total += row.counts[j] * std::log(p);
      if (!gradient || p < 1e-14) continue;
      slope.setZero();
      const auto density = [](double at) { return sigmoid_of(at) * sigmoid_of(-at); };
      if (j > 0) slope += (1 - lambda) * density(u[j - 1]) * du.col(static_cast<Index>(j) - 1);
      if (j < count) slope -= (1 - lambda) * density(u[j]) * du.col(static_cast<Index>(j));
      const double by_lapse = lambda * (1 - lambda) * (lapsed - able);
      slope[betas + 1] += by_lapse;
      slope[betas + 2] += by_lapse * row.x;
      if (splits_lapsed && j < 2) slope[few - 1] += (j == 0 ? 1 : -1) * lambda * density(odds);
      gradient->tail(shared) += row.counts[j] / p * slope.tail(shared);
      for (int b = 0; b < betas; ++b)
        (*gradient)[free_ ? row.place : b] += row.counts[j] / p * slope[b];
      block.noalias() += row.seeds / p * slope * slope.transpose();
    }
    if (!gradient) continue;
    information->bottomRightCorner(shared, shared) += block.bottomRightCorner(shared, shared);
    const int first = free_ ? row.place : 0;
    information->block(first, first, betas, betas) += block.topLeftCorner(betas, betas);
    information->block(first, coefficients_, betas, shared) += block.topRightCorner(betas, shared);
    information->block(coefficients_, first, shared, betas) +=
        block.bottomLeftCorner(shared, betas);
  }
  return total + penalties(theta, gradient, information);
}

double GradedLikelihood::penalties(const VectorXd& theta, VectorXd* gradient,
                                   MatrixXd* information) const {
  double total = 0;
  const auto pull = [&](int place, double to, double deviation) {
    const double distance = (theta[place] - to) / deviation;
    total -= distance * distance / 2;
    if (!gradient) return;
    (*gradient)[place] -= distance / deviation;
    (*information)(place, place) += 1 / (deviation * deviation);
  };
  pull(coefficients_, std::log(6), 1);
  pull(coefficients_ + 2, 0, 1);
  for (int i = 0; i < others(); ++i) {
    pull(own() + i, distance_centre, distance_deviation);
    if (own_distances_) pull(own() + others() + i, 0, power_deviation);
  }
  if (own_distances_) pull(size() - 1, stay_centre, stay_deviation);
  const double z0 = theta[coefficients_ + 1];
  total -= 9 * log_one_plus_exp(z0) + 0.3 * log_one_plus_exp(-z0);
  if (gradient) {
    const double lambda = sigmoid_of(z0);
    (*gradient)[coefficients_ + 1] += 0.3 * (1 - lambda) - 9 * lambda;
    (*information)(coefficients_ + 1, coefficients_ + 1) += 9.3 * lambda * (1 - lambda);
  }
  return total;
}

Graded fit_graded(const std::vector<GradedCell>& cells, double tau, const law::Fit& fit,
                  Distances distances) {
  Graded graded{.levels = levels_that_part(cells, tau)};
  if (!fit.alpha) return graded;
  if (graded.levels.size() == 1) {
    graded.alpha = fit.alpha;
    graded.interval = fit.interval;
    graded.unwidened = fit.unwidened;
    graded.criterion = fit.criterion;
    return graded;
  }
  const GradedLikelihood likelihood(cells, graded.levels, tau, distances, false);
  Maximum best;
  for (const auto& [log_kappa, z0, z1] :
       {std::tuple{fit.optimum.theta[2], fit.optimum.theta[3], fit.optimum.theta[4]},
        std::tuple{std::log(2.5), std::log(0.25 / 0.75), 0.0},
        std::tuple{std::log(20.0), std::log(0.05 / 0.95), 0.0}}) {
    Maximum found =
        climb(likelihood, likelihood.start(fit.optimum.theta.head(2), log_kappa, z0, z1));
    if (best.theta.size() == 0 || found.value > best.value) best = std::move(found);
  }
  const double alpha = best.theta[1];
  if (!(alpha > law::alpha_lowest && alpha < law::alpha_highest)) return graded;

  const GradedLikelihood free(cells, graded.levels, tau, distances, true);
  const double mean = law::mean_log(free.lengths());
  VectorXd start(free.size());
  for (int i = 0; i < free.coefficients(); ++i) {
    start[i] =
        best.theta[0] + alpha * (std::log(free.lengths()[static_cast<std::size_t>(i)]) - mean);
  }
  start.tail(start.size() - free.coefficients()) = best.theta.tail(best.theta.size() - 2);
  const double gain = 2 * (climb(free, std::move(start)).value - best.value);
  graded.criterion =
      law::criterion(std::max(0.0, gain), static_cast<int>(free.lengths().size()) - 2);

  AlphaProfile profile(likelihood, std::move(best));
  graded.unwidened = profile.interval(law::chi_squared_95);
  graded.interval = graded.criterion.dispersion > 1 ? profile.interval(graded.criterion.critical)
                                                    : graded.unwidened;
  if (graded.unwidened.low || graded.unwidened.high) graded.alpha = alpha;
  return graded;
}

}  // namespace surd::bench
