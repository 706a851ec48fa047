#include "law/interval.hpp"

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>

namespace surd::law {

Interval exponential(const Interval& logarithms) {
  const auto exponential_of = [](const std::optional<double>& value) {
    return value ? std::optional(std::exp(*value)) : std::nullopt;
  };
  return {.low = exponential_of(logarithms.low), .high = exponential_of(logarithms.high)};
}

Criterion criterion(double lack_of_fit, int degrees) {
  if (degrees < 1 || lack_of_fit <= degrees) return {};
  const double dispersion = lack_of_fit / degrees;
  return {.dispersion = dispersion,
          .critical = dispersion * boost::math::quantile(boost::math::fisher_f(1, degrees), 0.95)};
}

Profile::Profile(const Objective& objective, Optimum optimum, int index)
    : objective_(objective), optimum_(std::move(optimum)), index_(index), seen_{optimum_} {}

double Profile::deviance(double value) {
  const auto nearest =
      std::min_element(seen_.begin(), seen_.end(), [&](const Optimum& a, const Optimum& b) {
        return std::abs(a.theta[index_] - value) < std::abs(b.theta[index_] - value);
      });
  Eigen::VectorXd start = nearest->theta;
  start[index_] = value;
  Optimum found = maximise(objective_, std::move(start), index_);
  if (found.value > optimum_.value + 1e-6 && (!better_ || found.value > better_->value))
    better_ = found;
  const double deviance = 2 * (optimum_.value - found.value);
  seen_.push_back(std::move(found));
  return deviance;
}

// Walks from the maximum in growing steps until D exceeds the critical value, then closes in on the
// first crossing.
std::optional<double> first_crossing(const std::function<double(double)>& deviance, double best,
                                     double curvature, double critical, double limit) {
  const double direction = limit < best ? -1 : 1;
  double inside = best;
  double step = 0.05;
  if (curvature > 0) step = std::clamp(std::sqrt(critical / curvature), 1e-3, 0.5);
  for (bool at_limit = false; !at_limit;) {
    double outside = inside + direction * step;
    at_limit = direction * (outside - limit) >= 0;
    if (at_limit) outside = limit;
    if (deviance(outside) <= critical) {
      inside = outside;
      step *= 1.6;
      continue;
    }
    // The square root of D is nearly straight.
    const auto excess = [&](double value) {
      return std::sqrt(std::max(0.0, deviance(value))) - std::sqrt(critical);
    };
    const double at_inside = inside == best ? -std::sqrt(critical) : excess(inside);
    const double at_outside = excess(outside);
    if (at_inside >= 0 || at_outside <= 0) return inside;  // equal to the last digit
    std::uintmax_t iterations = 60;
    const auto tight = [](double a, double b) { return std::abs(a - b) < 1e-10; };
    const auto [a, b] = inside < outside
                            ? boost::math::tools::toms748_solve(excess, inside, outside, at_inside,
                                                                at_outside, tight, iterations)
                            : boost::math::tools::toms748_solve(excess, outside, inside, at_outside,
                                                                at_inside, tight, iterations);
    return (a + b) / 2;
  }
  return std::nullopt;
}

std::optional<double> Profile::end(double critical, double limit) {
  Eigen::VectorXd gradient;
  Hessian hessian;
  objective_.value(optimum_.theta, gradient, hessian);
  // Of the likelihood with all else held: at least the profile's own, so the first step is short
  // of the end.
  const double curvature = -hessian.diagonal(index_);
  return first_crossing([this](double value) { return deviance(value); }, optimum_.theta[index_],
                        curvature, critical, limit);
}

Interval Profile::interval(double critical, double low_limit, double high_limit) {
  Interval interval;
  const double best = optimum_.theta[index_];
  if (best > low_limit) interval.low = end(critical, low_limit);
  if (best < high_limit) interval.high = end(critical, high_limit);
  return interval;
}

Profiled profiled(const Objective& objective, Optimum& optimum, int index, double low_limit,
                  double high_limit, const std::function<Criterion(const Optimum&)>& criterion_of) {
  constexpr int attempts = 3;
  Profiled found;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    found = {};
    found.criterion = criterion_of(optimum);
    Profile profile(objective, optimum, index);
    found.unwidened = profile.interval(chi_squared_95, low_limit, high_limit);
    found.interval = found.criterion.dispersion > 1
                         ? profile.interval(found.criterion.critical, low_limit, high_limit)
                         : found.unwidened;
    if (!found.unwidened.low) found.at_low_limit = profile.deviance(low_limit);
    if (!found.unwidened.high) found.at_high_limit = profile.deviance(high_limit);
    found.settled = !profile.better();
    if (found.settled || attempt + 1 == attempts) break;
    optimum = maximise(objective, profile.better()->theta);
  }
  return found;
}

}  // namespace surd::law
