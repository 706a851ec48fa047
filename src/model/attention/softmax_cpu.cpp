// Standard, sparse and sliding-window attention, softmax(q k^T / sqrt d) over the visible keys, for
// one head of one sequence.
// Exponents are in base 2: with q' = q log2(e) / sqrt d, s = q'.k, w = 2^(s - max),
// o = sum w v / sum w. Of the forward pass only -max and 1 / sum w are kept (`statistics`, two
// rows); the backward pass scores again.
// With dropout w is dropped after it was normalised: o = scale (sum of w v that are kept) / sum w.
// A position's keys are those of one or two lists of intervals (pairs_cpu.hpp), and with strides
// those at fixed offsets before it (offsets_cpu.hpp).
// Letters: d head dimension, i queries, j keys.
#include "model/fused/targets.hpp"
#define HWY_TARGET_INCLUDE "model/attention/softmax_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "model/attention/offsets_cpu.hpp"
#include "model/attention/pairs_cpu.hpp"
#include "model/attention/softmax_step_cpu.hpp"
#include "model/attention/visible_keys.hpp"
#include "spec/architecture.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

namespace {

constexpr float hidden_score = std::numeric_limits<float>::lowest();

// The largest of scores[rows][tile], lane by lane: four at a time, since one depends on the one
// before.
Vector largest(int rows, const float* scores) {
  Vector most[4];
  for (Vector& each : most) each = load(scores);
  int row = 1;
  for (; row + 4 <= rows; row += 4) {
    for (int n = 0; n < 4; ++n) most[n] = hn::Max(most[n], load(scores + (row + n) * tile));
  }
  for (; row < rows; ++row) most[0] = hn::Max(most[0], load(scores + row * tile));
  return hn::Max(hn::Max(most[0], most[1]), hn::Max(most[2], most[3]));
}

class SoftmaxKernel final : public AttentionKernel {
 public:
  SoftmaxKernel(int d, bool dropping, const VisibleKeys& seen)
      : d_(d), dropping_(dropping), seen_(seen) {}

  void lay_out(int longest, Pieces& pieces) override {
    const std::ptrdiff_t p = round_to_tiles(longest);
    const std::ptrdiff_t beyond = round_to_tiles(seen_.most_beyond(longest));
    ld_ = p + tile;
    scores_ = pieces.take((p + beyond) * tile);
    pairs_.lay_out(pieces);
    q_ = pieces.take((d_ + 1) * ld_), g_ = pieces.take((d_ + 1) * ld_), dq_ = pieces.take(d_ * ld_);
    near_from_ = pieces.take(p), near_to_ = pieces.take(p);
    tail_ld_ = (seen_.pattern == Pattern::blocks ? beyond : 0) + tile;
    if (seen_.pattern == Pattern::blocks) {
      tail_k_ = pieces.take(d_ * tail_ld_), tail_v_ = pieces.take(d_ * tail_ld_);
      tail_dk_ = pieces.take(d_ * tail_ld_), tail_dv_ = pieces.take(d_ * tail_ld_);
      tail_from_ = pieces.take(beyond), tail_to_ = pieces.take(beyond);
    }
    offsets_ = seen_.offsets(longest);
    if (!dropping_) return;
    words_.assign(static_cast<std::size_t>(2 * ld_ + tail_ld_), 0);
    query_streams_ = words_.data(), near_places_ = query_streams_ + ld_,
    tail_places_ = near_places_ + ld_;
  }

  // Which queries see each key, and with dropout the keys' places.
  void start_sequence(int length) override {
    for (int j = 0; j < round_to_tiles(length); ++j) {
      near_from_[j] = j < length ? static_cast<float>(j) : never;
      near_to_[j] = j < length ? static_cast<float>(seen_.near_end(j, length)) : never;
    }
    const int tails = seen_.tail_keys(length);
    for (int key = 0; key < round_to_tiles(tails); ++key) {
      tail_from_[key] = key < tails ? static_cast<float>(seen_.tail_begin(key)) : never;
      tail_to_[key] = key < tails ? static_cast<float>(length) : never;
    }
    if (!dropping_) return;
    for (int j = 0; j < length; j += width) hn::StoreU(golden_from(j), words, near_places_ + j);
    for (int key = 0; key < tails; ++key)
      tail_places_[key] =
          dropout_hash::golden * static_cast<std::uint32_t>(seen_.tail_position(key));
  }

