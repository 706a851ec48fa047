// Standard, sparse and sliding-window attention, softmax(q k^T / sqrt d) over the visible keys, for one head of one sequence.
// Exponents are in base 2: with q' = q log2(e) / sqrt d, s = q'.k, w = 2^(s - max), o = sum w v / sum w. Of the forward pass only -max and 1 / sum w
// are kept (`statistics`, two rows); the backward pass scores again.
// With dropout w is dropped after it was normalised: o = scale (sum of w v that are kept) / sum w.
// A position's keys are those of one or two lists of intervals, and with strides those at fixed offsets before it, which lie in lanes as it does.
// Letters: d head dimension, i queries, j keys.
#if defined(SURD_MODEL_ATTENTION_SOFTMAX_CPU_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_ATTENTION_SOFTMAX_CPU_HPP_
#undef SURD_MODEL_ATTENTION_SOFTMAX_CPU_HPP_
#else
#define SURD_MODEL_ATTENTION_SOFTMAX_CPU_HPP_
#endif

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "model/attention/pairs_cpu.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

// The keys of a sequence that later blocks see: the last `tail` of each block before the last one. Returns their number.
inline int seen_keys(const Sizes& sizes, int length) { return sizes.pattern == Pattern::blocks ? (length - 1) / sizes.block * sizes.tail : 0; }
inline int seen_position(const Sizes& sizes, int key) { return (key / sizes.tail + 1) * sizes.block - sizes.tail + key % sizes.tail; }

// Calls body(offset) for the offsets, below `length`, at which a position sees keys before its window.
template <typename Body>
void for_offsets(const Sizes& sizes, int length, const Body& body) {
  if (sizes.pattern != Pattern::strides) return;
  for (int start = sizes.block; start < length; start += sizes.block) {
    for (int offset = start; offset < std::min(start + sizes.tail, length); ++offset) body(offset);
  }
}

// Fills the scratch's intervals for a sequence of `length`: own-block or window keys, or all of them; and those that later blocks see.
inline void softmax_intervals(const Sizes& sizes, int length, const AttentionScratch& scratch) {
  for (int j = 0; j < round_to_tiles(length); ++j) {
    int to = length;
    if (sizes.pattern == Pattern::blocks) to = std::min(to, (j / sizes.block + 1) * sizes.block);
    if (sizes.pattern == Pattern::window || sizes.pattern == Pattern::strides) to = std::min(to, j + sizes.block);
    scratch.from[j] = j < length ? static_cast<float>(j) : never;
    scratch.to[j] = j < length ? static_cast<float>(to) : never;
  }
  const int seen = seen_keys(sizes, length);
  for (int key = 0; key < round_to_tiles(seen); ++key) {
    scratch.seen_from[key] = key < seen ? static_cast<float>((key / sizes.tail + 1) * sizes.block) : never;
    scratch.seen_to[key] = key < seen ? static_cast<float>(length) : never;
  }
}

// Fills the scratch's places of the keys, with dropout.
inline void softmax_places(const Sizes& sizes, int length, const AttentionScratch& scratch) {
  for (int j = 0; j < length; j += width) hn::StoreU(golden_from(j), words, scratch.key_places + j);
  for (int key = 0; key < seen_keys(sizes, length); ++key)
    scratch.seen_places[key] = dropout_hash::golden * static_cast<std::uint32_t>(seen_position(sizes, key));
}

// The key lists of a head whose keys and values are k[d][length], v[d][length]; the second may be empty.
struct KeyLists {
  Keys lists[2];
};
inline KeyLists softmax_keys(const Sizes& sizes, int length, const float* k, const float* v, std::ptrdiff_t ld, const AttentionScratch& scratch) {
  const int seen = seen_keys(sizes, length);
  for (int e = 0; e < sizes.d && seen > 0; ++e) {
    for (int key = 0; key < round_to_tiles(seen); ++key) {
      const int j = key < seen ? seen_position(sizes, key) : 0;
      scratch.seen_k[e * scratch.seen_ld + key] = key < seen ? k[e * ld + j] : 0.0F;
      scratch.seen_v[e * scratch.seen_ld + key] = key < seen ? v[e * ld + j] : 0.0F;
    }
  }
  return {{{k, v, ld, length, scratch.from, scratch.to, scratch.key_places},
           {scratch.seen_k, scratch.seen_v, scratch.seen_ld, seen, scratch.seen_from, scratch.seen_to, scratch.seen_places}}};
}

