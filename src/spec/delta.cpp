#include "spec/architecture.hpp"
#include "spec/chunked.hpp"

namespace surd::spec {

namespace {

// Per token and head of d dimensions: k S, adding k^T u and q S are d^2 multiply-adds each, u =
// beta (v - k S) is 2 d operations.
double attention_flops(const ModelShape& shape, double tokens) {
  const double d = shape.head_dim();
  return shape.settings.heads * (6 * d * d + 2 * d) * tokens;
}

double state_elements(const ModelShape& shape, double /*tokens*/) {
  const double d = shape.head_dim();
  return shape.settings.heads * d * d;
}

// q, k, v as they come, SiLU of two; q, k, v, weighted keys, the system's two solutions, values,
// sums; the system and the weights within the chunks; lengths and rates; states.
AttentionElements attention_elements(const ModelShape& shape, double sequences, double positions) {
  const Chunked c(shape, sequences, positions, scan_chunk(shape.head_dim()));
  return {.kept = 5 * c.features + 8 * c.filled + 2 * c.scores + 6 * c.heads + c.states,
          .passing = 4 * c.filled + 2 * c.scores};
}

// How far a token's value replaces what its key has held.
std::vector<Projection> own_projections(const ModelShape& /*shape*/) {
  return {{.name = "beta", .features = 1}};
}

// What the backward pass needs of every tile of positions, and the scratch of one
// (model/attention/delta_cpu.cpp).
FusedElements fused_elements(const ModelShape& shape) {
  const double d = shape.head_dim(), tile = tile_tokens, p = whole_tiles(shape.positions) + tile;
  return {
      .scratch = (p / tile + 1) * (d * d + 3 * tile * d) + p * (tile + 3) + 4 * tile * (tile + d),
      .remembered = fused_state(shape)};
}

}  // namespace

ArchitectureEntry delta_entry() {
  return {.name = "delta",
          .source =
              "Yang et al., Parallelizing linear Transformers with the delta rule, 2024: S = S + "
              "beta k^T (v - k S), q S, beta = sigmoid(x W + b)",
          .options = {{.name = "normalise",
                       .default_value = true,
                       .meaning = "the output of a head is brought to root mean square 1 over its "
                                  "d dimensions, without parameters"}},
          .attention_flops = attention_flops,
          .state_elements = state_elements,
          .attention_elements = attention_elements,
          .fused_elements = fused_elements,
          .projections = own_projections};
}

}  // namespace surd::spec
