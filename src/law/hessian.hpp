// The second derivatives of a log likelihood, and the Newton step that they give.
#pragma once

#include <Eigen/Dense>
#include <cstddef>
#include <optional>

namespace surd::law {

// Symmetric, [size, size]. The first `separate` parameters (thresholds, one a length) are in no row
// of the data together, so their block is diagonal: an arrowhead matrix, stored and solved in time
// linear in them. With separate = 0 it is any symmetric matrix.
class Hessian {
 public:
  // All zero.
  void reset(int separate, int size);

  int size() const { return separate_ + static_cast<int>(corner_.rows()); }
  // An entry to add to, row >= column; of the diagonal block only its diagonal.
  double& lower(int row, int column) {
    if (row < separate_) return diagonal_[row];
    return column < separate_ ? border_(row - separate_, column)
                              : corner_(row - separate_, column - separate_);
  }
  double diagonal(int parameter) const {
    return parameter < separate_ ? diagonal_[parameter]
                                 : corner_(parameter - separate_, parameter - separate_);
  }
  double largest_diagonal() const;  // in size
  // Its blocks: of the separate parameters, between the others and these, of the others.
  const Eigen::VectorXd& diagonal() const { return diagonal_; }
  const Eigen::MatrixXd& border() const { return border_; }
  Eigen::MatrixXd corner() const { return corner_.selfadjointView<Eigen::Lower>(); }
  // The row and column of a parameter that is held: 0, and -1 on the diagonal.
  void fix(int parameter);
  Eigen::MatrixXd dense() const;

  // The x with (-H + ridge I) x = b, by the Schur complement of the diagonal block; nothing where
  // that matrix is not positive definite.
  std::optional<Eigen::VectorXd> solve(const Eigen::VectorXd& b, double ridge) const;

 private:
  int separate_ = 0;
  Eigen::VectorXd diagonal_;  // [separate]
  Eigen::MatrixXd border_;    // [size - separate, separate]
  Eigen::MatrixXd corner_;    // [size - separate, size - separate], its lower triangle
};

}  // namespace surd::law