  void forward(const Head& head, const HeadOutput& output) override {
    const KeyLists keys = list_keys(head);
    pack(d_, head.length, head.q, head.ld, log2_e / std::sqrt(static_cast<float>(d_)), q_, ld_);
    if (head.drop) list_streams(head.drop->stream, round_to_tiles(head.length), query_streams_);
    for (int i = head.first; i < head.length; i += tile) forward_tile(head, keys, i, output);
  }

  void backward(const Head& head, const HeadGradient& to) override {
    const KeyLists keys = list_keys(head);
    const Queries queries = list_queries(head, to);
    for (int e = 0; e < d_; ++e) std::fill_n(dq_ + e * ld_, round_to_tiles(head.length), 0.0F);
    const auto add_pairs = head.drop ? pair_gradients<true, true> : pair_gradients<true, false>;
    const PairGradients near_sums{
        .dq = dq_, .dk = to.dk, .ldk = head.ld, .dv = to.dv, .ldv = head.ld};
    add_pairs(d_, queries, keys.near, pairs_, near_sums);
    offset_gradients(d_, offsets_, queries, head.k, head.v, head.ld, near_sums);
    if (keys.tails.count > 0) {
      add_pairs(d_, queries, keys.tails, pairs_,
                {.dq = dq_, .dk = tail_dk_, .ldk = tail_ld_, .dv = tail_dv_, .ldv = tail_ld_});
      for (int e = 0; e < d_; ++e) {
        for (int key = 0; key < keys.tails.count; ++key) {
          to.dk[e * head.ld + seen_.tail_position(key)] += tail_dk_[e * tail_ld_ + key];
          to.dv[e * head.ld + seen_.tail_position(key)] += tail_dv_[e * tail_ld_ + key];
        }
      }
    }
    // slope is with respect to s ln 2 = q.k / sqrt d: dq = slope k / sqrt d, and dk = slope q /
    // sqrt d = slope q' ln 2.
    const float scale = 1.0F / std::sqrt(static_cast<float>(d_));
    for (int e = 0; e < d_; ++e) {
      for (int i = 0; i < head.length; i += width) {
        store(hn::Mul(load(dq_ + e * ld_ + i), broadcast(scale)), to.dq + e * head.ld + i);
        store(hn::Mul(load(to.dk + e * head.ld + i), broadcast(ln_2)), to.dk + e * head.ld + i);
      }
    }
  }

  // Keys and values, [positions][d].
  int parts() const override { return 2; }
  std::ptrdiff_t remembered(int positions) const override {
    return static_cast<std::ptrdiff_t>(positions) * d_;
  }
  void lay_out_steps(int positions, Pieces& pieces) override {
    step_scores_ = pieces.take(static_cast<std::ptrdiff_t>(positions) * tile);
  }
  void start_position(int position) override {
    position_ = position;
    seen_.list(position, positions_);
  }
  void step(const HeadStep& step) override {
    const int d = d_;
    float* const own = step.memory + remembered(position_) * width;
    for (int e = 0; e < d; ++e) {
      store(load(step.k + e * step.ld), own + e * width);
      store(load(step.v + e * step.ld), own + step.part + e * width);
    }
    softmax_step(d_, positions_, step, step_scores_);
  }

 private:
  struct KeyLists {
    Keys near, tails;  // the second may be empty
  };
  KeyLists list_keys(const Head& head) const {
    const int tails = seen_.tail_keys(head.length);
    for (int e = 0; e < d_ && tails > 0; ++e) {
      for (int key = 0; key < round_to_tiles(tails); ++key) {
        const int j = key < tails ? seen_.tail_position(key) : 0;
        tail_k_[e * tail_ld_ + key] = key < tails ? head.k[e * head.ld + j] : 0.0F;
        tail_v_[e * tail_ld_ + key] = key < tails ? head.v[e * head.ld + j] : 0.0F;
      }
    }
    return {.near = {head.k, head.v, head.ld, head.length, near_from_, near_to_, near_places_},
            .tails = {tail_k_, tail_v_, tail_ld_, tails, tail_from_, tail_to_, tail_places_}};
  }

