#include "law/free_profile.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace surd::law {
namespace {

// Below this the data do not place a threshold (all of its length solved, or none): it neither
// moves nor pulls.
constexpr double curved_least = 1e-9;

}  // namespace

// One length's threshold: its rows as they are, all others as a parabola in what is shared.
class FreeProfile::Own {
 public:
  Own(const FreeProfile& all, int place)
      : all_(all),
        place_(place),
        rows_(all.rows_[static_cast<std::size_t>(place)],
              std::vector<int>(all.rows_[static_cast<std::size_t>(place)].size(), 0), 1,
              {.penalties = false, .lapse = all.free_.options().lapse}) {
    const auto shared = all.shared_.rows();
    centre_.resize(1 + shared);
    centre_ << all.optimum_.theta[place], all.optimum_.theta.tail(shared);
    Eigen::VectorXd gradient;
    Hessian hessian;
    best_ = rows_.value(centre_, gradient, hessian);
    slope_ = all.gradient_.tail(shared) - gradient.tail(shared);
    curvature_ = all.shared_ - hessian.corner();
    const double own = all.hessian_.diagonal(place);
    if (own < -curved_least) {
      const Eigen::VectorXd border = all.hessian_.border().col(place);
      curvature_ += border * border.transpose() / own;
    }
    at_ = centre_;
  }

  int place() const { return place_; }
  double best() const { return centre_[0]; }
  // Of what is shared, where the last value asked has its maximum, less that of the optimum.
  Eigen::VectorXd moved() const { return (at_ - centre_).tail(centre_.size() - 1); }

  // D(value), by the parabola.
  double deviance(double value) {
    at_[0] = value;
    Eigen::VectorXd gradient;
    Hessian hessian;
    double here = add_others(rows_.value(at_, gradient, hessian));
    for (int iteration = 0; iteration < 50; ++iteration) {
      const Eigen::VectorXd off = moved();
      gradient.tail(off.size()) += slope_ + curvature_ * off;
      gradient[0] = 0;
      for (int i = 0; i < off.size(); ++i) {
        for (int j = 0; j <= i; ++j) hessian.lower(1 + i, 1 + j) += curvature_(i, j);
      }
      hessian.fix(0);
      std::optional<Eigen::VectorXd> step;
      for (double ridge = 0; !step && ridge < 1e6; ridge = std::max(1e-6, ridge * 10))
        step = hessian.solve(gradient, ridge * std::max(1e-8, hessian.largest_diagonal()));
      if (!step) break;
      const double decrement = gradient.dot(*step);
      const Eigen::VectorXd from = at_;
      double reached = -INFINITY;
      for (int half = 0; half < 20 && !(reached >= here); ++half, *step /= 2) {
        at_ = from + *step;
        reached = add_others(rows_.value(at_));
        if (decrement < 1e-13) break;
      }
      if (decrement < 1e-13) {
        here = std::max(here, reached);
        break;
      }
      if (!(reached >= here)) {
        at_ = from;
        break;
      }
      here = add_others(rows_.value(at_, gradient, hessian));
    }
    return 2 * (best_ - here);
  }

 private:
  double add_others(double value) const {
    const Eigen::VectorXd off = moved();
    return value + slope_.dot(off) + off.dot(curvature_ * off) / 2;
  }

  const FreeProfile& all_;
  int place_;
  Likelihood rows_;
  Eigen::VectorXd centre_, at_;  // (threshold, what is shared)
  double best_ = 0;              // of the rows, at the optimum
  Eigen::VectorXd slope_;
  Eigen::MatrixXd curvature_;
};

FreeProfile::FreeProfile(const Likelihood& free, const Optimum& optimum)
    : free_(free), optimum_(optimum), rows_(static_cast<std::size_t>(free.separate())) {
  for (std::size_t i = 0; i < free.rows().size(); ++i)
    rows_[static_cast<std::size_t>(free.places()[i])].push_back(free.rows()[i]);
  free.value(optimum.theta, gradient_, hessian_);
  shared_ = hessian_.corner();
  for (int i = 0; i < free.separate(); ++i) {
    const double own = hessian_.diagonal(i);
    usable_ = usable_ && own < curved_least;
    if (own >= -curved_least) continue;
    const Eigen::VectorXd border = hessian_.border().col(i);
    shared_ -= border * border.transpose() / own;
  }
}

bool FreeProfile::find_end(Own& own, double critical, double limit,
                           std::optional<double>& end) const {
  // Such a correction has an error of about its square, with the slope that the parabola gives.
  constexpr double small = 3e-4;
  constexpr double still_to_climb = 1e-3;  // what a parabola at the whole likelihood foresees well
  const auto by_parabola = [&](double value) { return own.deviance(value); };
  // By the whole likelihood, from where the parabola has its maximum: the thresholds follow, and
  // half of Newton's decrement is what is left to climb.
  const auto deviance = [&](double value) -> std::optional<double> {
    own.deviance(value);
    const Eigen::VectorXd moved = own.moved();
    Eigen::VectorXd theta = optimum_.theta;
    for (int i = 0; i < free_.separate(); ++i) {
      if (hessian_.diagonal(i) < -curved_least)
        theta[i] -= hessian_.border().col(i).dot(moved) / hessian_.diagonal(i);
    }
    theta.tail(moved.size()) += moved;
    theta[own.place()] = value;
    Eigen::VectorXd gradient;
    Hessian hessian;
    const double reached = free_.value(theta, gradient, hessian);
    gradient[own.place()] = 0;
    hessian.fix(own.place());
    const std::optional<Eigen::VectorXd> step = hessian.solve(gradient, 0);
    if (!step) return std::nullopt;
    const double decrement = gradient.dot(*step);
    if (!(decrement < still_to_climb)) return std::nullopt;
    return 2 * (optimum_.value - reached - decrement / 2);
  };
  end = first_crossing(by_parabola, own.best(), -hessian_.diagonal(own.place()), critical, limit);
  if (!end) {
    const std::optional<double> at_limit = deviance(limit);
    return at_limit && *at_limit < critical;
  }
  constexpr double reach = 1e-4;
  for (int attempt = 0; attempt < 3; ++attempt) {
    const std::optional<double> here = deviance(*end);
    if (!here || *here < critical / 4) return false;
    const double slope = (std::sqrt(std::max(0.0, by_parabola(*end + reach))) -
                          std::sqrt(std::max(0.0, by_parabola(*end - reach)))) /
                         (2 * reach);
    const double correction = (std::sqrt(critical) - std::sqrt(*here)) / slope;
    if (!(std::abs(correction) < 0.1)) return false;
    *end += correction;
    if (std::abs(correction) < small) {
      return (limit < own.best()) == (*end > limit) && (*end < own.best()) == (limit < own.best());
    }
  }
  return false;
}

Interval FreeProfile::interval(int place, double critical, double low_limit,
                               double high_limit) const {
  Interval interval;
  const double best = optimum_.theta[place];
  bool sure = usable_;
  if (sure) {
    Own own(*this, place);
    if (best > low_limit) sure = find_end(own, critical, low_limit, interval.low);
    if (sure && best < high_limit) sure = find_end(own, critical, high_limit, interval.high);
  }
  return sure ? interval
              : Profile(free_, optimum_, place).interval(critical, low_limit, high_limit);
}

}  // namespace surd::law
