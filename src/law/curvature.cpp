#include "law/curvature.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "law/combination.hpp"

namespace surd::law {
namespace {

constexpr double gamma_reach = 3;  // gamma is looked for, and its interval closed, on both sides
constexpr double local_reach = 8;  // the same of a local exponent about its estimate

// x^2 less its line over the lengths.
struct Bow {
  double slope = 0;
  double level = 0;

  explicit Bow(const std::vector<double>& lengths) {
    const double mean = mean_log(lengths);
    double squares = 0;
    double cubes = 0;
    for (const double length : lengths) {
      const double x = std::log(length) - mean;
      squares += x * x;
      cubes += x * x * x;
    }
    slope = cubes / squares;
    level = squares / static_cast<double>(lengths.size());
  }
  double operator()(double x) const { return x * x - slope * x - level; }
  double derivative(double x) const { return 2 * x - slope; }
};

struct Curved {
  Bow bow;
  Likelihood likelihood;
  Optimum optimum;  // beta = (c, alpha, gamma)
  Criterion criterion;

  double deviance_of_none(const Fit& fit) const { return 2 * (optimum.value - fit.optimum.value); }
  double local(double length, double mean) const {
    return optimum.theta[1] + optimum.theta[2] * bow.derivative(std::log(length) - mean);
  }
};

Curved curved(const std::vector<Cell>& cells, const Options& options, const Fit& fit) {
  const Bow bow(fit.lengths);
  auto all = rows(with_seeds(cells));
  Eigen::MatrixXd basis(static_cast<Eigen::Index>(all.size()), 3);
  for (std::size_t i = 0; i < all.size(); ++i)
    basis.row(static_cast<Eigen::Index>(i)) << 1, all[i].x, bow(all[i].x);
  Likelihood likelihood(std::move(all), std::move(basis), 1, options);
  const auto& straight = fit.optimum.theta;
  Optimum best;
  for (const double gamma : {0.0, -0.1, 0.1}) {
    Eigen::VectorXd start(likelihood.size());
    start << straight[0], straight[1], gamma, straight.tail(straight.size() - 2);
    Optimum found = maximise(likelihood, std::move(start));
    if (best.theta.size() == 0 || found.value > best.value) best = std::move(found);
  }
  const double left = fit.lack_of_fit - 2 * (best.value - fit.optimum.value);
  const int degrees = static_cast<int>(fit.lengths.size()) - 3;
  return {bow, std::move(likelihood), std::move(best), criterion(left, degrees)};
}

std::string course(double from, double from_length, double to, double to_length) {
  return fmt::format("{} from {:.2f} at L = {} to {:.2f} at {}", to < from ? "falls" : "rises",
                     from, from_length, to, to_length);
}

}  // namespace

Curvature curvature(const std::vector<Cell>& cells, const Options& options, const Fit& fit) {
  Curvature found;
  found.reason = fit.reason;
  if (!fit.alpha) return found;
  if (fit.lengths.size() < 3) {
    found.reason = "two lengths have no curvature: run four or more";
    return found;
  }
  Curved law = curved(cells, options, fit);
  const Profiled gamma = profiled(law.likelihood, law.optimum, 2, -gamma_reach, gamma_reach,
                                  [&](const Optimum&) { return law.criterion; });
  found.interval = gamma.interval;
  found.unwidened = gamma.unwidened;
  found.gamma = law.optimum.theta[2];
  found.criterion = law.criterion;
  const double mean = mean_log(fit.lengths);
  const auto at = [&](double length) {
    const Eigen::Vector3d weights(0, 1, law.bow.derivative(std::log(length) - mean));
    return LocalExponent{.length = length,
                         .exponent = law.local(length, mean),
                         .interval = interval_of(law.likelihood, law.optimum, weights,
                                                 law.criterion.critical, local_reach)};
  };
  found.first = at(fit.lengths.front());
  found.last = at(fit.lengths.back());
  const std::string way =
      course(found.first->exponent, found.first->length, found.last->exponent, found.last->length);
  if (fit.lengths.size() < lengths_for_curvature) {
    found.words =
        "the exponent " + way + ", but with three lengths no scatter can be seen beside it";
  } else if (found.excludes_zero()) {
    found.words = "the exponent " + way;
  } else {
    found.words = "no change of the exponent with the length is shown (it " + way + ")";
  }
  return found;
}

std::string bend(const std::vector<Cell>& cells, const Options& options, const Fit& fit) {
  if (!fit.alpha || fit.lengths.size() < lengths_for_curvature) return "";
  const Curved law = curved(cells, options, fit);
  if (law.deviance_of_none(fit) <= law.criterion.critical) return "";
  const double mean = mean_log(fit.lengths);
  const double first = fit.lengths.front();
  const double last = fit.lengths.back();
  return course(law.local(first, mean), first, law.local(last, mean), last);
}

}  // namespace surd::law
