#include "spec/architecture.hpp"
#include "spec/chunked.hpp"

namespace surd::spec {

namespace {

// Per token and head of d dimensions: diag(alpha) S is d^2 products, adding k^T v and q S are d^2
// multiply-adds each.
double attention_flops(const ModelShape& shape, double tokens) {
  const double d = shape.head_dim();
  return shape.settings.heads * 5 * d * d * tokens;
}

double state_elements(const ModelShape& shape, double /*tokens*/) {
  const double d = shape.head_dim();
  return shape.settings.heads * d * d;
}

// The gate on its way to log alpha (3); q, k, v, sums; four decays and what is multiplied by them;
// weights within the chunks; what the norm keeps; states. A single chunk is no copy of q, k and v,
// and has two of the decays.
AttentionElements attention_elements(const ModelShape& shape, double sequences, double positions) {
  const Chunked c(shape, sequences, positions, gated_chunk);
  const double made = c.several() ? 12 * c.filled + c.states : 9 * c.features;
  return {.kept = 3 * c.features + made + c.scores + 2 * c.heads,
          .passing = 4 * c.filled + 2 * c.scores};
}

// A decay for every key dimension.
std::vector<Projection> own_projections(const ModelShape& shape) {
  return {{.name = "gate", .features = shape.head_dim()}};
}

FusedElements fused_elements(const ModelShape& shape) {
  return {.scratch = pair_scratch(shape, 10, gated_chunk), .remembered = fused_state(shape)};
}

}  // namespace

ArchitectureEntry gated_linear_entry() {
  return {.name = "gated_linear",
          .source =
              "Yang et al., Gated linear attention Transformers, 2023: S = diag(alpha) S + k^T v, "
              "q S / sqrt d, alpha = sigmoid(x W + b)^(1/16)",
          .options = {{.name = "normalise",
                       .default_value = true,
                       .meaning = "the output of a head is brought to mean 0 and variance 1 over "
                                  "its d dimensions, without parameters"}},
          .attention_flops = attention_flops,
          .state_elements = state_elements,
          .attention_elements = attention_elements,
          .fused_elements = fused_elements,
          .projections = own_projections};
}

}  // namespace surd::spec
