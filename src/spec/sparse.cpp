#include <algorithm>
#include <cmath>
#include <cstdint>

#include "spec/architecture.hpp"

namespace surd::spec {

namespace {

struct Blocks {
  double whole;    // full blocks k in `tokens`
  double rest;     // tokens in the block that has begun
  double size;     // B
  double summary;  // positions that later blocks see of an earlier one: min(c, B)
};

Blocks blocks(const ModelShape& shape, double tokens) {
  const double size = sparse_block(shape);
  const double whole = std::floor(tokens / size);
  return {whole, tokens - whole * size, size, std::min(required<double>(shape.architecture.options, "c", "sparse"), size)};
}

// Pairs (position, visible key): within a block 1 + 2 + ... + B; each position of block b (from 0) sees min(c, B) keys of each of the b blocks
// before.
double attention_flops(const ModelShape& shape, double tokens) {
  const auto [whole, rest, size, summary] = blocks(shape, tokens);
  const double own = whole * size * (size + 1) / 2 + rest * (rest + 1) / 2;
  const double earlier = summary * (size * whole * (whole - 1) / 2 + rest * whole);
  return 4.0 * shape.hidden * (own + earlier);
}

// Keys and values of the block that has begun and of the last c positions of each finished one.
double state_elements(const ModelShape& shape, double tokens) {
  const auto [whole, rest, size, summary] = blocks(shape, tokens);
  return 2.0 * shape.hidden * (rest + summary * whole);
}

}  // namespace

int sparse_block(const ModelShape& shape) {
  const int fixed = required<int>(shape.architecture.options, "block", "sparse");
  if (fixed > 0) return fixed;
  int block = 1;  // the largest power of two whose square is at most L
  while (std::int64_t{4} * block * block <= shape.length) block *= 2;
  return block;
}

ArchitectureEntry sparse_entry() {
  return {
      .name = "sparse",
      .source =
          "Child et al., Generating long sequences with sparse Transformers, 2019 (fixed pattern): own block, last c positions of every earlier one",
      .options = {{.name = "c", .default_value = 1, .low = 1, .high = 65536, .meaning = "positions at the end of a block that all later blocks see"},
                  {.name = "block", .default_value = 0, .low = 0, .high = 65536, .meaning = "block length B; 0: 2^floor(log2 sqrt L)"}},
      .attention_flops = attention_flops,
      .state_elements = state_elements};
}

}  // namespace surd::spec
