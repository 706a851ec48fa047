// linear: output_i = phi(q_i) S_i / (phi(q_i) z_i) with S_i = sum over j <= i of phi(k_j)^T v_j,
// z_i = sum over j <= i of phi(k_j)^T. Katharopoulos et al., Transformers are RNNs, 2020, equations
// 8 to 12 (no 1/sqrt d). Feature maps phi: elu + 1, theirs; relu, and the denominator taken as at
// least 1e-6, so that a position which sees nothing gets 0: Qin et al., cosFormer, 2022, and its
// code; exp, Choromanski et al., Performers, 2021, cut at e^30 so that no product of two overflows.
// Without normaliser the output is phi(q_i) S_i: Schlag et al., Fast weight programmers, 2021. With
// it, values carry a last column of ones, so that S holds z and one product gives numerator and
// denominator.
#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/zeros.h>

#include <string>

#include "base/json.hpp"
#include "model/attention/attention.hpp"
#include "model/attention/constants.hpp"
#include "model/attention/recurrent.hpp"
#include "spec/architecture.hpp"

namespace surd::model {

namespace fused {
MakeKernel linear_kernel;
}

namespace {

enum class Map { elu, relu, exp };

struct Form {
  Map map;
  bool normalises;

  explicit Form(const spec::ModelShape& shape) : normalises(spec::normalises(shape)) {
    const auto phi = required<std::string>(shape.architecture.options, "phi", "linear");
    map = phi == "relu" ? Map::relu : phi == "exp" ? Map::exp : Map::elu;
  }
  at::Tensor phi(const at::Tensor& x) const {
    if (map == Map::relu) return at::relu(x);
    if (map == Map::exp) return at::exp(x.clamp_max(largest_exponent));
    return at::elu(x) + 1;
  }
  // [..., e]: e = d + 1 with normaliser, else d.
  at::Tensor values(const at::Tensor& v) const {
    return normalises ? at::constant_pad_nd(v, {0, 1}, 1) : v;
  }
  // [..., d] from sums [..., e].
  at::Tensor output(const at::Tensor& sums) const {
    if (!normalises) return sums;
    const std::int64_t d = sums.size(-1) - 1;
    return sums.narrow(-1, 0, d) / sums.narrow(-1, d, 1).clamp_min(smallest_denominator);
  }
};

at::Tensor forward(const spec::ModelShape& shape, const AttentionInputs& in) {
  const Form form(shape);
  const Chunks chunks(in.q.size(1), spec::sum_chunk(shape.head_dim()));
  const at::Tensor q = chunks.cut(form.phi(in.q)), k = chunks.cut(form.phi(in.k)),
                   v = chunks.cut(form.values(in.v));
  at::Tensor sums = at::matmul(at::matmul(q, k.transpose(2, 3)).tril_(), v);
  if (chunks.count() > 1) {
    const at::Tensor states = at::matmul(k.transpose(2, 3), v).narrow(0, 0, chunks.count() - 1);
    const at::Tensor before = at::constant_pad_nd(states.cumsum(0), {0, 0, 0, 0, 0, 0, 1, 0});
    sums = add_products(sums, q, before);
  }
  return form.output(chunks.join(sums));
}

// The state is S, and z as its last column where there is a normaliser.
class LinearDecoder final : public StateDecoder {
 public:
  LinearDecoder(Form form, at::Tensor state) : StateDecoder(std::move(state)), form_(form) {}
  at::Tensor step(const AttentionInputs& in) override {
    state_.baddbmm_(form_.phi(in.k).unsqueeze(2), form_.values(in.v).unsqueeze(1));
    return form_.output(at::bmm(form_.phi(in.q).unsqueeze(1), state_).squeeze(1));
  }

 private:
  Form form_;
};

std::unique_ptr<Decoder> decoder(const spec::ModelShape& shape, std::int64_t groups,
                                 std::int64_t /*steps*/, const at::TensorOptions& options) {
  const Form form(shape);
  const std::int64_t d = shape.head_dim();
  return std::make_unique<LinearDecoder>(
      form, at::zeros({groups, d, form.normalises ? d + 1 : d}, options));
}

}  // namespace

Attention linear_attention() {
  return {.name = "linear", .forward = forward, .decoder = decoder, .kernel = fused::linear_kernel};
}

}  // namespace surd::model