  // The tile of queries at i: scores, weights, output. Rows of the scores are the keys of the
  // lists, then those at the offsets.
  void forward_tile(const Head& head, const KeyLists& keys, int i, const HeadOutput& output) const {
    const int end = std::min(i + tile, head.length);
    const Range near = visible(keys.near, i, end), tails = visible(keys.tails, i, end);
    const std::span<const int> offsets = offsets_below(offsets_, end);
    float* const tail_scores = scores_ + near.size() * tile;
    float* const offset_scores = tail_scores + tails.size() * tile;
    score(d_, keys.near, near, q_ + i, ld_, i, end, hidden_score, scores_);
    if (tails.size() > 0)
      score(d_, keys.tails, tails, q_ + i, ld_, i, end, hidden_score, tail_scores);
    score_offsets(d_, offsets, q_ + i, ld_, i, head.k, head.ld, hidden_score, offset_scores);
    const int rows = near.size() + tails.size() + static_cast<int>(offsets.size());
    Vector inverse[tile_vectors];
    for (int part = 0; part < tile_vectors; ++part) {
      float* const scores = scores_ + part * width;
      const Vector most = largest(rows, scores);
      Vector sum = hn::Zero(lanes);
      for (int row = 0; row < rows; ++row) {
        const Vector weight = exp2(hn::Sub(load(scores + row * tile), most));
        sum = hn::Add(sum, weight);
        store(weight, scores + row * tile);
      }
      inverse[part] = hn::Div(broadcast(1.0F), sum);
      store(hn::Neg(most), output.statistics + i + part * width);
      store(inverse[part], output.statistics + head.ld + i + part * width);
      if (head.drop) inverse[part] = hn::Mul(inverse[part], broadcast(head.drop->drop.scale));
    }
    if (head.drop) drop_weights(head.drop->drop, keys, near, tails, offsets, i);
    float* const o = output.o + i;
    multiply(d_, near.size(), tile, {keys.near.v + near.first, keys.near.ld, 1}, scores_, tile,
             nullptr, false, o, head.ld);
    if (tails.size() > 0) {
      multiply(d_, tails.size(), tile, {keys.tails.v + tails.first, keys.tails.ld, 1}, tail_scores,
               tile, nullptr, true, o, head.ld);
    }
    add_offset_values(d_, offsets, offset_scores, i, head.v, o, head.ld);
    for (int e = 0; e < d_; ++e) {
      for (int part = 0; part < tile_vectors; ++part) {
        float* const to = o + e * head.ld + part * width;
        store(hn::Mul(load(to), inverse[part]), to);
      }
    }
  }

  // Drops weights of the tile of queries at i: rows of these ranges of the key lists, then those of
  // the offsets.
  void drop_weights(const Drop& drop, const KeyLists& keys, Range near, Range tails,
                    std::span<const int> offsets, int i) const {
    for (int lane = 0; lane < tile; lane += width) {
      const WordVector streams = hn::LoadU(words, query_streams_ + i + lane);
      float* row = scores_ + lane;
      const auto drop_row = [&](WordVector places) {
        store(hn::IfThenZeroElse(dropped(drop, places), load(row)), row);
        row += tile;
      };
      for (int j = near.first; j < near.last; ++j)
        drop_row(hn::Add(streams, hn::Set(words, keys.near.places[j])));
      for (int key = tails.first; key < tails.last; ++key)
        drop_row(hn::Add(streams, hn::Set(words, keys.tails.places[key])));
      const WordVector own = hn::Add(streams, golden_from(i + lane));
      for (const int offset : offsets) {
        drop_row(hn::Sub(
            own, hn::Set(words, dropout_hash::golden * static_cast<std::uint32_t>(offset))));
      }
    }
  }