// The largest of scores[rows][tile], lane by lane: four at a time, since one depends on the one before.
inline Vector largest(int rows, const float* scores) {
  Vector most[4];
  for (Vector& each : most) each = load(scores);
  int row = 1;
  for (; row + 4 <= rows; row += 4) {
    for (int n = 0; n < 4; ++n) most[n] = hn::Max(most[n], load(scores + (row + n) * tile));
  }
  for (; row < rows; ++row) most[0] = hn::Max(most[0], load(scores + row * tile));
  return hn::Max(hn::Max(most[0], most[1]), hn::Max(most[2], most[3]));
}

// Drops weights[rows][tile] of the tile of queries at i: rows of these ranges of the key lists, then those of the offsets below `end`.
inline void drop_weights(const Sizes& sizes, const Drop& drop, const KeyLists& keys, const Range (&ranges)[2], int i, int end,
                         const AttentionScratch& scratch, float* weights) {
  for (int lane = 0; lane < tile; lane += width) {
    const WordVector streams = hn::LoadU(words, scratch.query_streams + i + lane);
    float* row = weights + lane;
    const auto drop_row = [&](WordVector places) {
      store(hn::IfThenZeroElse(dropped(drop, places), load(row)), row);
      row += tile;
    };
    for (int list = 0; list < 2; ++list) {
      const std::uint32_t* const places = keys.lists[list].places;
      for (int j = ranges[list].first; j < ranges[list].last; ++j) drop_row(hn::Add(streams, hn::Set(words, places[j])));
    }
    const WordVector own = hn::Add(streams, golden_from(i + lane));
    for_offsets(sizes, end, [&](int offset) { drop_row(hn::Sub(own, hn::Set(words, dropout_hash::golden * static_cast<std::uint32_t>(offset)))); });
  }
}

