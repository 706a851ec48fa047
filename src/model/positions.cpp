#include "model/positions.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>

#include <algorithm>

#include "base/portable.hpp"

namespace surd::model {

namespace {

constexpr double base = 10000;

// [rows, columns] row-major, of `options`.
template <typename T>
at::Tensor tensor_of(const std::vector<T>& values, std::int64_t rows, std::int64_t columns,
                     const at::TensorOptions& options) {
  const at::Tensor host = at::empty({rows, columns}, c10::CppTypeToScalarType<T>::value);
  std::copy(values.begin(), values.end(), host.mutable_data_ptr<T>());
  return host.to(options);
}

}  // namespace

std::vector<float> sinusoidal_table(std::int64_t L, std::int64_t D) {
  // Products in fp32 as the predecessor's, which the table then follows to a few units in the last
  // place of an angle.
  const float step = static_cast<float>(-portable::log(base) / static_cast<double>(D));
  std::vector<float> frequency;
  for (std::int64_t column = 0; column < D; column += 2) {
    frequency.push_back(
        static_cast<float>(portable::exp(static_cast<double>(static_cast<float>(column) * step))));
  }
  std::vector<float> table;
  table.reserve(static_cast<std::size_t>(L * D));
  for (std::int64_t i = 0; i < L; ++i) {
    for (std::int64_t column = 0; column < D; ++column) {
      const float angle = static_cast<float>(i) * frequency[static_cast<std::size_t>(column / 2)];
      table.push_back(static_cast<float>(column % 2 == 0
                                             ? portable::sin(static_cast<double>(angle))
                                             : portable::cos(static_cast<double>(angle))));
    }
  }
  return table;
}

at::Tensor sinusoidal_positions(std::int64_t L, std::int64_t D, const at::TensorOptions& options) {
  return tensor_of(sinusoidal_table(L, D), L, D, options);
}

RotaryTable rotary_table(std::int64_t L, std::int64_t d) {
  const std::int64_t pairs = d / 2;
  RotaryTable table;
  for (std::int64_t i = 0; i < L; ++i) {
    for (std::int64_t p = 0; p < pairs; ++p) {
      const double angle =
          static_cast<double>(i) *
          portable::exp(-static_cast<double>(p) * portable::log(base) / static_cast<double>(pairs));
      table.cosine.push_back(portable::cos(angle));
      table.sine.push_back(portable::sin(angle));
    }
  }
  return table;
}

Rotation::Rotation(std::int64_t L, std::int64_t d, const at::TensorOptions& options) {
  const RotaryTable table = rotary_table(L, d);
  cosine_ = tensor_of(table.cosine, L, d / 2, options);
  sine_ = tensor_of(table.sine, L, d / 2, options);
}

at::Tensor Rotation::turned(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine) {
  const std::int64_t d = x.size(-1), even = d / 2 * 2;
  const at::Tensor first = x.slice(-1, 0, even, 2), second = x.slice(-1, 1, even, 2);
  const at::Tensor both =
      at::stack({first * cosine - second * sine, first * sine + second * cosine}, -1).flatten(-2);
  return even == d ? both : at::cat({both, x.narrow(-1, even, 1)}, -1);
}

}  // namespace surd::model
