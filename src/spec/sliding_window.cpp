#include <algorithm>
#include <cmath>

#include "spec/architecture.hpp"

namespace surd::spec {

namespace {

double attention_flops(const ModelShape& shape, double tokens) {
  return 4.0 * shape.hidden * window_pairs(tokens, sliding_window(shape));
}

// Keys and values of the last w tokens.
double state_elements(const ModelShape& shape, double tokens) {
  return 2.0 * shape.hidden * std::min<double>(tokens, sliding_window(shape));
}

// Scaled q, two windows of keys and of values; the weights, once more where they must be filled up.
AttentionElements attention_elements(const ModelShape& shape, double sequences, double positions) {
  const double features = sequences * positions * shape.hidden,
               chunk = band_chunk(positions, sliding_window(shape));
  const double weights =
      sequences * shape.settings.heads * positions * band_columns(positions, chunk);
  const bool filled = std::fmod(positions, chunk) != 0;
  return {.kept = 5 * features + (filled ? 2 : 1) * weights,
          .passing = 5 * features + 2 * weights,
          .weights = weights};
}

FusedElements fused_elements(const ModelShape& shape) {
  return {.scratch = pair_scratch(shape, 8, recurrent_block),
          .remembered = fused_keys_and_values(shape)};
}

}  // namespace

double band_chunk(double positions, double window) {
  return std::min<double>(positions, std::max<double>(window, smallest_band_chunk));
}
double band_columns(double positions, double chunk) {
  return positions > chunk ? 2 * chunk : chunk;
}

int sliding_window(const ModelShape& shape) {
  const int fixed = required<int>(shape.architecture.options, "window", "sliding_window");
  return fixed > 0 ? fixed : root_block(shape.length);
}

double window_pairs(double tokens, double window) {
  const double begin = std::min(tokens, window);
  return begin * (begin + 1) / 2 + (tokens - begin) * window;
}

ArchitectureEntry sliding_window_entry() {
  return {.name = "sliding_window",
          .source =
              "Beltagy et al., Longformer, 2020, section 3.1, causal: softmax over the last w "
              "positions, its own included",
          .options = {{.name = "window",
                       .default_value = 0,
                       .low = 0,
                       .high = 65536,
                       .meaning = "positions w that one sees; 0: 2^floor(log2 sqrt L)"}},
          .attention_flops = attention_flops,
          .state_elements = state_elements,
          .attention_elements = attention_elements,
          .fused_elements = fused_elements};
}

}  // namespace surd::spec
