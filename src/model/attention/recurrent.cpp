#include "model/attention/recurrent.hpp"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <bit>
#include <vector>

namespace surd::model {

namespace {

constexpr double norm_epsilon = 1e-5;

}  // namespace

// On a CPU: 16 at d = 16, 64 at d = 64.
std::int64_t best_chunk(std::int64_t head_dim) {
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(head_dim))), 16, 64);
}

Chunks::Chunks(std::int64_t positions, std::int64_t most)
    : positions_(positions), size_(std::min(positions, most)), count_((positions + size_ - 1) / size_) {}

at::Tensor Chunks::cut(const at::Tensor& x) const {
  const std::int64_t fill = count_ * size_ - positions_;
  return (fill == 0 ? x : at::constant_pad_nd(x, {0, 0, 0, fill})).reshape({x.size(0), count_, size_, x.size(2)});
}

at::Tensor Chunks::join(const at::Tensor& x) const { return x.reshape({x.size(0), count_ * size_, x.size(3)}).narrow(1, 0, positions_); }

at::Tensor add_products(const at::Tensor& sums, const at::Tensor& a, const at::Tensor& b) {
  return at::baddbmm(sums.flatten(0, 1), a.flatten(0, 1), b.flatten(0, 1)).view(sums.sizes());
}

at::Tensor running_states(const at::Tensor& states, const at::Tensor& decay) {
  // unbind, not select: the backward of every select would make a tensor as large as all states.
  const std::vector<at::Tensor> added = states.unbind(1), factors = decay.unbind(1);
  std::vector<at::Tensor> before{at::zeros_like(added[0])};
  for (std::size_t n = 0; n + 1 < added.size(); ++n) before.push_back(at::addcmul(added[n], before.back(), factors[n]));
  return at::stack(before, 1);
}

at::Tensor normalised(const at::Tensor& x) { return at::layer_norm(x, {x.size(-1)}, {}, {}, norm_epsilon); }

}  // namespace surd::model
