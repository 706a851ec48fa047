// Intervals by profile likelihood, and how much they are widened for lack of fit.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "law/objective.hpp"

namespace surd::law {

// An end that does not close within the limits of the search is open: no value.
struct Interval {
  std::optional<double> low;
  std::optional<double> high;
  bool closed() const { return low && high; }
  // Open ends count as infinite; the ends themselves belong to the interval.
  bool contains(double value) const { return (!low || *low <= value) && (!high || value <= *high); }
};

// Of logarithms, the interval of the values themselves.
Interval exponential(const Interval& logarithms);

// The .95 quantile of chi-squared with one degree of freedom.
constexpr double chi_squared_95 = 3.841458820694124;

// How far the deviance may rise inside a 95 % interval.
struct Criterion {
  double dispersion = 1;             // h = max(1, lack of fit / degrees of freedom)
  double critical = chi_squared_95;  // q: chi-squared where h = 1, else h F(.95; 1, degrees)
};
// `lack_of_fit` is twice the gain in log likelihood by freeing the thresholds. No degrees of
// freedom: h = 1.
Criterion criterion(double lack_of_fit, int degrees);

// Where a profile deviance first exceeds `critical` on the way from `best`, its minimum with this
// curvature, to `limit`; nothing where it does not.
std::optional<double> first_crossing(const std::function<double(double)>& deviance, double best,
                                     double curvature, double critical, double limit);

// The profile deviance D(value) = 2 (max - max with one parameter fixed at value), warm-started
// from the values asked before.
class Profile {
 public:
  // `objective` must outlive the profile; `optimum` is its maximum.
  Profile(const Objective& objective, Optimum optimum, int index);

  double deviance(double value);
  // {value : D <= critical} around the maximum, searched within [low_limit, high_limit].
  Interval interval(double critical, double low_limit, double high_limit);
  const Optimum& optimum() const { return optimum_; }
  // A fixed parameter led to a higher point than the optimum: the maximum given was only local.
  // Maximise again from here.
  const std::optional<Optimum>& better() const { return better_; }

 private:
  std::optional<double> end(double critical, double limit);

  const Objective& objective_;
  Optimum optimum_;
  int index_;
  std::vector<Optimum> seen_;
  std::optional<Optimum> better_;
};

// Both intervals of a parameter.
struct Profiled {
  Interval interval;   // by the criterion
  Interval unwidened;  // by chi-squared alone
  Criterion criterion;
  // Of the deviance, where `unwidened` is open at that end.
  std::optional<double> at_low_limit;
  std::optional<double> at_high_limit;
  bool settled = false;  // no further maximum was met
};
// `optimum` is a maximum. Where a profile meets a higher one it takes its place, and all is asked
// anew, at most twice; what is returned belongs to the one before where even the last met another.
Profiled profiled(const Objective& objective, Optimum& optimum, int index, double low_limit,
                  double high_limit, const std::function<Criterion(const Optimum&)>& criterion_of);

}  // namespace surd::law