// o[d][length] and statistics [2][length], stored in whole tiles: what follows the sequence is overwritten, so go through a chunk in order.
// Queries before `first`, a multiple of the tile, are left out. Intervals must be filled in, and with dropout the keys' places.
inline void softmax_forward(const Sizes& sizes, const std::optional<WeightDrop>& drop, int length, int first, const float* q, const float* k,
                            const float* v, std::ptrdiff_t ld, const AttentionScratch& scratch, float* o, float* statistics) {
  const int d = sizes.d;
  const KeyLists keys = softmax_keys(sizes, length, k, v, ld, scratch);
  pack(d, length, q, ld, log2_e / std::sqrt(static_cast<float>(d)), scratch.q, scratch.ld);
  if (drop) list_streams(drop->stream, round_to_tiles(length), scratch.query_streams);
  for (int i = first; i < length; i += tile) {
    const int end = std::min(i + tile, length);
    Range ranges[2];
    int rows = 0;
    for (int list = 0; list < 2; ++list) {
      ranges[list] = visible(keys.lists[list], i, end);
      if (ranges[list].size() == 0) continue;
      score(d, keys.lists[list], ranges[list], scratch.q + i, scratch.ld, i, end, std::numeric_limits<float>::lowest(), scratch.scores + rows * tile);
      rows += ranges[list].size();
    }
    const int near = rows;
    for_offsets(sizes, end, [&](int offset) {
      for (int lane = 0; lane < tile; lane += width) {
        Vector sum = hn::Zero(lanes);
        for (int e = 0; e < d; ++e) sum = hn::MulAdd(load(scratch.q + e * scratch.ld + i + lane), load(k + e * ld + i - offset + lane), sum);
        const auto seen = hn::Ge(count_from(static_cast<float>(i + lane)), broadcast(static_cast<float>(offset)));
        store(hn::IfThenElse(seen, sum, broadcast(std::numeric_limits<float>::lowest())), scratch.scores + rows * tile + lane);
      }
      ++rows;
    });
    Vector inverse[tile_vectors];
    for (int part = 0; part < tile_vectors; ++part) {
      float* const scores = scratch.scores + part * width;
      const Vector most = largest(rows, scores);
      Vector sum = hn::Zero(lanes);
      for (int row = 0; row < rows; ++row) {
        const Vector weight = exp2(hn::Sub(load(scores + row * tile), most));
        sum = hn::Add(sum, weight);
        store(weight, scores + row * tile);
      }
      inverse[part] = hn::Div(broadcast(1.0F), sum);
      store(hn::Neg(most), statistics + i + part * width);
      store(inverse[part], statistics + ld + i + part * width);
      if (drop) inverse[part] = hn::Mul(inverse[part], broadcast(drop->drop.scale));
    }
    if (drop) drop_weights(sizes, drop->drop, keys, ranges, i, end, scratch, scratch.scores);
    rows = 0;
    for (int list = 0; list < 2; ++list) {
      if (ranges[list].size() == 0) continue;
      multiply(d, ranges[list].size(), tile, {keys.lists[list].v + ranges[list].first, keys.lists[list].ld, 1}, scratch.scores + rows * tile, tile,
               nullptr, rows > 0, o + i, ld);
      rows += ranges[list].size();
    }
    rows = near;
    for_offsets(sizes, end, [&](int offset) {
      for (int lane = 0; lane < tile; lane += width) {
        const Vector weight = load(scratch.scores + rows * tile + lane);
        const auto seen = hn::Ge(count_from(static_cast<float>(i + lane)), broadcast(static_cast<float>(offset)));
        for (int e = 0; e < d; ++e) {
          const Vector value = hn::IfThenElseZero(seen, load(v + e * ld + i - offset + lane));
          store(hn::MulAdd(weight, value, load(o + e * ld + i + lane)), o + e * ld + i + lane);
        }
      }
      ++rows;
    });
    for (int e = 0; e < d; ++e) {
      for (int part = 0; part < tile_vectors; ++part) {
        float* const output = o + e * ld + i + part * width;
        store(hn::Mul(load(output), inverse[part]), output);
      }
    }
  }
}

// The part of the keys at fixed offsets in what pair_gradients sums up, added to it: to scratch.dq, dk and dv.
inline void offset_gradients(const Sizes& sizes, const Queries& queries, const float* k, const float* v, std::ptrdiff_t ld,
                             const AttentionScratch& scratch, float* dk, float* dv) {
  const int d = sizes.d;
  for (int i = queries.first; i < queries.length; i += width) {
    for_offsets(sizes, std::min(i + width, queries.length), [&](int offset) {
      const auto seen = hn::Ge(count_from(static_cast<float>(i)), broadcast(static_cast<float>(offset)));
      const auto earlier = [&](const float* x, int e) { return hn::IfThenElseZero(seen, load(x + e * ld + i - offset)); };
      const auto add = [&](Vector value, float* to) { store(hn::IfThenElse(seen, hn::Add(load(to), value), load(to)), to); };
      Vector score = load(queries.q_offset + i);
      Vector slope = load(queries.g_offset + i);
      for (int e = 0; e < d; ++e) {
        score = hn::MulAdd(load(queries.q + e * queries.ld + i), earlier(k, e), score);
        slope = hn::MulAdd(load(queries.g + e * queries.ld + i), earlier(v, e), slope);
      }
      Vector weight = exp2(hn::Min(score, hn::Zero(lanes)));
      if (queries.streams != nullptr) {
        const auto gone = dropped(queries.drop, hn::Add(hn::LoadU(words, queries.streams + i), golden_from(i - offset)));
        slope = hn::Mul(weight, hn::IfThenElse(gone, load(queries.g_offset + i), slope));
        weight = hn::IfThenZeroElse(gone, weight);
      } else {
        slope = hn::Mul(weight, slope);
      }
      for (int e = 0; e < d; ++e) {
        add(hn::Mul(slope, earlier(k, e)), scratch.dq + e * scratch.ld + i);
        add(hn::Mul(slope, load(queries.q + e * queries.ld + i)), dk + e * ld + i - offset);
        add(hn::Mul(weight, load(queries.g + e * queries.ld + i)), dv + e * ld + i - offset);
      }
    });
  }
}

