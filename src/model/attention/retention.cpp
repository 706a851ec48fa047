// retention: S_i = gamma S_{i-1} + k_i^T v_i, output_i = q_i S_i / sqrt d, each head with its own
// gamma; then mean 0 and variance 1 over the d numbers of each head (option `normalise`). Sun et
// al., Retentive network, 2023, equations 5 to 7 (chunkwise form: 7) and GroupNorm of equation 8,
// without its gate and output projection, which the layer has anyway; q and k are rotated where
// model.position is rotary.
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/portable.hpp"
#include "model/attention/attention.hpp"
#include "model/attention/constants.hpp"
#include "model/attention/recurrent.hpp"
#include "spec/architecture.hpp"

namespace surd::model {

namespace fused {
MakeKernel retention_kernel;
}

namespace {

// [G, 1, 1] log of each head's gamma; heads are the fastest part of G. gamma = 0 is taken as
// smallest_decay.
at::Tensor log_decays(const spec::ModelShape& shape, std::int64_t groups,
                      const at::TensorOptions& options) {
  std::vector<double> logs;
  for (int h = 0; h < shape.settings.heads; ++h)
    logs.push_back(portable::log(std::max(spec::retention_decay(shape, h), smallest_decay)));
  return at::tensor(logs, at::kDouble)
      .to(options)
      .repeat({groups / shape.settings.heads})
      .view({groups, 1, 1});
}

at::Tensor scaled(const at::Tensor& q) {
  return q * (1 / std::sqrt(static_cast<double>(q.size(-1))));
}

at::Tensor forward(const spec::ModelShape& shape, const AttentionInputs& in) {
  const Chunks chunks(in.q.size(1), spec::scan_chunk(shape.head_dim()));
  const std::int64_t C = chunks.size();
  const at::Tensor log_decay =
      log_decays(shape, in.q.size(0), in.q.options()).unsqueeze(0);     // [1, G, 1, 1]
  const at::Tensor place = at::arange(C, in.q.options()).unsqueeze(1);  // [C, 1]
  const at::Tensor decay =
      at::exp(log_decay * (place - place.t()).clamp_min(0)).tril();  // [1, G, C, C]

  const at::Tensor q = chunks.cut(scaled(in.q)), k = chunks.cut(in.k), v = chunks.cut(in.v);
  at::Tensor sums = at::matmul(at::matmul(q, k.transpose(2, 3)) * decay, v);
  if (chunks.count() > 1) {
    const at::Tensor states = at::matmul((k * at::exp(log_decay * (C - 1 - place))).transpose(2, 3),
                                         v);  // [chunks, G, d, d]
    const at::Tensor before =
        running_states(states, at::exp(log_decay * C).expand({chunks.count(), -1, 1, 1}));
    sums = add_products(sums, q * at::exp(log_decay * (place + 1)), before);
  }
  const at::Tensor output = chunks.join(sums);
  return spec::normalises(shape) ? normalised(output) : output;
}

class RetentionDecoder final : public StateDecoder {
 public:
  RetentionDecoder(const spec::ModelShape& shape, std::int64_t groups,
                   const at::TensorOptions& options)
      : StateDecoder(at::zeros({groups, shape.head_dim(), shape.head_dim()}, options)),
        normalises_(spec::normalises(shape)),
        decay_(at::exp(log_decays(shape, groups, options))) {}
  at::Tensor step(const AttentionInputs& in) override {
    state_.mul_(decay_).baddbmm_(in.k.unsqueeze(2), in.v.unsqueeze(1));
    const at::Tensor output = at::bmm(scaled(in.q).unsqueeze(1), state_).squeeze(1);
    return normalises_ ? normalised(output) : output;
  }
  void keep(const at::Tensor& heads) override {
    decay_ = decay_.index_select(0, heads);
    StateDecoder::keep(heads);
  }

 private:
  bool normalises_;
  at::Tensor decay_;  // [G, 1, 1]
};

std::unique_ptr<Decoder> decoder(const spec::ModelShape& shape, std::int64_t groups,
                                 std::int64_t /*steps*/, const at::TensorOptions& options) {
  return std::make_unique<RetentionDecoder>(shape, groups, options);
}

}  // namespace

Attention retention_attention() {
  return {.name = "retention",
          .forward = forward,
          .decoder = decoder,
          .kernel = fused::retention_kernel};
}

}  // namespace surd::model
