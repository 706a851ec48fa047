// standard: output_i = sum over j <= i of softmax_j(q_i k_j^T / sqrt d) v_j.
// Vaswani et al., Attention is all you need, 2017, equation 1.
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/softmax.h>

#include <cmath>

#include "model/attention/attention.hpp"

namespace surd::model {

namespace fused {
MakeKernel standard_kernel;
}

namespace {

at::Tensor forward(const spec::ModelShape& /*shape*/, const AttentionInputs& in) {
  const at::Tensor &q = in.q, &k = in.k, &v = in.v;
  if (q.is_cuda() && !in.drop) {  // keeps no [T, T] scores
    return at::scaled_dot_product_attention(q.unsqueeze(1), k.unsqueeze(1), v.unsqueeze(1), {}, 0.0,
                                            true)
        .squeeze(1);
  }
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(2)));
  const at::Tensor scores =
      at::baddbmm(causal_mask(q.size(1), q.options()), q, k.transpose(1, 2), 1, scale);
  at::Tensor weights = at::softmax(scores, -1);
  if (in.drop)
    weights = in.drop(weights, at::arange(q.size(1), q.options().dtype(at::kLong)).unsqueeze(0));
  return at::bmm(weights, v);
}

std::unique_ptr<Decoder> decoder(const spec::ModelShape& shape, std::int64_t groups,
                                 std::int64_t steps, const at::TensorOptions& options) {
  return make_window_decoder(groups, steps, shape.head_dim(), options);
}

}  // namespace

Attention standard_attention() {
  return {
      .name = "standard", .forward = forward, .decoder = decoder, .kernel = fused::standard_kernel};
}

}  // namespace surd::model
