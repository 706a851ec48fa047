// gated_linear: S_i = diag(alpha_i) S_{i-1} + k_i^T v_i, output_i = q_i S_i / sqrt d, with a decay
// for every key dimension that the token itself decides: alpha_i = sigmoid(x_i W + b)^(1/16), taken
// as at least e^-4, which only pre-activations below -64 reach; then mean 0 and variance 1 over the
// d numbers of each head (option `normalise`). Yang et al., Gated linear attention Transformers
// with hardware-efficient training, 2023, sections 4.1 to 4.4, with W of full rank and without
// output gate.
#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/log_sigmoid.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "model/attention/attention.hpp"
#include "model/attention/constants.hpp"
#include "model/attention/recurrent.hpp"
#include "spec/architecture.hpp"

namespace surd::model {

namespace fused {
MakeKernel gated_linear_kernel;
}

namespace {

at::Tensor log_alpha(const AttentionInputs& in) {
  return (at::log_sigmoid(in.further[0]) / gate_temperature).clamp_min(smallest_log_decay);
}

at::Tensor scaled(const at::Tensor& q) {
  return q * (1 / std::sqrt(static_cast<double>(q.size(-1))));
}

// Within a chunk, b_i the sum of log alpha up to i: output_i = sum over j <= i of (q_i exp(b_i -
// b_j)) k_j^T v_j, where the exponential is split into a part of i and a part of j about the middle
// of the chunk, so that neither overflows.
at::Tensor forward(const spec::ModelShape& shape, const AttentionInputs& in) {
  const Chunks chunks(in.q.size(1), spec::gated_chunk);
  const at::Tensor q = chunks.cut(scaled(in.q)), k = chunks.cut(in.k), v = chunks.cut(in.v);
  const at::Tensor decay = chunks.cut(log_alpha(in)).cumsum(2);  // b: [chunks, G, C, d]
  const at::Tensor from_middle = decay - decay.narrow(2, chunks.size() / 2, 1);

  const at::Tensor weights =
      at::matmul(q * at::exp(from_middle), (k * at::exp(-from_middle)).transpose(2, 3)).tril_();
  at::Tensor sums = at::matmul(weights, v);
  if (chunks.count() > 1) {
    const at::Tensor end = decay.narrow(2, chunks.size() - 1, 1);
    const at::Tensor states =
        at::matmul((k * at::exp(end - decay)).transpose(2, 3), v);  // [chunks, G, d, d]
    sums = add_products(sums, q * at::exp(decay),
                        running_states(states, at::exp(end).transpose(2, 3)));
  }
  const at::Tensor output = chunks.join(sums);
  return spec::normalises(shape) ? normalised(output) : output;
}

class GatedDecoder final : public StateDecoder {
 public:
  GatedDecoder(bool normalises, at::Tensor state)
      : StateDecoder(std::move(state)), normalises_(normalises) {}
  at::Tensor step(const AttentionInputs& in) override {
    state_.mul_(at::exp(log_alpha(in)).unsqueeze(2)).baddbmm_(in.k.unsqueeze(2), in.v.unsqueeze(1));
    const at::Tensor output = at::bmm(scaled(in.q).unsqueeze(1), state_).squeeze(1);
    return normalises_ ? normalised(output) : output;
  }

 private:
  bool normalises_;
};

std::unique_ptr<Decoder> decoder(const spec::ModelShape& shape, std::int64_t groups,
                                 std::int64_t /*steps*/, const at::TensorOptions& options) {
  return std::make_unique<GatedDecoder>(
      spec::normalises(shape), at::zeros({groups, shape.head_dim(), shape.head_dim()}, options));
}

}  // namespace

Attention gated_linear_attention() {
  return {.name = "gated_linear",
          .forward = forward,
          .decoder = decoder,
          .kernel = fused::gated_linear_kernel};
}

}  // namespace surd::model
