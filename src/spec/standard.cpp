#include "spec/architecture.hpp"

namespace surd::spec {

namespace {

// Position i sees i + 1 keys; a score and a weighted value are D multiply-adds each.
double attention_flops(const ModelShape& shape, double tokens) { return 4.0 * shape.hidden * tokens * (tokens + 1) / 2; }

// Keys and values of every token.
double state_elements(const ModelShape& shape, double tokens) { return 2.0 * shape.hidden * tokens; }

// q, k, v and the weights; the weights' and the scores' gradients at once.
AttentionElements attention_elements(const ModelShape& shape, double sequences, double positions) {
  const double features = sequences * positions * shape.hidden, weights = sequences * shape.settings.heads * positions * positions;
  return {.kept = 3 * features + weights, .passing = 4 * features + 2 * weights, .weights = weights};
}

}  // namespace

ArchitectureEntry standard_entry() {
  return {.name = "standard",
          .source = "Vaswani et al., Attention is all you need, 2017: softmax(q k^T / sqrt(D/H)), causal",
          .options = {},
          .attention_flops = attention_flops,
          .state_elements = state_elements,
          .attention_elements = attention_elements,
          .cpu_kernels = true};
}

}  // namespace surd::spec
