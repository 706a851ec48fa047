#include "model/fused/chunk.hpp"
#include "model/fused/targets.hpp"
#define HWY_TARGET_INCLUDE "model/fused/chunk.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <optional>

#include "model/fused/activation.hpp"
#include "model/fused/affine.hpp"
#include "model/fused/dropout.hpp"
#include "model/fused/loss.hpp"
#include "model/fused/norm.hpp"
#include "model/fused/rotary.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

// Empties the columns from T to the end of its tile, and a tile more.
inline void clear_tail(int D, int T, std::ptrdiff_t ld, float* x) {
  for (int d = 0; d < D; ++d)
    std::fill(x + d * ld + T, x + d * ld + round_to_tiles(T) + tile, 0.0F);
}

// The forward and backward passes of one chunk. `every` columns exist up to the last layer's
// attention; from there on only the supervised ones do.
class Pass {
 public:
  Pass(const Sizes& sizes, const Weights& weights, const Chunk& chunk, const Buffers& buffers)
      : z_(sizes),
        w_(weights),
        c_(chunk),
        b_(buffers),
        every_(round_to_tiles(chunk.T())),
        supervised_(round_to_tiles(chunk.M())),
        dropping_(!chunk.streams.empty()) {
    if (dropping_) {
      drop_ = make_drop(z_.dropout);
      list_token_streams();
    }
  }

  // Fills b_.logits [V][M].
  void forward() {
    embed();
    for (int l = 0; l < z_.layers; ++l) {
      const Weights::Layer& w = w_.layers[static_cast<std::size_t>(l)];
      const Buffers::Layer& b = b_.layers[static_cast<std::size_t>(l)];
      in_segments(every_, [&](int t, int T) {
        normalise(z_.D, T, b_.x + t, b_.ld, b.normal_1 + t, b.rate_1 + t);
        apply(w.c_attn, T, b.normal_1 + t, b_.ld, false, b.qkv + t);
      });
      attend(l, b);
      if (last(l)) {
        gather(b_.x, b_.x_rows);
        gather(b.attended, b_.attended_rows);
      }
      in_segments(columns(l), [&](int t, int T) {
        float* const x = (last(l) ? b_.x_rows : b_.x) + t;
        add_output(w.attn_proj, l, dropout_hash::attended_site(l), t, T,
                   (last(l) ? b_.attended_rows : b.attended) + t, x);
        normalise(z_.D, T, x, b_.ld, b.normal_2 + t, b.rate_2 + t);
        apply(w.c_fc, T, b.normal_2 + t, b_.ld, false, b.slope + t);
        activate(z_.activation, z_.F, T, b_.ld, b.value + t, b.slope + t);
        add_output(w.mlp_proj, l, dropout_hash::mlp_site(l), t, T, b.value + t, x);
      });
    }
    in_segments(supervised_, [&](int t, int T) {
      normalise(z_.D, T, b_.x_rows + t, b_.ld, b_.final_normal + t, b_.final_rate + t);
      apply(w_.head, T, b_.final_normal + t, b_.ld, false, b_.logits + t);
    });
  }

  // Takes the logits' gradient in b_.logits. The scratch of a segment is the same for all of them,
  // so that it stays in the caches.
  void backward() {
    in_segments(supervised_, [&](int t, int T) {
      apply_backward(w_.head, T, b_.final_normal + t, b_.logits + t, b_.ld, b_.g);
      normalise_backward(z_.D, T, b_.g, b_.final_normal + t, b_.final_rate + t, b_.ld, false,
                         b_.dx_rows + t);
    });
    for (int l = z_.layers - 1; l >= 0; --l) {
      const Weights::Layer& w = w_.layers[static_cast<std::size_t>(l)];
      const Buffers::Layer& b = b_.layers[static_cast<std::size_t>(l)];
      in_segments(columns(l), [&](int t, int T) {
        float* const dx = (last(l) ? b_.dx_rows : b_.dx) + t;
        apply_backward(w.mlp_proj, T, b.value + t, kept(l, dropout_hash::mlp_site(l), t, T, dx),
                       b_.ld, b_.dvalue);
        scale_by(z_.F, T, b.slope + t, b_.ld, b_.dvalue);
        apply_backward(w.c_fc, T, b.normal_2 + t, b_.dvalue, b_.ld, b_.g);
        normalise_backward(z_.D, T, b_.g, b.normal_2 + t, b.rate_2 + t, b_.ld, true, dx);
        apply_backward(w.attn_proj, T, (last(l) ? b_.attended_rows : b.attended) + t,
                       kept(l, dropout_hash::attended_site(l), t, T, dx), b_.ld,
                       (last(l) ? b_.dattended_rows : b_.dattended) + t);
      });
      if (last(l)) {
        scatter(b_.dx_rows, b_.dx);
        scatter(b_.dattended_rows, b_.dattended);
      }
      attend_backward(l, b);
      in_segments(every_, [&](int t, int T) {
        apply_backward(w.c_attn, T, b.normal_1 + t, b_.dqkv + t, b_.ld, b_.g);
        normalise_backward(z_.D, T, b_.g, b.normal_1 + t, b.rate_1 + t, b_.ld, true, b_.dx + t);
      });
    }
    embed_backward();
  }

