// How positions enter a model that has no table of them to learn. The tables have the same bits on
// every machine.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace surd::model {

// [L][D]: sine in even, cosine in odd columns, column pair p with frequency 10000^(-2p / D).
// Vaswani et al., Attention is all you need, 2017, 3.5. In fp32 whatever the precision: the angle
// is a product of fp32 numbers, as the predecessor's.
std::vector<float> sinusoidal_table(std::int64_t L, std::int64_t D);
// The same as a tensor [L, D].
at::Tensor sinusoidal_positions(std::int64_t L, std::int64_t D, const at::TensorOptions& options);

// Rotary positions: at position m, features 2p and 2p + 1 of a query or key of d are turned by the
// angle m 10000^(-2p / d'), d' the largest even number up to d; an odd last feature stays as it is.
// Su et al., RoFormer, 2021, equation 34. The rotation comes before everything that an architecture
// does to queries and keys, feature maps included: with positive maps, weights then stay positive.
struct RotaryTable {
  std::vector<double> cosine, sine;  // [L][d' / 2]
};
RotaryTable rotary_table(std::int64_t L, std::int64_t d);

class Rotation {
 public:
  Rotation() = default;
  Rotation(std::int64_t L, std::int64_t d, const at::TensorOptions& options);
  bool defined() const { return cosine_.defined(); }
  // x [G, T, d] at positions 0 to T - 1.
  at::Tensor sequence(const at::Tensor& x) const {
    return turned(x, cosine_.narrow(0, 0, x.size(1)), sine_.narrow(0, 0, x.size(1)));
  }
  // x [G, d], all at `position`.
  at::Tensor at(const at::Tensor& x, std::int64_t position) const {
    return turned(x, cosine_[position], sine_[position]);
  }

 private:
  static at::Tensor turned(const at::Tensor& x, const at::Tensor& cosine, const at::Tensor& sine);
  at::Tensor cosine_, sine_;  // [L, d' / 2]
};

}  // namespace surd::model
