// The threshold law of one task and architecture: width needed = exp(c) (L / geometric mean
// L)^alpha, fitted to counts of solved seeds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "law/interval.hpp"
#include "law/likelihood.hpp"
#include "law/outcome.hpp"

namespace surd::law {

// alpha of a width is looked for, and its interval closed, between these.
constexpr double alpha_lowest = -2;
constexpr double alpha_highest = 3;
struct Limits {
  double low = alpha_lowest;
  double high = alpha_highest;
};
// The same of sizes in another unit, at the exponents that those of the width lead to.
Limits limits_of(const Unit& unit);
// What the sizes of these cells, of one curve, are told in; the width where there are none.
Unit unit_of(const std::vector<Cell>& cells);

struct Fit {
  std::vector<double> lengths;  // distinct, ascending: m of them
  std::string reason;  // why there is no exponent and what to run next; empty where there is one
  std::optional<double> alpha;
  Interval interval;                // 95 %: {alpha : D <= critical}
  Interval unwidened;               // 95 % if the power law held exactly: {alpha : D <= 3.841}
  std::optional<double> threshold;  // exp(c): the width at the geometric mean length; there too
                                    // where one length was fitted
  std::optional<double> kappa;
  std::optional<double> lapse;        // lambda at the mean length; 0 without lapse
  std::optional<double> lapse_slope;  // z1
  double log_likelihood = 0;  // of the data, with binomial coefficients, without the penalties
  double lack_of_fit = 0;     // 2 (l_free - l_max): free threshold per length against the power law
  int lack_of_fit_degrees = 0;  // m - 2
  Criterion criterion;
  Optimum optimum;  // beta = (c, alpha): to go on from
  Options options;  // that it was fitted with
};

// Never throws for data that cannot be fitted: `reason` says what is missing. Cells with no seeds
// are ignored.
Fit fit(const std::vector<Cell>& cells, const Options& options = {});

// The chance that a seed is solved, by a fit with an alpha.
double success(const Fit& fit, double length, double hidden);

// D(alpha) of the fit, for one more value.
double deviance(const std::vector<Cell>& cells, const Options& options, const Fit& fit,
                double alpha);

// Parts that contrasts and plans build on. Rows have group 0 and x about the mean of ln L over the
// distinct lengths of `cells`.
std::vector<Cell> with_seeds(const std::vector<Cell>& cells);
std::vector<double> distinct_lengths(const std::vector<Cell>& cells);
double mean_log(const std::vector<double>& values);  // of at least one
std::vector<Row> rows(const std::vector<Cell>& cells);
// beta = (c, alpha), with basis (1, x); cells without seeds are left out.
Likelihood power_law(const std::vector<Cell>& cells, const Options& options);
// The best maximum over the starts alpha = 0, .5, 1 (of a width) of beta = (c, alpha), with basis
// (1, x).
Optimum maximise_power_law(const Likelihood& likelihood);
// The same for beta = (c), with basis (1).
Optimum maximise_threshold(const Likelihood& likelihood);
}  // namespace surd::law