 private:
  bool last(int layer) const { return layer == z_.layers - 1; }
  int columns(int layer) const { return last(layer) ? supervised_ : every_; }

  // Calls body(first column, columns) for parts whose activations stay in the caches from one
  // operation to the next, however long a sequence is.
  template <typename Body>
  static void in_segments(int columns, const Body& body) {
    for (int t = 0; t < columns; t += segment_tokens)
      body(t, std::min(segment_tokens, columns - t));
  }

  // Dropout's streams of the columns: of all tokens, and of the supervised ones side by side.
  void list_token_streams() const {
    for (std::size_t s = 0; s < c_.streams.size(); ++s) {
      list_streams(dropout_hash::stream(c_.streams[s], 0), c_.starts[s + 1] - c_.starts[s],
                   b_.streams + c_.starts[s] - c_.starts[0]);
    }
    for (int m = 0; m < c_.M(); ++m) b_.stream_rows[m] = b_.streams[c_.rows[m] - c_.starts[0]];
  }

  // x[D] += the layer's output, of which dropout drops its share; columns from t on.
  void add_output(const Affine& layer, int l, std::uint32_t site, int t, int T, const float* in,
                  float* x) const {
    apply(layer, T, in, b_.ld, !dropping_, dropping_ ? b_.g : x);
    if (dropping_)
      drop_features(drop_, site, z_.D, T, (last(l) ? b_.stream_rows : b_.streams) + t, b_.g, b_.ld,
                    true, x);
  }
  // The gradient of that output: dx itself, or in b_.g what is kept of it.
  const float* kept(int l, std::uint32_t site, int t, int T, const float* dx) const {
    if (!dropping_) return dx;
    drop_features(drop_, site, z_.D, T, (last(l) ? b_.stream_rows : b_.streams) + t, dx, b_.ld,
                  false, b_.g);
    return b_.g;
  }

  // x = norm_weight LayerNorm(token + position) + norm_bias, column by column.
  void embed() {
    for (int s = 0; s + 1 < static_cast<int>(c_.starts.size()); ++s) {
      for (int i = c_.starts[s]; i < c_.starts[s + 1]; ++i) {
        const int t = i - c_.starts[0];
        const float* const token = w_.token + static_cast<std::ptrdiff_t>(c_.tokens[t]) * z_.D;
        const float* const position =
            w_.position == nullptr
                ? nullptr
                : w_.position + static_cast<std::ptrdiff_t>(i - c_.starts[s]) * z_.D;
        for (int d = 0; d < z_.D; ++d)
          b_.x[d * b_.ld + t] = position == nullptr ? token[d] : token[d] + position[d];
      }
    }
    clear_tail(z_.D, c_.T(), b_.ld, b_.x);
    normalise(z_.D, every_, b_.x, b_.ld, b_.embedded_normal, b_.embedded_rate);
    scale_and_shift(z_.D, every_, b_.embedded_normal, b_.ld, w_.norm_weight, w_.norm_bias, b_.x);
    if (dropping_)
      drop_features(drop_, dropout_hash::embedding_site, z_.D, every_, b_.streams, b_.x, b_.ld,
                    false, b_.x);
  }

