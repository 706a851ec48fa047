#include "base/portable.hpp"
#include "spec/architecture.hpp"
#include "spec/chunked.hpp"

namespace surd::spec {

namespace {

// Per token and head of d dimensions: gamma S is d^2 products, adding k^T v and q S are d^2
// multiply-adds each.
double attention_flops(const ModelShape& shape, double tokens) {
  const double d = shape.head_dim();
  return shape.settings.heads * 5 * d * d * tokens;
}

double state_elements(const ModelShape& shape, double /*tokens*/) {
  const double d = shape.head_dim();
  return shape.settings.heads * d * d;
}

// q, k, v, q and k times decays, sums; products and weights within the chunks, and the decays
// there; what the norm keeps; states. A single chunk is no copy of q, k and v.
AttentionElements attention_elements(const ModelShape& shape, double sequences, double positions) {
  const Chunked c(shape, sequences, positions, scan_chunk(shape.head_dim()));
  const double made = c.several() ? 5 * c.filled + c.states : 4 * c.features;
  return {.kept = made + c.filled + c.scores + c.scores / c.count + 2 * c.heads,
          .passing = 4 * c.filled + 2 * c.scores};
}

FusedElements fused_elements(const ModelShape& shape) {
  return {.scratch = pair_scratch(shape, 8, recurrent_block), .remembered = fused_state(shape)};
}

}  // namespace

double retention_decay(const ModelShape& shape, int head) {
  return 1 - portable::exp2(
                 -(required<double>(shape.architecture.options, "decay", "retention") + head));
}

ArchitectureEntry retention_entry() {
  return {.name = "retention",
          .source =
              "Sun et al., Retentive network, 2023, equations 5 to 8 without the gate: S = gamma S "
              "+ k^T v, q S / sqrt d, each head normalised",
          .options = {{.name = "decay",
                       .default_value = 5.0,
                       .low = 0,
                       .high = 64,
                       .meaning = "head h forgets by gamma = 1 - 2^-(decay + h) a token"},
                      {.name = "normalise",
                       .default_value = true,
                       .meaning = "the output of a head is brought to mean 0 and variance 1 over "
                                  "its d dimensions, without parameters"}},
          .attention_flops = attention_flops,
          .state_elements = state_elements,
          .attention_elements = attention_elements,
          .fused_elements = fused_elements};
}

}  // namespace surd::spec