  // The queries of the backward pass: q' and -max, and with f = (scale with dropout) / sum w the
  // gradients f go and -(sum_e go o) / sum w.
  Queries list_queries(const Head& head, const HeadGradient& given) const {
    const std::ptrdiff_t ld = head.ld;
    const float scale = 1.0F / std::sqrt(static_cast<float>(d_));
    pack(d_, head.length, head.q, ld, log2_e * scale, q_, ld_);
    pack(1, head.length, given.statistics, ld, 1.0F, q_ + d_ * ld_, ld_);
    pack(d_, head.length, given.go, ld, 1.0F, g_, ld_);
    float* const offset = g_ + d_ * ld_;
    for (int i = head.first; i < head.length; i += width) {
      const auto valid = first_columns(head.length - i);
      const Vector inverse = hn::IfThenElseZero(valid, load(given.statistics + ld + i));
      const Vector factor =
          head.drop ? hn::Mul(inverse, broadcast(head.drop->drop.scale)) : inverse;
      Vector product = hn::Zero(lanes);
      for (int e = 0; e < d_; ++e) {
        const Vector g = load(g_ + e * ld_ + i);
        product = hn::MulAdd(g, hn::IfThenElseZero(valid, load(given.o + e * ld + i)), product);
        store(hn::Mul(g, factor), g_ + e * ld_ + i);
      }
      store(hn::Neg(hn::Mul(product, inverse)), offset + i);
    }
    for (int i = (head.length + width - 1) / width * width; i < round_to_tiles(head.length);
         i += width)
      store(hn::Zero(lanes), offset + i);
    Queries queries{.q = q_,
                    .q_offset = q_ + d_ * ld_,
                    .g = g_,
                    .g_offset = offset,
                    .ld = ld_,
                    .first = head.first,
                    .length = head.length};
    if (head.drop) {
      list_streams(head.drop->stream, round_to_tiles(head.length), query_streams_);
      queries.drop = head.drop->drop, queries.streams = query_streams_;
    }
    return queries;
  }

  const int d_;
  const bool dropping_;
  const VisibleKeys seen_;
  std::vector<int> offsets_;  // of the longest sequence

  // Rows [p], p positions of the longest sequence in whole tiles; t: keys of tails.
  std::ptrdiff_t ld_ = 0, tail_ld_ = 0;
  float* scores_ = nullptr;  // [keys][tile]
  PairScratch pairs_{};
  float *q_ = nullptr, *g_ = nullptr, *dq_ = nullptr;  // [d + 1], [d + 1], [d]
  float *near_from_ = nullptr, *near_to_ = nullptr, *tail_from_ = nullptr,
        *tail_to_ = nullptr;  // [p], [p], [t], [t] the queries that see a key
  float *tail_k_ = nullptr, *tail_v_ = nullptr, *tail_dk_ = nullptr, *tail_dv_ = nullptr;  // [d][t]
  std::vector<std::uint32_t> words_;  // with dropout
  std::uint32_t *query_streams_ = nullptr, *near_places_ = nullptr,
                *tail_places_ = nullptr;  // [p] streams of the queries' weights; what a key adds

  // Generation
  float* step_scores_ = nullptr;  // [positions][width]
  int position_ = 0;
  std::vector<int> positions_;  // that it sees
};

}  // namespace

std::unique_ptr<AttentionKernel> make_softmax_kernel(int d, bool dropping,
                                                     const VisibleKeys& seen) {
  return std::make_unique<SoftmaxKernel>(d, dropping, seen);
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace surd::model::fused {

HWY_EXPORT(make_softmax_kernel);

namespace {

std::unique_ptr<AttentionKernel> softmax_kernel(const spec::ModelShape& shape,
                                                const VisibleKeys& seen) {
  return HWY_DYNAMIC_DISPATCH(make_softmax_kernel)(shape.head_dim(), shape.settings.dropout > 0,
                                                   seen);
}

}  // namespace

std::unique_ptr<AttentionKernel> standard_kernel(const spec::ModelShape& shape) {
  return softmax_kernel(shape, {});
}

std::unique_ptr<AttentionKernel> sparse_kernel(const spec::ModelShape& shape) {
  const int block = spec::sparse_block(shape);
  return softmax_kernel(
      shape, {.pattern = spec::sparse_strided(shape) ? Pattern::strides : Pattern::blocks,
              .block = block,
              .tail = std::min(required<int>(shape.architecture.options, "c", "sparse"), block)});
}

std::unique_ptr<AttentionKernel> sliding_window_kernel(const spec::ModelShape& shape) {
  return softmax_kernel(shape, {.pattern = Pattern::window, .block = spec::sliding_window(shape)});
}

}  // namespace surd::model::fused
#endif