  void embed_backward() {
    if (dropping_)
      drop_features(drop_, dropout_hash::embedding_site, z_.D, every_, b_.streams, b_.dx, b_.ld,
                    false, b_.dx);
    sum_tokens(z_.D, every_, b_.dx, b_.embedded_normal, b_.ld, w_.norm_weight_gradient);
    sum_tokens(z_.D, every_, b_.dx, nullptr, b_.ld, w_.norm_bias_gradient);
    for (int d = 0; d < z_.D; ++d) {
      const Vector weight = broadcast(w_.norm_weight[d]);
      for (int t = 0; t < every_; t += width)
        store(hn::Mul(load(b_.dx + d * b_.ld + t), weight), b_.dx + d * b_.ld + t);
    }
    normalise_backward(z_.D, every_, b_.dx, b_.embedded_normal, b_.embedded_rate, b_.ld, false,
                       b_.dx);
    for (int s = 0; s + 1 < static_cast<int>(c_.starts.size()); ++s) {
      for (int i = c_.starts[s]; i < c_.starts[s + 1]; ++i) {
        const int t = i - c_.starts[0];
        float* const token = w_.token_gradient + static_cast<std::ptrdiff_t>(c_.tokens[t]) * z_.D;
        if (c_.tokens[t] != 0) {  // the pad row is no parameter
          for (int d = 0; d < z_.D; ++d) token[d] += b_.dx[d * b_.ld + t];
        }
        if (w_.position_gradient == nullptr) continue;
        float* const position =
            w_.position_gradient + static_cast<std::ptrdiff_t>(i - c_.starts[s]) * z_.D;
        for (int d = 0; d < z_.D; ++d) position[d] += b_.dx[d * b_.ld + t];
      }
    }
  }

  // The supervised columns of from[D][T], side by side.
  void gather(const float* from, float* to) const {
    for (int d = 0; d < z_.D; ++d) {
      for (int m = 0; m < c_.M(); ++m)
        to[d * b_.ld + m] = from[d * b_.ld + c_.rows[m] - c_.starts[0]];
    }
    clear_tail(z_.D, c_.M(), b_.ld, to);
  }

  // The inverse; other columns are zero.
  void scatter(const float* from, float* to) const {
    for (int d = 0; d < z_.D; ++d) {
      std::fill_n(to + d * b_.ld, every_, 0.0F);
      for (int m = 0; m < c_.M(); ++m)
        to[d * b_.ld + c_.rows[m] - c_.starts[0]] = from[d * b_.ld + m];
    }
  }

  struct Sequence {
    int index, start, length;  // which of the chunk, and its columns
    int first;  // query that matters: all do but in the last layer those before the first
                // supervised one
  };
  // Calls body(sequence, head) for all heads of one sequence after the other.
  template <typename Body>
  void for_heads(int layer, const Body& body) const {
    int m = 0;
    for (int s = 0; s + 1 < static_cast<int>(c_.starts.size()); ++s) {
      const int length = c_.starts[s + 1] - c_.starts[s];
      if (length == 0) continue;
      while (m < c_.M() && c_.rows[m] < c_.starts[s]) ++m;
      const int first = m < c_.M() ? std::min(c_.rows[m] - c_.starts[s], length) : length;
      const Sequence sequence{
          .index = s,
          .start = c_.starts[s] - c_.starts[0],
          .length = length,
          .first =
              last(layer) ? (first == length ? round_to_tiles(length) : first / tile * tile) : 0};
      b_.attention->start_sequence(length);
      for (int h = 0; h < z_.H; ++h) body(sequence, h);
    }
  }

  // Turns the queries and keys in qkv, or their gradients back.
  void rotate(bool back, float* qkv) const {
    if (w_.rotation.cosine == nullptr) return;
    for (std::size_t s = 0; s + 1 < c_.starts.size(); ++s) {
      rotate_sequence(w_.rotation, 2 * z_.H, z_.d, c_.starts[s + 1] - c_.starts[s], back,
                      qkv + c_.starts[s] - c_.starts[0], b_.ld);
    }
  }

  // Of the weights of a head in softmax attention.
  std::optional<WeightDrop> weight_drop(int layer, int sequence, int head) const {
    if (!dropping_) return std::nullopt;
    const std::uint32_t stream = dropout_hash::stream(
        c_.streams[static_cast<std::size_t>(sequence)], 1 + static_cast<std::uint32_t>(head));
    return WeightDrop{drop_, dropout_hash::stream(stream, dropout_hash::weights_site(layer))};
  }

