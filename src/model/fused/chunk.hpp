// Forward and backward of the whole Transformer on one chunk: a few whole sequences whose activations stay near the caches.
// Activations are feature-major, x[feature][token] with tokens in the lanes of vectors, so that every width fills them and nothing along a token's
// features (LayerNorm, softmax over the vocabulary) needs sums across lanes. Sequences follow each other without padding; the chunk ends with less
// than a tile of empty columns, whose activations are finite and whose gradients are zero.
// Letters: D hidden, H heads, d head dimension, F feed-forward, V vocabulary, T tokens, S sequences, M supervised positions, N out, K in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "spec/architecture.hpp"

namespace surd::model::fused {

using spec::tile_tokens, spec::segment_tokens, spec::query_panel, spec::key_panel, spec::recurrent_block;
// Powers of a decay: in a rising table gamma^n is at n + tile, in a falling one at block - n; 0 for negative n.
constexpr int decay_entries = recurrent_block + 2 * tile_tokens;
// What the delta rule keeps of a tile of positions, and its scratch for one (delta_cpu.hpp). d: head dimension.
constexpr std::ptrdiff_t delta_tile_size(std::ptrdiff_t d) { return d * d + 3 * tile_tokens * d + (tile_tokens + 3) * tile_tokens; }
constexpr std::ptrdiff_t delta_work_size(std::ptrdiff_t d) { return d * d + 7 * tile_tokens * d + 4 * tile_tokens * tile_tokens; }
constexpr int round_to_tiles(int tokens) { return (tokens + tile_tokens - 1) / tile_tokens * tile_tokens; }

enum class AttentionKind { softmax, recurrent, delta };
// Which keys a position sees: all up to itself; those of its own block and the tails of all earlier ones; the last `block`; the last `block`, and the
// tails of all earlier blocks, counted back from the position.
enum class Pattern { all, blocks, window, strides };
enum class FeatureMap { elu, relu, exp, identity };
enum class Finish { none, divide, normalise, unit_rms };  // by the sum of the weights; to mean 0 and variance 1, to root mean square 1 over a head

struct Sizes {
  int D, H, d, F, V, layers;
  spec::Activation activation;
  AttentionKind attention;
  int inputs;          // rows of q, k, v and of the architecture's further projections, one after the other, each [H][its features]: 3 D + ...
  double dropout = 0;  // share, in training
  // softmax
  Pattern pattern = Pattern::all;
  int block = 0;  // B
  int tail = 0;   // positions at the end of a block that are seen from later ones
  // recurrent
  FeatureMap map = FeatureMap::identity;
  Finish finish = Finish::none;
  std::vector<double> decays = {};  // gamma of each head; empty: 1
  bool gated = false;               // a decay of each token and dimension; its rows of `inputs` follow those of v
};
inline int state_block(const Sizes& sizes) { return sizes.gated ? spec::gated_chunk : recurrent_block; }
Sizes sizes(const spec::ModelShape& shape);  // of a shape that fused_supports()

// A linear layer y = weight x + bias and where its gradient is summed.
struct Affine {
  int N = 0, K = 0;
  float *weight = nullptr, *transposed = nullptr, *bias = nullptr;  // [N][K], [K][N], [N]
  float *weight_gradient = nullptr, *bias_gradient = nullptr;       // [N][K], [N]
};

// Rotary positions: rows of cosines and of sines, one a pair of features, a column a position; null where positions are not rotary.
struct Rotation {
  int pairs = 0;
  const float *cosine = nullptr, *sine = nullptr;  // [pairs][ld]
  std::ptrdiff_t ld = 0;                           // readable for a tile beyond the last position
};

// One lane's weights as the kernels want them; those of LayerNorm are folded into the linear layer that follows, but for the embedding's.
struct Weights {
  struct Layer {
    Affine c_attn, attn_proj, c_fc, mlp_proj;  // c_attn: with the further projections, [inputs][D]
  };
  const float *token = nullptr, *position = nullptr;  // [V][D], [L][D] or null: nothing is added
  Rotation rotation;
  const float *norm_weight = nullptr, *norm_bias = nullptr;  // [D]
  float *token_gradient = nullptr, *position_gradient = nullptr, *norm_weight_gradient = nullptr, *norm_bias_gradient = nullptr;
  std::vector<Layer> layers;
  Affine head;
};

struct Chunk {
  std::span<const std::int32_t> tokens;         // [T]
  std::span<const std::int32_t> starts;         // [S + 1]; tokens[0] is at starts[0]
  std::span<const std::int32_t> rows;           // [M] counted as starts are
  std::span<const std::int32_t> labels;         // [M]
  std::span<const std::uint32_t> streams = {};  // [S] where dropout drops: dropout_stream (packing.hpp) of each sequence; otherwise empty
  int T() const { return static_cast<int>(tokens.size()); }
  int M() const { return static_cast<int>(rows.size()); }
};

// What attention needs for one head of one sequence. p: positions of the longest sequence, s: keys of each query beyond the
// first list's, both in whole tiles.
struct AttentionScratch {
  std::ptrdiff_t ld;                           // of the rows [p]
  float* scores;                               // [p + s][tile]
  float *tile_weights, *tile_slopes;           // [query panel][tile], [query panel][key panel + tile]
  float *q, *g, *dq;                           // [d][p], [d + 1][p], [d][p]
  float *k, *v, *dk;                           // recurrent: [d][p], [d + 1][p], [d][p]
  float *states, *later;                       // recurrent: [blocks][d + 1][d], [d + 1][d]
  float *far_q, *far_k, *far_v;                // with decays: [d + 1][p], [d][p], [d + 1][p]
  float* decay;                                // with decays: [H][2]: a rising and a falling table
  float *q_factor, *k_factor;                  // gated: [d][p] what q and k are multiplied by
  float* block_decays;                         // gated: [blocks][2][d] from the middle of the block before to the start, from there to the middle
  float *tiles, *work;                         // delta: [p / tile][delta_tile_size], [delta_work_size]
  float *seen_k, *seen_v, *seen_dk, *seen_dv;  // blocks: [d][s]
  float *from, *to, *seen_from, *seen_to;      // [p], [p], [s], [s] the queries that see a key
  std::ptrdiff_t seen_ld;
  // With dropout: the streams of the queries' weights [p + tile], and what a key adds to them, [p] and [s].
  std::uint32_t *query_streams = nullptr, *key_places = nullptr, *seen_places = nullptr;
};

// Activations and scratch for chunks of up to `columns` tokens and sequences of up to `longest`; grows when asked and is never freed in between.
class Buffers {
 public:
  struct Layer {
    float *normal_1, *rate_1;  // [D], [1]
    float *qkv, *statistics;   // [inputs], [2 H]
    float* attended;           // [D]
    float *normal_2, *rate_2;  // [D], [1]
    float *value, *slope;      // [F] activation and its derivative
  };