// dq, dk, dv [d][length] from the gradient go of o, overwritten in whole tiles as in the forward pass.
inline void softmax_backward(const Sizes& sizes, const std::optional<WeightDrop>& drop, int length, int first, const float* q, const float* k,
                             const float* v, const float* o, const float* go, std::ptrdiff_t ld, const float* statistics,
                             const AttentionScratch& scratch, float* dq, float* dk, float* dv) {
  const int d = sizes.d;
  const float scale = 1.0F / std::sqrt(static_cast<float>(d));
  const KeyLists keys = softmax_keys(sizes, length, k, v, ld, scratch);
  pack(d, length, q, ld, log2_e * scale, scratch.q, scratch.ld);
  pack(1, length, statistics, ld, 1.0F, scratch.q + d * scratch.ld, scratch.ld);
  pack(d, length, go, ld, 1.0F, scratch.g, scratch.ld);
  float* const offset = scratch.g + d * scratch.ld;  // -(sum_e go o) / sum w
  for (int i = first; i < length; i += width) {
    const auto valid = first_columns(length - i);
    const Vector inverse = hn::IfThenElseZero(valid, load(statistics + ld + i));
    const Vector factor = drop ? hn::Mul(inverse, broadcast(drop->drop.scale)) : inverse;
    Vector product = hn::Zero(lanes);
    for (int e = 0; e < d; ++e) {
      const Vector g = load(scratch.g + e * scratch.ld + i);
      product = hn::MulAdd(g, hn::IfThenElseZero(valid, load(o + e * ld + i)), product);
      store(hn::Mul(g, factor), scratch.g + e * scratch.ld + i);
    }
    store(hn::Neg(hn::Mul(product, inverse)), offset + i);
  }
  for (int i = (length + width - 1) / width * width; i < round_to_tiles(length); i += width) store(hn::Zero(lanes), offset + i);
  for (int e = 0; e < d; ++e) std::fill_n(scratch.dq + e * scratch.ld, round_to_tiles(length), 0.0F);

  Queries queries{
      .q = scratch.q, .q_offset = scratch.q + d * scratch.ld, .g = scratch.g, .g_offset = offset, .ld = scratch.ld, .first = first, .length = length};
  if (drop) {
    list_streams(drop->stream, round_to_tiles(length), scratch.query_streams);
    queries.drop = drop->drop, queries.streams = scratch.query_streams;
  }
  const auto list_gradients = drop ? pair_gradients<true, true> : pair_gradients<true, false>;
  list_gradients(d, queries, keys.lists[0], scratch, scratch.dq, dk, ld, dv, ld);
  offset_gradients(sizes, queries, k, v, ld, scratch, dk, dv);
  const int seen = keys.lists[1].count;
  if (seen > 0) {
    list_gradients(d, queries, keys.lists[1], scratch, scratch.dq, scratch.seen_dk, scratch.seen_ld, scratch.seen_dv, scratch.seen_ld);
    for (int e = 0; e < d; ++e) {
      for (int key = 0; key < seen; ++key) {
        dk[e * ld + seen_position(sizes, key)] += scratch.seen_dk[e * scratch.seen_ld + key];
        dv[e * ld + seen_position(sizes, key)] += scratch.seen_dv[e * scratch.seen_ld + key];
      }
    }
  }
  // slope is with respect to s ln 2 = q.k / sqrt d: dq = slope k / sqrt d, and dk = slope q / sqrt d = slope q' ln 2.
  for (int e = 0; e < d; ++e) {
    for (int i = 0; i < length; i += width) {
      store(hn::Mul(load(scratch.dq + e * scratch.ld + i), broadcast(scale)), dq + e * ld + i);
      store(hn::Mul(load(dk + e * ld + i), broadcast(ln_2)), dk + e * ld + i);
    }
  }
}

