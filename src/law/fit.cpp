#include "law/fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "law/bracketing.hpp"
#include "law/logistic.hpp"
#include "law/thresholds.hpp"

namespace surd::law {
namespace {

constexpr double information_least =
    1e-6;  // below this the data say nothing about ln kappa: it runs to infinity
constexpr double deviance_flat =
    0.05;  // a limit of the search that fits as well as this is as good as the maximum itself

std::vector<double> lengths_with_several_widths(const std::vector<Cell>& cells,
                                                const std::vector<double>& lengths) {
  std::vector<double> several;
  for (const double length : lengths) {
    const auto at = std::find_if(cells.begin(), cells.end(),
                                 [&](const Cell& cell) { return cell.length == length; });
    if (std::any_of(at, cells.end(), [&](const Cell& cell) {
          return cell.length == length && cell.hidden != at->hidden;
        }))
      several.push_back(length);
  }
  return several;
}

// The best log threshold c among 24 on a grid, for the other coefficients of `beta` as given: a
// start from which Newton cannot miss the data.
Eigen::VectorXd start_on_grid(const Likelihood& likelihood, Eigen::VectorXd beta) {
  constexpr int grid = 24;
  double low = INFINITY;
  double high = -INFINITY;
  for (std::size_t i = 0; i < likelihood.rows().size(); ++i) {
    const auto row = likelihood.basis().row(static_cast<Eigen::Index>(i));
    const double position =
        likelihood.rows()[i].log_hidden - row.tail(row.size() - 1).dot(beta.tail(beta.size() - 1));
    low = std::min(low, position);
    high = std::max(high, position);
  }
  Eigen::VectorXd best;
  double best_value = -INFINITY;
  for (int i = 0; i < grid; ++i) {
    beta[0] = low - 0.2 + (high - low + 0.4) * i / (grid - 1);
    Eigen::VectorXd theta = likelihood.start(beta);
    const double value = likelihood.value(theta);
    if (best.size() == 0 || value > best_value) {
      best_value = value;
      best = std::move(theta);
    }
  }
  return best;
}

void describe(Fit& fit, const Likelihood& likelihood, const Optimum& optimum) {
  const auto& theta = optimum.theta;
  fit.threshold = std::exp(theta[0]);
  fit.kappa = std::exp(theta[likelihood.log_kappa(0)]);
  fit.lapse = likelihood.options().lapse ? logistic(theta[likelihood.lapse(0)]) : 0;
  fit.lapse_slope = likelihood.options().lapse ? theta[likelihood.lapse_slope(0)] : 0;
  fit.log_likelihood = likelihood.data(theta);
}

bool kappa_is_infinite(const Likelihood& likelihood, const Optimum& optimum) {
  Eigen::VectorXd gradient;
  Hessian hessian;
  likelihood.value(optimum.theta, gradient, hessian);
  return -hessian.diagonal(likelihood.log_kappa(0)) < information_least;
}

std::string sentence(const std::string& start, const std::vector<Cell>& cells,
                     const std::string& otherwise) {
  const std::string missing = missing_evidence(cells);
  return start + ": " + (missing.empty() ? otherwise : missing);
}

}  // namespace

Limits limits_of(const Unit& unit) {
  return {.low = unit.slope * alpha_lowest + unit.growth,
          .high = unit.slope * alpha_highest + unit.growth};
}

Unit unit_of(const std::vector<Cell>& cells) { return cells.empty() ? Unit{} : cells.front().unit; }

std::vector<Cell> with_seeds(const std::vector<Cell>& cells) {
  std::vector<Cell> used;
  std::copy_if(cells.begin(), cells.end(), std::back_inserter(used),
               [](const Cell& cell) { return cell.seeds > 0; });
  return used;
}

std::vector<double> distinct_lengths(const std::vector<Cell>& cells) {
  std::vector<double> lengths;
  for (const Cell& cell : cells) lengths.push_back(cell.length);
  std::sort(lengths.begin(), lengths.end());
  lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
  return lengths;
}

double mean_log(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += std::log(value);
  return sum / static_cast<double>(values.size());
}

std::vector<Row> rows(const std::vector<Cell>& cells) {
  const double mean = mean_log(distinct_lengths(cells));
  std::vector<Row> all;
  all.reserve(cells.size());
  for (const Cell& cell : cells) {
    all.push_back({.log_hidden = std::log(cell.hidden),
                   .x = std::log(cell.length) - mean,
                   .seeds = static_cast<double>(cell.seeds),
                   .solved = static_cast<double>(cell.solved),
                   .slope = cell.unit.slope});
  }
  return all;
}

Likelihood power_law(const std::vector<Cell>& cells, const Options& options) {
  auto all = rows(with_seeds(cells));
  Eigen::MatrixXd basis(static_cast<Eigen::Index>(all.size()), 2);
  for (std::size_t i = 0; i < all.size(); ++i)
    basis.row(static_cast<Eigen::Index>(i)) << 1, all[i].x;
  return {std::move(all), std::move(basis), 1, options};
}

namespace {

// Of the unit that the rows' sizes are told in.
double slope_of(const Likelihood& likelihood) {
  return likelihood.rows().empty() ? 1 : likelihood.rows().front().slope;
}

Optimum best_from(const Likelihood& likelihood, const std::vector<Eigen::VectorXd>& betas) {
  Optimum best;
  for (const Eigen::VectorXd& beta : betas) {
    Optimum found = maximise(likelihood, start_on_grid(likelihood, beta));
    if (best.theta.size() == 0 || found.value > best.value) best = std::move(found);
  }
  // A flat curve with many lapses and a steep one with few can both be local maxima: look at the
  // winner from either side.
  for (const auto& [kappa, lapse] : {std::pair{2.5, 0.25}, std::pair{20.0, 0.05}}) {
    Eigen::VectorXd start = likelihood.start(best.theta.head(likelihood.coefficients()));
    start[likelihood.log_kappa(0)] = std::log(kappa / slope_of(likelihood));
    if (likelihood.options().lapse) start[likelihood.lapse(0)] = log_odds(lapse);
    Optimum found = maximise(likelihood, std::move(start));
    if (found.value > best.value) best = std::move(found);
  }
  return best;
}

}  // namespace

Optimum maximise_power_law(const Likelihood& likelihood) {
  const double slope = slope_of(likelihood);
  return best_from(likelihood, {Eigen::Vector2d(0, 0), Eigen::Vector2d(0, 0.5 * slope),
                                Eigen::Vector2d(0, slope)});
}

Optimum maximise_threshold(const Likelihood& likelihood) {
  return best_from(likelihood, {Eigen::VectorXd::Zero(1)});
}

Fit fit(const std::vector<Cell>& all_cells, const Options& options) {
  const auto cells = with_seeds(all_cells);
  Fit fit;
  fit.options = options;
  fit.lengths = distinct_lengths(cells);
  if (cells.empty()) {
    fit.reason = "no seed can be used; run the trials that are missing";
    return fit;
  }
  const bool any_solved =
      std::any_of(cells.begin(), cells.end(), [](const Cell& cell) { return cell.solved > 0; });
  const bool any_unsolved = std::any_of(cells.begin(), cells.end(),
                                        [](const Cell& cell) { return cell.solved < cell.seeds; });
  if (!any_solved || !any_unsolved) {
    fit.reason = sentence(any_solved ? "every seed is solved" : "no seed is solved", cells, "");
    return fit;
  }
  const std::string separated =
      "the maximum is infinitely steep without penalties, since one line parts the solved from the "
      "unsolved seeds: leave --no-penalties out, "
      "or run more seeds or widths near the threshold";
  if (fit.lengths.size() == 1) {
    const Likelihood likelihood(
        rows(cells), Eigen::MatrixXd::Ones(static_cast<Eigen::Index>(cells.size()), 1), 1, options);
    fit.optimum = maximise_threshold(likelihood);
    fit.reason = "an exponent needs two lengths: " + missing_evidence(cells);
    if (kappa_is_infinite(likelihood, fit.optimum)) {
      fit.reason += "; " + separated;
    } else {
      describe(fit, likelihood, fit.optimum);
    }
    return fit;
  }

  // The exponent trades against the steepness, which only widths at the same length show: with
  // fewer it would be the prior's.
  const auto several = lengths_with_several_widths(cells, fit.lengths);
  if (several.size() < 2) {
    fit.reason = fmt::format(
        "the exponent is not determined: {} with more than one width; run two widths or more, one "
        "that is solved and one that is not, at each of two "
        "lengths or more",
        several.empty() ? "no length was run" : "only " + named_lengths(several) + " was run");
    return fit;
  }

  const Limits limits = limits_of(unit_of(cells));
  const Likelihood likelihood = power_law(cells, options);
  fit.optimum = maximise_power_law(likelihood);
  if (kappa_is_infinite(likelihood, fit.optimum)) {
    fit.reason = separated;
    return fit;
  }
  fit.lack_of_fit_degrees = static_cast<int>(fit.lengths.size()) - 2;
  const Profiled found =
      profiled(likelihood, fit.optimum, 1, limits.low, limits.high, [&](const Optimum& at) {
        const double gain =
            fit.lack_of_fit_degrees > 0
                ? 2 * (maximise_free_thresholds(cells, options, at).value - at.value)
                : 0;
        fit.lack_of_fit = std::max(0.0, gain);
        return criterion(fit.lack_of_fit, fit.lack_of_fit_degrees);
      });
  fit.interval = found.interval;
  fit.unwidened = found.unwidened;
  fit.criterion = found.criterion;
  const double alpha = fit.optimum.theta[1];
  const bool runs_on = found.at_low_limit.value_or(INFINITY) < deviance_flat ||
                       found.at_high_limit.value_or(INFINITY) < deviance_flat;
  if (!found.settled) {
    fit.reason = sentence("the likelihood has several maxima of nearly the same height", cells,
                          "run more seeds or widths around the thresholds");
  } else if ((!fit.unwidened.low && !fit.unwidened.high) || runs_on) {
    fit.reason = sentence("the exponent is not determined", cells,
                          "run more widths around the thresholds, and lengths further apart");
  } else if (alpha < limits.low || alpha > limits.high) {
    fit.reason =
        sentence(fmt::format("the best exponent lies outside [{}, {}]", limits.low, limits.high),
                 cells, "run lengths further apart");
  } else {
    fit.alpha = alpha;
    describe(fit, likelihood, fit.optimum);
  }
  return fit;
}

double success(const Fit& fit, double length, double hidden) {
  const double x = std::log(length) - mean_log(fit.lengths);
  const double u = *fit.kappa * (std::log(hidden) - std::log(*fit.threshold) - *fit.alpha * x);
  const double odds = *fit.lapse / (1 - *fit.lapse) * std::exp(*fit.lapse_slope * x);
  return logistic(u) / (1 + odds);
}

double deviance(const std::vector<Cell>& cells, const Options& options, const Fit& fit,
                double alpha) {
  const Likelihood likelihood = power_law(cells, options);
  return Profile(likelihood, fit.optimum, 1).deviance(alpha);
}

}  // namespace surd::law