  explicit Buffers(const Sizes& sizes) : sizes_(sizes) {}
  void reserve(int columns, int longest);

  // All rows have stride ld.
  std::ptrdiff_t ld = 0;
  float *embedded_normal, *embedded_rate;
  float *x, *x_rows, *attended_rows;  // [D]; _rows: supervised columns only
  std::vector<Layer> layers;
  float *final_normal, *final_rate, *logits;                 // [D], [1], [V]
  float *dx, *dx_rows, *g, *dattended, *dattended_rows;      // [D]
  float *dqkv, *dvalue;                                      // [inputs], [F]
  std::uint32_t *streams = nullptr, *stream_rows = nullptr;  // [1] of the tokens, with dropout
  AttentionScratch attention;

 private:
  Sizes sizes_;
  int columns_ = 0, longest_ = 0;
  std::vector<float> memory_;
  std::vector<std::uint32_t> words_;
};

// Adds the chunk's gradients to weights and returns its sum of cross-entropies.
double gradient(const Sizes& sizes, const Weights& weights, const Chunk& chunk, Buffers& buffers);
// predicted[M]: arg max at the supervised positions. Returns the sum of cross-entropies.
double predict(const Sizes& sizes, const Weights& weights, const Chunk& chunk, Buffers& buffers, std::int32_t* predicted);

}  // namespace surd::model::fused
