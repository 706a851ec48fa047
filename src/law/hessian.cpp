#include "law/hessian.hpp"

#include <algorithm>

namespace surd::law {

void Hessian::reset(int separate, int size) {
  separate_ = separate;
  diagonal_.setZero(separate);
  border_.setZero(size - separate, separate);
  corner_.setZero(size - separate, size - separate);
}

double Hessian::largest_diagonal() const {
  const double of_corner = corner_.size() > 0 ? corner_.diagonal().cwiseAbs().maxCoeff() : 0;
  return separate_ > 0 ? std::max(of_corner, diagonal_.cwiseAbs().maxCoeff()) : of_corner;
}

void Hessian::fix(int parameter) {
  if (parameter < separate_) {
    border_.col(parameter).setZero();
  } else {
    border_.row(parameter - separate_).setZero();
    corner_.row(parameter - separate_).setZero();
    corner_.col(parameter - separate_).setZero();
  }
  lower(parameter, parameter) = -1;
}

Eigen::MatrixXd Hessian::dense() const {
  Eigen::MatrixXd all = Eigen::MatrixXd::Zero(size(), size());
  const auto shared = corner_.rows();
  all.topLeftCorner(separate_, separate_).diagonal() = diagonal_;
  all.bottomLeftCorner(shared, separate_) = border_;
  all.topRightCorner(separate_, shared) = border_.transpose();
  all.bottomRightCorner(shared, shared) = corner_.selfadjointView<Eigen::Lower>();
  return all;
}

std::optional<Eigen::VectorXd> Hessian::solve(const Eigen::VectorXd& b, double ridge) const {
  const auto shared = corner_.rows();
  Eigen::MatrixXd left = -corner_ + Eigen::MatrixXd::Identity(shared, shared) * ridge;
  if (separate_ == 0) {
    const Eigen::LLT<Eigen::MatrixXd> cholesky(left);
    if (cholesky.info() != Eigen::Success) return std::nullopt;
    return cholesky.solve(b);
  }
  const Eigen::VectorXd own = (ridge - diagonal_.array()).matrix();
  if (!(own.minCoeff() > 0)) return std::nullopt;
  const Eigen::MatrixXd scaled = border_ * own.cwiseInverse().asDiagonal();
  left -= scaled * border_.transpose();
  const Eigen::LLT<Eigen::MatrixXd> cholesky(left);
  if (cholesky.info() != Eigen::Success) return std::nullopt;
  Eigen::VectorXd x(size());
  x.tail(shared) = cholesky.solve(b.tail(shared) + scaled * b.head(separate_));
  x.head(separate_) = (b.head(separate_) + border_.transpose() * x.tail(shared)).cwiseQuotient(own);
  return x;
}

}  // namespace surd::law
