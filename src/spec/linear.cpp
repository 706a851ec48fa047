#include "spec/architecture.hpp"
#include "spec/chunked.hpp"

namespace surd::spec {

namespace {

// Per token and head of d dimensions: S += phi(k) v^T and phi(q) S are d^2 multiply-adds each; with
// normaliser z += phi(k) is d additions and phi(q) z d multiply-adds.
double attention_flops(const ModelShape& shape, double tokens) {
  const double d = shape.head_dim();
  return shape.settings.heads * (4 * d * d + (normalises(shape) ? 3 * d : 0)) * tokens;
}

// S, and z with normaliser, of every head, whatever the length.
double state_elements(const ModelShape& shape, double /*tokens*/) {
  const double d = shape.head_dim();
  return shape.settings.heads * (d * d + (normalises(shape) ? d : 0));
}

// q, k, v as they come; phi(q), phi(k), values and sums with a last column; denominators; weights
// within the chunks; states.
AttentionElements attention_elements(const ModelShape& shape, double sequences, double positions) {
  const Chunked c(shape, sequences, positions, sum_chunk(shape.head_dim()));
  const double column = normalises(shape) ? c.filled / shape.head_dim() : 0;
  return {.kept = 3 * c.features + 4 * c.filled + 2 * column + c.heads + c.scores +
                  (c.several() ? c.states : 0),
          .passing = 6 * c.features + 2 * c.scores};
}

FusedElements fused_elements(const ModelShape& shape) {
  return {.scratch = pair_scratch(shape, 8, recurrent_block), .remembered = fused_state(shape)};
}

}  // namespace

ArchitectureEntry linear_entry() {
  return {
      .name = "linear",
      .source =
          "Katharopoulos et al., Transformers are RNNs, 2020: phi(q) S / (phi(q) z), no scaling",
      .options = {{.name = "phi",
                   .default_value = "elu",
                   .words = {"elu", "relu", "exp"},
                   .meaning =
                       "feature map; elu: elu(x) + 1, relu: max(x, 0), exp: exp(min(x, 30))"},
                  {.name = "normalise",
                   .default_value = true,
                   .meaning = "divide by the sum of the weights, phi(q) z, taken as at least 1e-6; "
                              "false: phi(q) S alone",
                   .later = true}},
      .attention_flops = attention_flops,
      .state_elements = state_elements,
      .attention_elements = attention_elements,
      .fused_elements = fused_elements};
}

}  // namespace surd::spec
