// What the architectures with a recurrent state share. Their training forms work on chunks of C
// positions: [C, C] products within a chunk, and the state S [d, d] carried from chunk to chunk, so
// O(T d (C + d)) multiply-adds a head. Letters: G heads, T positions, d head dimension, C positions
// a chunk.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace surd::model {

// T positions in equal chunks, the last filled up with zeros.
class Chunks {
 public:
  Chunks(std::int64_t positions, std::int64_t most);  // of at most `most` positions each
  at::Tensor cut(const at::Tensor& x)
      const;  // [count, G, C, f] from [G, T, f]: what is at hand at once lies together
  at::Tensor join(const at::Tensor& x) const;  // [G, T, f] from [count, G, C, f]
  std::int64_t size() const { return size_; }  // C
  std::int64_t count() const { return count_; }

 private:
  std::int64_t positions_, size_, count_;
};

// sums + a b, where all are [count, G, ., .].
at::Tensor add_products(const at::Tensor& sums, const at::Tensor& a, const at::Tensor& b);

// The state before each chunk: before_0 = 0, before_{n+1} = decay_n * before_n + states_n. Of
// states' shape [count, G, d, e]; decay broadcasts to it, and has its count.
at::Tensor running_states(const at::Tensor& states, const at::Tensor& decay);

// The same where what a chunk adds depends on its state, as by the delta rule: values_n = u_n - w_n
// before_n, before_{n+1} = before_n + keys_n^T values_n, from keys, w, u [count, G, C, d].
struct DeltaStates {
  at::Tensor values, before;  // [count, G, C, d], [count, G, d, d]
};
DeltaStates delta_states(const at::Tensor& keys, const at::Tensor& w, const at::Tensor& u);

// Mean 0 and variance 1 over the last dimension, without parameters: GroupNorm with a group a head
// (Wu and He, Group normalization, 2018), its epsilon 1e-5. A number alone (d = 1) becomes 0.
at::Tensor normalised(const at::Tensor& x);

}  // namespace surd::model
