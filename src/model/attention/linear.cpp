// linear: output_i = phi(q_i) S_i / (phi(q_i) z_i) with S_i = sum over j <= i of phi(k_j)^T v_j, z_i = sum over j <= i of phi(k_j)^T, phi = elu + 1.
// Katharopoulos et al., Transformers are RNNs, 2020, equations 8 to 12 (no 1/sqrt d).
// Values carry a last column of ones, so that S holds z and one product gives numerator and denominator.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <bit>

#include "model/attention/attention.hpp"

namespace surd::model {

namespace {

at::Tensor phi(const at::Tensor& x) { return at::elu(x) + 1; }

at::Tensor with_ones(const at::Tensor& v) {  // [G, T, d + 1]
  return at::constant_pad_nd(v, {0, 1}, 1);
}

at::Tensor quotient(const at::Tensor& sums) {  // [..., d] from [..., d + 1]
  const std::int64_t d = sums.size(-1) - 1;
  return sums.narrow(-1, 0, d) / sums.narrow(-1, d, 1);
}

// Chunks of C positions: within a chunk the [C, C] products, between chunks the running S: O(T (C + d)) a head.
at::Tensor forward(const spec::ModelShape& /*shape*/, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
  const std::int64_t G = q.size(0), T = q.size(1), d = q.size(2);
  // Measured on a CPU: 16 is best at d = 16, 64 at d = 64.
  const std::int64_t chunk = std::min<std::int64_t>(T, std::clamp<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(d)), 16, 64));
  const std::int64_t chunks = (T + chunk - 1) / chunk;
  const auto to_chunks = [&](const at::Tensor& x) {  // [G * chunks, C, ...]
    return (chunks * chunk == T ? x : at::constant_pad_nd(x, {0, 0, 0, chunks * chunk - T})).reshape({G * chunks, chunk, x.size(2)});
  };

  const at::Tensor queries = to_chunks(phi(q)), keys = to_chunks(phi(k)), values = to_chunks(with_ones(v));
  at::Tensor sums = at::bmm(at::bmm(queries, keys.transpose(1, 2)).tril_(), values);
  if (chunks > 1) {
    const at::Tensor state = at::bmm(keys.transpose(1, 2), values).view({G, chunks, d, d + 1});
    const at::Tensor before = at::constant_pad_nd(state.narrow(1, 0, chunks - 1).cumsum(1), {0, 0, 0, 0, 1, 0});  // of the chunks before each
    sums = at::baddbmm(sums, queries, before.view({G * chunks, d, d + 1}));
  }
  return quotient(sums.view({G, chunks * chunk, d + 1}).narrow(1, 0, T));
}

class LinearDecoder final : public Decoder {
 public:
  explicit LinearDecoder(at::Tensor state) : state_(std::move(state)) {}
  at::Tensor step(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) override {
    state_.baddbmm_(phi(k).unsqueeze(2), with_ones(v).unsqueeze(1));
    return quotient(at::bmm(phi(q).unsqueeze(1), state_).squeeze(1));
  }

 private:
  at::Tensor state_;  // [G, d, d + 1]: S, and z as its last column
};

std::unique_ptr<Decoder> decoder(const spec::ModelShape& shape, std::int64_t groups, std::int64_t /*steps*/, const at::TensorOptions& options) {
  return std::make_unique<LinearDecoder>(at::zeros({groups, shape.head_dim(), shape.head_dim() + 1}, options));
}

}  // namespace

Attention linear_attention() { return {.name = "linear", .forward = forward, .decoder = decoder}; }

}  // namespace surd::model
