// Intervals of thresholds that are free for each length, of many lengths.
#pragma once

#include <optional>
#include <vector>

#include "law/interval.hpp"
#include "law/likelihood.hpp"

namespace surd::law {

// A profile maximises over all parameters for each value that it tries. Where there are many
// lengths one threshold hardly moves what all share, ln kappa and the lapse: seen from there, what
// the other lengths say is nearly a parabola. So each end is looked for with the rows of its own
// length and that parabola, then put right by the whole likelihood, asked once or twice.
class FreeProfile {
 public:
  // `free` has a threshold for each length and no other coefficients; it and `optimum`, its
  // maximum, must outlive the profile.
  FreeProfile(const Likelihood& free, const Optimum& optimum);

  // As Profile(free, optimum, place).interval(...), to 1e-6. Where the parabola does not hold it
  // is that.
  Interval interval(int place, double critical, double low_limit, double high_limit) const;

 private:
  class Own;
  // The end towards `limit`, nothing where it is open; false where only a Profile can tell.
  bool find_end(Own& own, double critical, double limit, std::optional<double>& end) const;

  const Likelihood& free_;
  const Optimum& optimum_;
  std::vector<std::vector<Row>> rows_;  // by place
  Eigen::VectorXd gradient_;            // of all rows, at the optimum
  Hessian hessian_;                     // the same
  Eigen::MatrixXd shared_;  // Hessian in what is shared where all thresholds follow: [size -
                            // separate, size - separate]
  bool usable_ = true;      // no threshold is at a saddle or a minimum
};

}  // namespace surd::law
