#include <algorithm>

#include "spec/architecture.hpp"

namespace surd::spec {

namespace {

double attention_flops(const ModelShape& shape, double tokens) { return 4.0 * shape.hidden * window_pairs(tokens, sliding_window(shape)); }

// Keys and values of the last w tokens.
double state_elements(const ModelShape& shape, double tokens) { return 2.0 * shape.hidden * std::min<double>(tokens, sliding_window(shape)); }

}  // namespace

int sliding_window(const ModelShape& shape) {
  const int fixed = required<int>(shape.architecture.options, "window", "sliding_window");
  return fixed > 0 ? fixed : root_block(shape.length);
}

double window_pairs(double tokens, double window) {
  const double begin = std::min(tokens, window);
  return begin * (begin + 1) / 2 + (tokens - begin) * window;
}

ArchitectureEntry sliding_window_entry() {
  return {
      .name = "sliding_window",
      .source = "Beltagy et al., Longformer, 2020, section 3.1, causal: softmax over the last w positions, its own included",
      .options = {{.name = "window", .default_value = 0, .low = 0, .high = 65536, .meaning = "positions w that one sees; 0: 2^floor(log2 sqrt L)"}},
      .attention_flops = attention_flops,
      .state_elements = state_elements};
}

}  // namespace surd::spec
