#include "model/positions.hpp"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

namespace surd::model {

namespace {

constexpr double base = 10000;

}  // namespace

// Computed in fp32 whatever the precision, as the predecessor did: its fp64 results can then be compared digit by digit.
at::Tensor sinusoidal_positions(std::int64_t L, std::int64_t D, const at::TensorOptions& options) {
  const at::TensorOptions single = at::TensorOptions().dtype(at::kFloat);
  const at::Tensor pair = at::arange(D, single).div(2, "floor");
  const at::Tensor angle = at::arange(L, single).unsqueeze(1) * at::exp(pair * 2 * (-std::log(base) / static_cast<double>(D)));
  const at::Tensor odd = at::arange(D, at::TensorOptions().dtype(at::kLong)).remainder(2).to(at::kBool);
  return at::where(odd, at::cos(angle), at::sin(angle)).to(options);
}

Rotation::Rotation(std::int64_t L, std::int64_t d, const at::TensorOptions& options) {
  const at::TensorOptions exact = at::TensorOptions().dtype(at::kDouble);
  const std::int64_t pairs = d / 2;
  const at::Tensor frequency = at::exp(at::arange(pairs, exact) * (-std::log(base) / static_cast<double>(std::max<std::int64_t>(pairs, 1))));
  const at::Tensor angle = at::arange(L, exact).unsqueeze(1) * frequency;
  cosine_ = at::cos(angle).to(options);
  sine_ = at::sin(angle).to(options);
}

at::Tensor Rotation::turned(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine) {
  const std::int64_t d = x.size(-1), even = d / 2 * 2;
  const at::Tensor first = x.slice(-1, 0, even, 2), second = x.slice(-1, 1, even, 2);
  const at::Tensor both = at::stack({first * cosine - second * sine, first * sine + second * cosine}, -1).flatten(-2);
  return even == d ? both : at::cat({both, x.narrow(-1, even, 1)}, -1);
}

}  // namespace surd::model
