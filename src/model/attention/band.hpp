// Softmax attention over the last w positions: queries in chunks of C >= w positions, each of which
// looks at its own chunk and the one before, so that T positions cost O(T C) scores. Letters: G
// heads, T positions, d head dimension, K columns of scores: C where one chunk holds all positions,
// else 2 C.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace surd::model {

class Band {
 public:
  Band(std::int64_t positions, std::int64_t window, const at::TensorOptions& options);

  // q k^T [G, T, K] from q, k [G, T, d]; -infinity where the key is not among the last w.
  at::Tensor scores(const at::Tensor& q, const at::Tensor& k) const;
  // Sums [G, T, d] of values v [G, T, d] by weights [G, T, K].
  at::Tensor sum(const at::Tensor& weights, const at::Tensor& v) const;
  // The position [T, K] of each column's key.
  at::Tensor places() const;
  std::int64_t columns() const { return columns_; }

 private:
  at::Tensor to_chunks(const at::Tensor& x) const;  // [G * chunks, C, ...] from [G, T, ...]
  at::Tensor keys(
      const at::Tensor& x) const;  // [G * chunks, K, d]: of each chunk and the one before

  std::int64_t positions_, chunk_, chunks_, columns_;
  at::Tensor mask_;  // [chunks, C, K]
};

}  // namespace surd::model