  // Where the rows of a head begin: those of o, and of q, of which k and v are D and 2 D rows away.
  std::ptrdiff_t head_at(const Sequence& sequence, int h) const {
    return h * z_.d * b_.ld + sequence.start;
  }
  Head head(int layer, const Buffers::Layer& b, const Sequence& sequence, int h) const {
    const float* const q = b.qkv + head_at(sequence, h);
    return {.index = h,
            .length = sequence.length,
            .first = sequence.first,
            .q = q,
            .k = q + z_.D * b_.ld,
            .v = q + 2 * z_.D * b_.ld,
            .further = b.qkv + 3 * z_.D * b_.ld + sequence.start,
            .ld = b_.ld,
            .drop = weight_drop(layer, sequence.index, h)};
  }

  void attend(int layer, const Buffers::Layer& b) const {
    clear_tail(z_.inputs, c_.T(), b_.ld, b.qkv);
    rotate(false, b.qkv);
    for_heads(layer, [&](const Sequence& sequence, int h) {
      b_.attention->forward(head(layer, b, sequence, h),
                            {.o = b.attended + head_at(sequence, h),
                             .statistics = b.statistics + 2 * h * b_.ld + sequence.start});
    });
    clear_tail(z_.D, c_.T(), b_.ld, b.attended);
  }

  void attend_backward(int layer, const Buffers::Layer& b) const {
    for_heads(layer, [&](const Sequence& sequence, int h) {
      const std::ptrdiff_t at = head_at(sequence, h);
      float* const dq = b_.dqkv + at;
      b_.attention->backward(head(layer, b, sequence, h),
                             {.o = b.attended + at,
                              .statistics = b.statistics + 2 * h * b_.ld + sequence.start,
                              .go = b_.dattended + at,
                              .dq = dq,
                              .dk = dq + z_.D * b_.ld,
                              .dv = dq + 2 * z_.D * b_.ld,
                              .dfurther = b_.dqkv + 3 * z_.D * b_.ld + sequence.start});
    });
    rotate(true, b_.dqkv);
    clear_tail(z_.inputs, c_.T(), b_.ld, b_.dqkv);
  }

  const Sizes& z_;
  const Weights& w_;
  const Chunk& c_;
  const Buffers& b_;
  const int every_, supervised_;
  const bool dropping_;
  Drop drop_ = {};
};

double gradient(const Sizes& sizes, const Weights& weights, const Chunk& chunk,
                const Buffers& buffers) {
  Pass pass(sizes, weights, chunk, buffers);
  pass.forward();
  const double loss =
      cross_entropy(sizes.V, chunk.M(), chunk.labels.data(), buffers.logits, buffers.ld);
  pass.backward();
  return loss;
}

double predict(const Sizes& sizes, const Weights& weights, const Chunk& chunk,
               const Buffers& buffers, std::int32_t* predicted) {
  Pass(sizes, weights, chunk, buffers).forward();
  arg_max(sizes.V, chunk.M(), buffers.logits, buffers.ld, predicted);
  return cross_entropy(sizes.V, chunk.M(), chunk.labels.data(), buffers.logits, buffers.ld);
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace surd::model::fused {

HWY_EXPORT(gradient);
HWY_EXPORT(predict);

namespace {

void reserve(Buffers& buffers, const Chunk& chunk) {
  int longest = 0;
  for (std::size_t s = 0; s + 1 < chunk.starts.size(); ++s)
    longest = std::max(longest, chunk.starts[s + 1] - chunk.starts[s]);
  buffers.reserve(chunk.T(), longest);
}

}  // namespace

double gradient(const Sizes& sizes, const Weights& weights, const Chunk& chunk, Buffers& buffers) {
  if (chunk.M() == 0) return 0;
  reserve(buffers, chunk);
  return HWY_DYNAMIC_DISPATCH(gradient)(sizes, weights, chunk, buffers);
}

double predict(const Sizes& sizes, const Weights& weights, const Chunk& chunk, Buffers& buffers,
               std::int32_t* predicted) {
  if (chunk.M() == 0) return 0;
  reserve(buffers, chunk);
  return HWY_DYNAMIC_DISPATCH(predict)(sizes, weights, chunk, buffers, predicted);
}

}  // namespace surd::model::fused
#endif
