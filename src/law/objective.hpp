// What the room maximises: a function of a few parameters with exact derivatives.
#pragma once

#include <Eigen/Dense>

#include "law/hessian.hpp"

namespace surd::law {

class Objective {
 public:
  virtual ~Objective() = default;

  virtual int size() const = 0;  // parameters
  virtual double value(const Eigen::VectorXd& theta) const = 0;
  // Gradient [size] and Hessian are exact.
  virtual double value(const Eigen::VectorXd& theta, Eigen::VectorXd& gradient,
                       Hessian& hessian) const = 0;

 protected:
  Objective() = default;
  Objective(const Objective&) = default;
  Objective(Objective&&) = default;
  Objective& operator=(const Objective&) = default;
  Objective& operator=(Objective&&) = default;
};

struct Optimum {
  Eigen::VectorXd theta;
  double value = 0;
  bool converged = false;
};

// Newton's method with a Levenberg ridge where the Hessian is not definite or a step does not
// climb, from `start`; a local maximum. The parameter `fixed` keeps its starting value (-1: none).
Optimum maximise(const Objective& objective, Eigen::VectorXd start, int fixed = -1);

}  // namespace surd::law