// Generation: the positions that query i of a sequence sees, by the intervals of its longest length.
inline void softmax_visible(const Sizes& sizes, int length, int i, const AttentionScratch& scratch, std::vector<int>& positions) {
  const float query = static_cast<float>(i);
  positions.clear();
  for (int key = 0; key < seen_keys(sizes, length) && scratch.seen_from[key] <= query; ++key) {
    if (query < scratch.seen_to[key]) positions.push_back(seen_position(sizes, key));
  }
  for (int j = 0; j <= i; ++j) {
    if (query < scratch.to[j]) positions.push_back(j);
  }
  for_offsets(sizes, i + 1, [&](int offset) { positions.push_back(i - offset); });
}

// o[N] = factor * sum over positions of weights[n-th position] v[position][N], for one head in each of `width` sequences.
template <int N>
void softmax_step_values(int d, std::span<const int> positions, const float* weights, const float* v, Vector factor, float* o, std::ptrdiff_t ld) {
  Vector sums[N];
  for (Vector& sum : sums) sum = hn::Zero(lanes);
  for (const int position : positions) {
    const float* const row = v + static_cast<std::ptrdiff_t>(position) * d * width;
    const Vector weight = load(weights);
    for (int e = 0; e < N; ++e) sums[e] = hn::MulAdd(weight, load(row + e * width), sums[e]);
    weights += width;
  }
  for (int e = 0; e < N; ++e) store(hn::Mul(sums[e], factor), o + e * ld);
}

// One query of one head in each of `width` sequences, q[d], over cached k, v[position][d][width]; scores[positions][width] is scratch.
inline void softmax_step(int d, std::span<const int> positions, const float* q, std::ptrdiff_t ld, const float* k, const float* v, float* scores,
                         float* o) {
  const Vector scale = broadcast(log2_e / std::sqrt(static_cast<float>(d)));
  Vector most = broadcast(std::numeric_limits<float>::lowest());
  float* score = scores;
  for (const int position : positions) {
    const float* const row = k + static_cast<std::ptrdiff_t>(position) * d * width;
    Vector even = hn::Zero(lanes);
    Vector odd = hn::Zero(lanes);
    int e = 0;
    for (; e + 1 < d; e += 2) {
      even = hn::MulAdd(load(q + e * ld), load(row + e * width), even);
      odd = hn::MulAdd(load(q + (e + 1) * ld), load(row + (e + 1) * width), odd);
    }
    if (e < d) even = hn::MulAdd(load(q + e * ld), load(row + e * width), even);
    const Vector value = hn::Mul(hn::Add(even, odd), scale);
    most = hn::Max(most, value);
    store(value, score);
    score += width;
  }
  Vector sum = hn::Zero(lanes);
  for (score = scores; score < scores + std::ssize(positions) * width; score += width) {
    const Vector weight = exp2(hn::Sub(load(score), most));
    sum = hn::Add(sum, weight);
    store(weight, score);
  }
  const Vector inverse = hn::Div(broadcast(1.0F), sum);
  int e = 0;
  for (; many_registers && e + 16 <= d; e += 16) softmax_step_values<16>(d, positions, scores, v + e * width, inverse, o + e * ld, ld);
  for (; e + 8 <= d; e += 8) softmax_step_values<8>(d, positions, scores, v + e * width, inverse, o + e * ld, ld);
  for (; e + 4 <= d; e += 4) softmax_step_values<4>(d, positions, scores, v + e * width, inverse, o + e * ld, ld);
  for (; e < d; ++e) softmax_step_values<1>(d, positions, scores, v + e * width, inverse, o + e * ld, ld);
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_ATTENTION_SOFTMAX_CPU_HPP_
