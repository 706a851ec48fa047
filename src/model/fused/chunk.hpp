// Forward and backward of the whole Transformer on one chunk: a few whole sequences whose
// activations stay near the caches. Activations are feature-major, x[feature][token] with tokens in
// the lanes of vectors, so that every width fills them and nothing along a token's features
// (LayerNorm, softmax over the vocabulary) needs sums across lanes. Sequences follow each other
// without padding; the chunk ends with less than a tile of empty columns, whose activations are
// finite and whose gradients are zero. Letters: D hidden, H heads, d head dimension, F
// feed-forward, V vocabulary, T tokens, S sequences, M supervised positions, N out, K in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "model/fused/kernel.hpp"

namespace surd::model::fused {

using spec::segment_tokens;

struct Sizes {
  int D, H, d, F, V, layers;
  spec::Activation activation;
  int inputs;  // rows of q, k, v and of the architecture's further projections, one after the
               // other, each [H][its features]: 3 D + ...
  double dropout = 0;  // share, in training
};
Sizes sizes(const spec::ModelShape& shape);  // of a shape that fused_supports()

// A linear layer y = weight x + bias and where its gradient is summed.
struct Affine {
  int N = 0, K = 0;
  float *weight = nullptr, *transposed = nullptr, *bias = nullptr;  // [N][K], [K][N], [N]
  float *weight_gradient = nullptr, *bias_gradient = nullptr;       // [N][K], [N]
};

// Rotary positions: rows of cosines and of sines, one a pair of features, a column a position; null
// where positions are not rotary.
struct Rotation {
  int pairs = 0;
  const float *cosine = nullptr, *sine = nullptr;  // [pairs][ld]
  std::ptrdiff_t ld = 0;                           // readable for a tile beyond the last position
};

// One lane's weights as the kernels want them; those of LayerNorm are folded into the linear layer
// that follows, but for the embedding's.
struct Weights {
  struct Layer {
    Affine c_attn, attn_proj, c_fc, mlp_proj;  // c_attn: with the further projections, [inputs][D]
  };
  const float *token = nullptr, *position = nullptr;  // [V][D], [L][D] or null: nothing is added
  Rotation rotation;
  const float *norm_weight = nullptr, *norm_bias = nullptr;  // [D]
  float *token_gradient = nullptr, *position_gradient = nullptr, *norm_weight_gradient = nullptr,
        *norm_bias_gradient = nullptr;
  std::vector<Layer> layers;
  Affine head;
};

struct Chunk {
  std::span<const std::int32_t> tokens;         // [T]
  std::span<const std::int32_t> starts;         // [S + 1]; tokens[0] is at starts[0]
  std::span<const std::int32_t> rows;           // [M] counted as starts are
  std::span<const std::int32_t> labels;         // [M]
  std::span<const std::uint32_t> streams = {};  // [S] where dropout drops: dropout_stream
                                                // (packing.hpp) of each sequence; otherwise empty
  int T() const { return static_cast<int>(tokens.size()); }
  int M() const { return static_cast<int>(rows.size()); }
};

// Activations and scratch for chunks of up to `columns` tokens and sequences of up to `longest`;
// grows when asked and is never freed in between.
class Buffers {
 public:
  struct Layer {
    float *normal_1, *rate_1;  // [D], [1]
    float *qkv, *statistics;   // [inputs], [2 H]
    float* attended;           // [D]
    float *normal_2, *rate_2;  // [D], [1]
    float *value, *slope;      // [F] activation and its derivative
  };

  explicit Buffers(const spec::ModelShape& shape)
      : attention(make_kernel(shape)), sizes_(sizes(shape)) {}
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
  std::unique_ptr<AttentionKernel> attention;

 private:
  Sizes sizes_;
  int columns_ = 0, longest_ = 0;
  std::vector<float> memory_;
  std::vector<std::uint32_t> words_;
};

// Adds the chunk's gradients to weights and returns its sum of cross-entropies.
double gradient(const Sizes& sizes, const Weights& weights, const Chunk& chunk, Buffers& buffers);
// predicted[M]: arg max at the supervised positions. Returns the sum of cross-entropies.
double predict(const Sizes& sizes, const Weights& weights, const Chunk& chunk, Buffers& buffers,
               std::int32_t* predicted);

}  // namespace surd::model::fused
