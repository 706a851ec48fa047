#include <algorithm>
#include <cmath>

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
  return {whole, tokens - whole * size, size,
          std::min(required<double>(shape.architecture.options, "c", "sparse"), size)};
}

// Pairs (position, visible key). fixed: within a block 1 + 2 + ... + B; each position of block b
// (from 0) sees min(c, B) keys of each of the b blocks before. strided: the last B positions; and
// the a-th block back, which begins to be seen at position a B, like a window of min(c, B).
double pairs(const ModelShape& shape, double tokens) {
  const auto [whole, rest, size, summary] = blocks(shape, tokens);
  if (sparse_strided(shape)) {
    double seen = window_pairs(tokens, size);
    for (double start = size; start < tokens; start += size)
      seen += window_pairs(tokens - start, summary);
    return seen;
  }
  const double own = whole * size * (size + 1) / 2 + rest * (rest + 1) / 2;
  return own + summary * (size * whole * (whole - 1) / 2 + rest * whole);
}

double attention_flops(const ModelShape& shape, double tokens) {
  return 4.0 * shape.hidden * pairs(shape, tokens);
}

// Keys and values. fixed: of the block that has begun and of the last c positions of each finished
// one. strided: of every token, since each is seen again B positions later.
double state_elements(const ModelShape& shape, double tokens) {
  if (sparse_strided(shape)) return 2.0 * shape.hidden * tokens;
  const auto [whole, rest, size, summary] = blocks(shape, tokens);
  return 2.0 * shape.hidden * (rest + summary * whole);
}

// Weights over a position's own block or window and over the far keys, and a copy of each part;
// fixed: q, k, v, and the tails of keys and values; strided: scaled q, two windows of keys and of
// values, q in strides, and of keys and values one for each far key of a block.
AttentionElements attention_elements(const ModelShape& shape, double sequences, double positions) {
  const auto [whole, rest, block, tail] = blocks(shape, positions);
  const double features = sequences * positions * shape.hidden,
               rows = sequences * shape.settings.heads * positions;
  const double count = std::ceil(positions / block), far = count > 1 ? tail : 0;
  if (sparse_strided(shape)) {
    const double weights =
        rows * (band_columns(positions, band_chunk(positions, block)) + far * count);
    return {.kept = (6 + 2 * far) * features + 2 * weights,
            .passing = 4 * features + 2 * weights,
            .weights = weights};
  }
  const double weights = rows * count * block / positions * (block + (count - 1) * far);
  return {.kept = 3 * features + weights + rows * block +
                  2 * sequences * (count - 1) * far * shape.hidden,
          .passing = 4 * features + 2 * weights,
          .weights = weights};
}

FusedElements fused_elements(const ModelShape& shape) {
  return {.scratch = pair_scratch(shape, 8, recurrent_block),
          .remembered = fused_keys_and_values(shape)};
}

}  // namespace

int sparse_block(const ModelShape& shape) {
  const int fixed = required<int>(shape.architecture.options, "block", "sparse");
  return fixed > 0 ? fixed : root_block(shape.length);
}

bool sparse_strided(const ModelShape& shape) {
  return required<std::string>(shape.architecture.options, "pattern", "sparse") == "strided";
}

ArchitectureEntry sparse_entry() {
  return {.name = "sparse",
          .source =
              "Child et al., Generating long sequences with sparse Transformers, 2019, section "
              "4.2: own block, last c positions of every earlier one",
          .options = {{.name = "c",
                       .default_value = 1,
                       .low = 1,
                       .high = 65536,
                       .meaning = "positions at the end of a block that are seen from later ones"},
                      {.name = "block",
                       .default_value = 0,
                       .low = 0,
                       .high = 65536,
                       .meaning = "block length B; 0: 2^floor(log2 sqrt L)"},
                      {.name = "pattern",
                       .default_value = "fixed",
                       .words = {"fixed", "strided"},
                       .meaning = "fixed: blocks start at multiples of B; strided: position i "
                                  "counts its blocks back from itself, so that it sees the "
                                  "last B positions and every j with (i - j) mod B < c",
                       .later = true}},
          .attention_flops = attention_flops,
          .state_elements = state_elements,
          .attention_elements = attention_elements,
          .fused_elements = fused_elements};
}

}  // namespace surd::spec
