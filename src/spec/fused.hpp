// Block sizes of the CPU's fused program (model/fused), defined here because its memory follows
// from them; and what its attention kernels take.
#pragma once

#include "spec/model.hpp"

namespace surd::spec {

// Positions in the lanes of vectors at once: rows are stored in whole tiles.
constexpr int tile_tokens = 16;
// Tokens that go through the layers' products at once: few enough for the caches, enough to pay for
// adding to the weights' gradients.
constexpr int segment_tokens = 256;
// Panels of attention's backward pass, multiples of the tile.
constexpr int query_panel = 64;
constexpr int key_panel = 128;
// Positions between two states of attention with a state; gated_linear's are gated_chunk.
constexpr int recurrent_block = 64;

// Elements that an architecture's attention takes in the fused program.
struct FusedElements {
  double scratch = 0;     // for one head of one sequence of shape.positions
  double remembered = 0;  // by generation, of one sequence and layer, all heads
};

double whole_tiles(double tokens);  // rounded up to them
// Scratch of kernels that work on pairs of positions (model/attention/pairs_cpu.hpp): `rows` of d
// numbers a position, and a state every `block`.
double pair_scratch(const ModelShape& shape, double rows, double block);
// A head's state [d + 1][d], all heads; and the keys and values of every position.
double fused_state(const ModelShape& shape);
double fused_keys_and_values(const ModelShape& shape);
// Sequences that generation walks through in step, by the elements that it remembers of one, all
// layers: whole tiles, and no more than what stays near the caches, while products need some
// columns.
int sequences_in_step(double remembered);

}  // namespace surd::spec
