// delta: S_i = S_{i-1} + beta_i k_i^T (v_i - k_i S_{i-1}), output_i = q_i S_i: the value that k_i
// has held so far is replaced by v_i, as far as beta_i says. beta = sigmoid(x W + b), a number a
// head; q and k are SiLU(.) of length 1; then root mean square 1 over the d numbers of each head
// (option `normalise`). Yang et al., Parallelizing linear Transformers with the delta rule over
// sequence length, 2024, equation 1 and sections 3.2 (chunks by the UT transform) and 3.4 (the
// layer), without its short convolutions. (Its S is transposed.)
#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linalg_solve_triangular.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/rsqrt.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/zeros.h>

#include "model/attention/attention.hpp"
#include "model/attention/constants.hpp"
#include "model/attention/recurrent.hpp"
#include "spec/architecture.hpp"

namespace surd::model {

namespace fused {
MakeKernel delta_kernel;
}

namespace {

at::Tensor features(const at::Tensor& x) {
  const at::Tensor y = at::silu(x);
  return y * at::rsqrt((y * y).sum(-1, true) + length_epsilon);
}

at::Tensor beta(const AttentionInputs& in) { return at::sigmoid(in.further[0]); }

at::Tensor to_unit_rms(const at::Tensor& x) {
  return x * at::rsqrt((x * x).mean(-1, true) + norm_epsilon);
}

// Within a chunk the corrected values u_i = beta_i (v_i - k_i S_{i-1}) solve (I + tril(beta K K^T,
// -1)) u = beta (V - K S), S the state before the chunk: u = U - W S with both solved for all
// chunks at once; only u and S go from chunk to chunk.
at::Tensor forward(const spec::ModelShape& shape, const AttentionInputs& in) {
  const Chunks chunks(in.q.size(1), spec::scan_chunk(shape.head_dim()));
  const std::int64_t d = in.q.size(2);
  const at::Tensor q = chunks.cut(features(in.q)), k = chunks.cut(features(in.k)),
                   v = chunks.cut(in.v), rate = chunks.cut(beta(in));
  const at::Tensor weighted = rate * k;
  const at::Tensor system =
      at::matmul(weighted, k.transpose(2, 3)).tril(-1);  // its unit diagonal is understood
  const at::Tensor solved =
      at::linalg_solve_triangular(system, at::cat({weighted, rate * v}, -1), false, true, true);

  const DeltaStates scanned = delta_states(k, solved.narrow(3, 0, d), solved.narrow(3, d, d));
  const at::Tensor within = at::matmul(at::matmul(q, k.transpose(2, 3)).tril_(), scanned.values);
  const at::Tensor output = chunks.join(add_products(within, q, scanned.before));
  return spec::normalises(shape) ? to_unit_rms(output) : output;
}

class DeltaDecoder final : public StateDecoder {
 public:
  DeltaDecoder(bool normalises, at::Tensor state)
      : StateDecoder(std::move(state)), normalises_(normalises) {}
  at::Tensor step(const AttentionInputs& in) override {
    const at::Tensor k = features(in.k).unsqueeze(1);  // [G, 1, d]
    const at::Tensor u = beta(in).unsqueeze(1) * (in.v.unsqueeze(1) - at::bmm(k, state_));
    state_.baddbmm_(k.transpose(1, 2), u);
    const at::Tensor output = at::bmm(features(in.q).unsqueeze(1), state_).squeeze(1);
    return normalises_ ? to_unit_rms(output) : output;
  }

 private:
  bool normalises_;
};

std::unique_ptr<Decoder> decoder(const spec::ModelShape& shape, std::int64_t groups,
                                 std::int64_t /*steps*/, const at::TensorOptions& options) {
  return std::make_unique<DeltaDecoder>(
      spec::normalises(shape), at::zeros({groups, shape.head_dim(), shape.head_dim()}, options));
}

}  // namespace

Attention delta_attention() {
  return {.name = "delta", .forward = forward, .decoder = decoder, .kernel = fused::delta_kernel};
}

}  // namespace surd::model
