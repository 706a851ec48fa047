#include "spec/architecture.hpp"

namespace surd::spec {

namespace {

// Position i sees i + 1 keys; a score and a weighted value are D multiply-adds each.
double attention_flops(const ModelShape& shape, double tokens) {
  return 4.0 * shape.hidden * tokens * (tokens + 1) / 2;
}

// Keys and values of every token.
double state_elements(const ModelShape& shape, double tokens) {
  return 2.0 * shape.hidden * tokens;
}

// q, k, v and the weights; the weights' and the scores' gradients at once.
AttentionElements attention_elements(const ModelShape& shape, double sequences, double positions) {
  const double features = sequences * positions * shape.hidden,
               weights = sequences * shape.settings.heads * positions * positions;
  return {
      .kept = 3 * features + weights, .passing = 4 * features + 2 * weights, .weights = weights};
}

FusedElements fused_elements(const ModelShape& shape) {
  return {.scratch = pair_scratch(shape, 8, recurrent_block),
          .remembered = fused_keys_and_values(shape)};
}

bool keeps_no_weights(const ModelShape& shape, Precision precision) {
  return shape.settings.dropout == 0 && precision == Precision::fp32 && shape.head_dim() % 4 == 0;
}

}  // namespace

ArchitectureEntry standard_entry() {
  return {.name = "standard",
          .source =
              "Vaswani et al., Attention is all you need, 2017: softmax(q k^T / sqrt(D/H)), causal",
          .options = {},
          .attention_flops = attention_flops,
          .state_elements = state_elements,
          .attention_elements = attention_elements,
          .fused_elements = fused_elements,
          .keeps_no_weights = keeps_no_weights};
}

}  // namespace surd::spec
