#include "spec/fused.hpp"

#include <cmath>

namespace surd::spec {

double whole_tiles(double tokens) { return std::ceil(tokens / tile_tokens) * tile_tokens; }

double pair_scratch(const ModelShape& shape, double rows, double block) {
  const double d = shape.head_dim(), p = whole_tiles(shape.positions) + tile_tokens;
  return p * (2 * tile_tokens + rows * d) + p / block * d * (d + 1) +
         query_panel * (key_panel + 2 * tile_tokens);
}

double fused_state(const ModelShape& shape) {
  return shape.settings.heads * (shape.head_dim() + 1.0) * shape.head_dim();
}
double fused_keys_and_values(const ModelShape& shape) {
  return 2.0 * shape.hidden * shape.positions;
}

int sequences_in_step(double remembered) {
  constexpr double bytes_at_once = 2.0 * 1024 * 1024;
  const double fit = bytes_at_once / (sizeof(float) * remembered);
  return fit >= 64 ? 64 : fit >= 48 ? 48 : 32;
}

}  // namespace surd::spec
