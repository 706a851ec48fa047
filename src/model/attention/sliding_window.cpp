// sliding_window: softmax attention as in standard, where position i sees positions i - w + 1 to i.
// Beltagy et al., Longformer, 2020, section 3.1, with the causal half of the window.
#include <ATen/TensorOperators.h>
#include <ATen/ops/softmax.h>

#include <algorithm>
#include <cmath>

#include "model/attention/attention.hpp"
#include "model/attention/band.hpp"
#include "spec/architecture.hpp"

namespace surd::model {

namespace fused {
MakeKernel sliding_window_kernel;
}

namespace {

at::Tensor forward(const spec::ModelShape& shape, const AttentionInputs& in) {
  const Band band(in.q.size(1), spec::sliding_window(shape), in.q.options());
  const double scale = 1 / std::sqrt(static_cast<double>(in.q.size(2)));
  at::Tensor weights = at::softmax(band.scores(in.q * scale, in.k), -1);
  if (in.drop) weights = in.drop(weights, band.places());
  return band.sum(weights, in.v);
}

std::unique_ptr<Decoder> decoder(const spec::ModelShape& shape, std::int64_t groups,
                                 std::int64_t steps, const at::TensorOptions& options) {
  const std::int64_t slots = std::min<std::int64_t>(steps, spec::sliding_window(shape));
  return make_window_decoder(groups, slots, shape.head_dim(), options);
}

}  // namespace

Attention sliding_window_attention() {
  return {.name = "sliding_window",
          .forward = forward,
          .decoder = decoder,
          .kernel = fused::sliding_window_kernel};
}

}  // namespace surd::model
