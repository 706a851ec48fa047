// Attention with a state, linear attention, retention and gated_linear, for one head of one sequence: sums_i = sum over j <= i of gamma^(i - j)
// phi(q_i).phi(k_j) v_j, within a block by pairs, across blocks through the state S = sum of gamma^(start - j) v_j phi(k_j)^T at a block's start.
// O(length).
// linear: gamma = 1, phi(x) = elu(x) + 1, relu(x) or e^min(x, 30). Where it is normalised o = sums / max(sum of the weights, 1e-6): v has a last row
// of ones then, so that the denominator is the last row of the sums, and 1 / denominator is kept (`statistics`).
// retention: phi(q) = q / sqrt d, phi(k) = k. Where it is normalised o is sums with mean 0 and variance 1 over d, and 1 / deviation is kept.
// gated_linear: gamma = 1, normalised as retention. Each dimension has a decay alpha_t at each position, from the gate, a number that c_attn gives
// besides q, k and v. With b_i the sum of log alpha from the middle of the block to i, phi(q_i) = q_i e^b_i / sqrt d and phi(k_j) = k_j e^-b_j hold
// all decay within a block, and S is the state as of the block's middle.
// Letters: d head dimension, n rows of v (d, or d + 1 with the ones), i queries, j keys, state [n][d].
#if defined(SURD_MODEL_ATTENTION_RECURRENT_CPU_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_ATTENTION_RECURRENT_CPU_HPP_
#undef SURD_MODEL_ATTENTION_RECURRENT_CPU_HPP_
#else
#define SURD_MODEL_ATTENTION_RECURRENT_CPU_HPP_
#endif

#include <algorithm>
#include <cmath>

#include "model/attention/constants.hpp"
#include "model/attention/pairs_cpu.hpp"
#include "model/fused/norm.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

inline void recurrent_intervals(const Sizes& sizes, int length, const AttentionScratch& scratch) {
  const int block = state_block(sizes);
  for (int j = 0; j < round_to_tiles(length); ++j) {
    scratch.from[j] = j < length ? static_cast<float>(j) : never;
    scratch.to[j] = j < length ? static_cast<float>(std::min(length, (j / block + 1) * block)) : never;
  }
}

constexpr float smallest_denominator = static_cast<float>(model::smallest_denominator);
constexpr float largest_exponent = static_cast<float>(model::largest_exponent) * log2_e;

// `factor` is what identity multiplies by.
HWY_INLINE Vector feature(FeatureMap map, Vector x, float factor) {
  const Vector zero = hn::Zero(lanes);
  switch (map) {
    case FeatureMap::elu: return hn::IfThenElse(hn::Gt(x, zero), hn::Add(x, broadcast(1.0F)), exp2(hn::Mul(hn::Min(x, zero), broadcast(log2_e))));
    case FeatureMap::relu: return hn::Max(x, zero);
    case FeatureMap::exp: return exp2(hn::Min(hn::Mul(x, broadcast(log2_e)), broadcast(largest_exponent)));
    case FeatureMap::identity: break;
  }
  return hn::Mul(x, broadcast(factor));
}

// The derivative, by the feature itself.
HWY_INLINE Vector feature_slope(FeatureMap map, Vector phi, float factor) {
  const Vector one = broadcast(1.0F);
  switch (map) {
    case FeatureMap::elu: return hn::Min(phi, one);
    case FeatureMap::relu: return hn::IfThenElseZero(hn::Gt(phi, hn::Zero(lanes)), one);
    case FeatureMap::exp: return hn::IfThenElseZero(hn::Lt(phi, exp2(broadcast(largest_exponent))), phi);
    case FeatureMap::identity: break;
  }
  return broadcast(factor);
}

constexpr float gate_temperature = static_cast<float>(model::gate_temperature);
constexpr float smallest_log_decay = static_cast<float>(model::smallest_log_decay);

// log2 of a decay: log2(sigmoid(x)) / 16, but at least -4 log2(e). With z = e / (2 + e), log2(1 + e) = 2 artanh(z) / ln 2 = z p(z^2): p has degree 4
// and interpolates at Chebyshev points of e <= 1 (relative error 2e-8).
HWY_INLINE Vector log2_decay(Vector x) {
  const Vector e = exp2(hn::Mul(hn::Abs(x), broadcast(-log2_e)));
  const Vector z = hn::Div(e, hn::Add(e, broadcast(2.0F)));
  const Vector square = hn::Mul(z, z);
  Vector p = broadcast(4.062308721e-1F);
  p = hn::MulAdd(p, square, broadcast(4.034519440e-1F));
  p = hn::MulAdd(p, square, broadcast(5.774328505e-1F));
  p = hn::MulAdd(p, square, broadcast(9.617917163e-1F));
  p = hn::MulAdd(p, square, broadcast(2.885390093F));
  const Vector log2_sigmoid = hn::NegMulAdd(z, p, hn::Mul(hn::Min(x, hn::Zero(lanes)), broadcast(log2_e)));
  return hn::Max(hn::Mul(log2_sigmoid, broadcast(1.0F / gate_temperature)), broadcast(smallest_log_decay * log2_e));
}

// The derivative of ln alpha: sigmoid(-x) / 16, or 0 where it is at its least.
HWY_INLINE Vector log_decay_slope(Vector x) {
  const Vector e = exp2(hn::Min(hn::Mul(x, broadcast(log2_e)), broadcast(64.0F)));
  const Vector slope = hn::Div(broadcast(1.0F / gate_temperature), hn::Add(e, broadcast(1.0F)));
  return hn::IfThenElseZero(hn::Ge(x, broadcast(gate_temperature * smallest_log_decay)), slope);  // below, log sigmoid(x) = x
}

HWY_INLINE float query_factor(const Sizes& sizes) { return 1.0F / std::sqrt(static_cast<float>(sizes.d)); }
inline int value_rows(const Sizes& sizes) { return sizes.finish == Finish::divide ? sizes.d + 1 : sizes.d; }

// phi of rows [d][length], zero in the rest of the tile.
inline void map_features(FeatureMap map, float factor, int d, int length, const float* x, std::ptrdiff_t ld, float* phi, std::ptrdiff_t ldp) {
  for (int e = 0; e < d; ++e) {
    for (int i = 0; i < length; i += width) {
      const auto valid = first_columns(length - i);
      store(hn::IfThenElseZero(valid, feature(map, load(x + e * ld + i), factor)), phi + e * ldp + i);
    }
    for (int i = (length + width - 1) / width * width; i < round_to_tiles(length); i += width) store(hn::Zero(lanes), phi + e * ldp + i);
  }
}

// to[row][i] = from[row][i] powers[i mod block]
inline void scale_blocks(int rows, int length, const float* from, const float* powers, std::ptrdiff_t ld, float* to) {
  for (int row = 0; row < rows; ++row) {
    for (int i = 0; i < round_to_tiles(length); i += width) {
      store(hn::Mul(load(from + row * ld + i), load(powers + i % recurrent_block)), to + row * ld + i);
    }
  }
}

// Factors of products that sum along a tile's tokens t, as rows t of columns i: `signs` + s - t + i is -1, 0 or 1 by how t compares with i. From
// earlier_sum: 1 where t <= i; from later_sum: -1 where t > i; from rest_sum: -1 where t >= i.
alignas(64) constexpr float signs[3 * tile] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0,
                                               0,  0,  0,  0,  0,  0,  0,  0,  1,  1,  1,  1,  1,  1,  1,  1,  1, 1, 1, 1, 1, 1, 1, 1};
constexpr const float* earlier_sum = signs + 2 * tile;
constexpr const float* later_sum = signs + tile;
constexpr const float* rest_sum = signs + tile - 1;

// phi(q) and phi(k) of gated_linear and their factors, from rows [d][length] of q, k and the gate; zero in the rest of the tile. block_decays of a
// block take the state from the middle of the block before to its start and on to its middle: fp32 may not hold the product of both. A block is two
// tiles, and its middle the end of the first.
inline void gate_features(const Sizes& sizes, int length, const float* q, const float* k, const float* gate, std::ptrdiff_t ld,
                          const AttentionScratch& scratch) {
  const int d = sizes.d;
  const std::ptrdiff_t lds = scratch.ld;
  const int padded = round_to_tiles(length);
  const auto valid = [&](int i) { return first_columns(length - i); };
  float* const decay = scratch.q_factor;  // log2, until the factors take the place
  float* const sum = scratch.k_factor;
  for (int e = 0; e < d; ++e) {
    for (int i = 0; i < padded; i += width) store(hn::IfThenElseZero(valid(i), log2_decay(load(gate + e * ld + i))), decay + e * lds + i);
  }
  for (int i = 0; i < padded; i += tile) {
    multiply(d, tile, tile, {decay + i, lds, 1}, i % spec::gated_chunk == 0 ? later_sum : earlier_sum, -1, nullptr, false, sum + i, lds);
  }
  for (int start = spec::gated_chunk; start < length; start += spec::gated_chunk) {
    float* const to_start = scratch.block_decays + start / spec::gated_chunk * 2 * d;
    float* const to_middle = to_start + d;
    for (int e = 0; e < d; ++e) {
      const std::ptrdiff_t at = e * lds + start;
      to_start[e] = std::exp2(sum[at - 1]);
      to_middle[e] = std::exp2(decay[at] - sum[at]);
    }
  }
  const Vector scale = broadcast(query_factor(sizes));
  for (int e = 0; e < d; ++e) {
    for (int i = 0; i < padded; i += width) {
      const std::ptrdiff_t at = e * lds + i;
      const Vector exponent = load(sum + at);
      const Vector q_factor = hn::Mul(exp2(exponent), scale);
      const Vector k_factor = exp2(hn::Neg(exponent));
      store(q_factor, scratch.q_factor + at);
      store(k_factor, scratch.k_factor + at);
      store(hn::IfThenElseZero(valid(i), hn::Mul(load(q + e * ld + i), q_factor)), scratch.q + at);
      store(hn::IfThenElseZero(valid(i), hn::Mul(load(k + e * ld + i), k_factor)), scratch.k + at);
    }
  }
}

// What a pass works on, in the scratch. far_: queries (or gradients) times gamma^(i - start of the block), keys and values times
// gamma^(start of the next block - j); without decay the same as q, k, v.
struct Recurrence {
  int n;
  Keys keys;
  const float *rising, *falling;  // decay within a block, or null (AttentionScratch)
  float block_decay;              // gamma^block
  const float *far_q, *far_k, *far_v;
};
inline Recurrence recurrence(const Sizes& sizes, int head, int length, const float* q, const float* k, const float* v, const float* gate,
                             std::ptrdiff_t ld, const AttentionScratch& scratch) {
  const int d = sizes.d;
  if (sizes.gated) {
    gate_features(sizes, length, q, k, gate, ld, scratch);
  } else {
    map_features(sizes.map, query_factor(sizes), d, length, q, ld, scratch.q, scratch.ld);
    map_features(sizes.map, 1.0F, d, length, k, ld, scratch.k, scratch.ld);
  }
  pack(d, length, v, ld, 1.0F, scratch.v, scratch.ld);
  Recurrence r{.n = value_rows(sizes),
               .keys = {scratch.k, scratch.v, scratch.ld, length, scratch.from, scratch.to},
               .rising = nullptr,
               .falling = nullptr,
               .block_decay = 1.0F,
               .far_q = scratch.q,
               .far_k = scratch.k,
               .far_v = scratch.v};
  if (r.n > d) {
    float* const ones = scratch.v + d * scratch.ld;
    std::fill_n(ones, length, 1.0F);
    std::fill(ones + length, ones + round_to_tiles(length), 0.0F);
  }
  if (!sizes.decays.empty()) {
    r.rising = scratch.decay + 2 * head * decay_entries;
    r.falling = r.rising + decay_entries;
    r.block_decay = r.falling[0];
    scale_blocks(d, length, scratch.q, r.rising + tile, scratch.ld, scratch.far_q);
    scale_blocks(d, length, scratch.k, r.falling, scratch.ld, scratch.far_k);
    scale_blocks(r.n, length, scratch.v, r.falling, scratch.ld, scratch.far_v);
    r.far_q = scratch.far_q, r.far_k = scratch.far_k, r.far_v = scratch.far_v;
  }
  return r;
}

// state = gamma^block state + sum over the columns of a block of a[n] b[d]^T; gated: (state + sum) times the decays from one block's middle to the
// next's, `later` being the later one.
inline void carry(const Sizes& sizes, const Recurrence& r, int later, int columns, const float* a, const float* b, const AttentionScratch& scratch,
                  float* state) {
  const int d = sizes.d;
  if (r.rising != nullptr) {
    for (int element = 0; element < r.n * d; ++element) state[element] *= r.block_decay;
  }
  multiply_tokens(r.n, d, columns, a, scratch.ld, b, scratch.ld, state, d);
  if (!sizes.gated) return;
  const float* const to_start = scratch.block_decays + later * 2 * d;
  const float* const to_middle = to_start + d;
  for (int row = 0; row < r.n; ++row, state += d) {
    for (int e = 0; e < d; ++e) state[e] = state[e] * to_start[e] * to_middle[e];
  }
}

// o[d][length] and statistics [length], stored in whole tiles: what follows the sequence is overwritten, so go through a chunk in order.
// Queries before `first`, a multiple of the tile, are left out. Intervals must be filled in.
inline void recurrent_forward(const Sizes& sizes, int head, int length, int first, const float* q, const float* k, const float* v, const float* gate,
                              std::ptrdiff_t ld, const AttentionScratch& scratch, float* o, float* statistics) {
  const int d = sizes.d;
  const int size = state_block(sizes);
  const Recurrence r = recurrence(sizes, head, length, q, k, v, gate, ld, scratch);
  float* const state = scratch.states;
  float* const sums = scratch.g;  // [n][tile]
  std::fill_n(state, r.n * d, 0.0F);
  for (int block = 0; block < length; block += size) {
    for (int i = std::max(block, first); i < std::min(length, block + size); i += tile) {
      const int end = std::min(i + tile, length);
      const Range range = visible(r.keys, i, end);
      score(d, r.keys, range, scratch.q + i, scratch.ld, i, end, 0.0F, scratch.scores);
      if (r.rising != nullptr) {
        float* row = scratch.scores;
        for (int j = range.first; j < range.last; ++j, row += tile) {
          for (int lane = 0; lane < tile; lane += width) store(hn::Mul(load(row + lane), load(r.rising + tile + i - j + lane)), row + lane);
        }
      }
      multiply(r.n, range.size(), tile, {scratch.v + range.first, scratch.ld, 1}, scratch.scores, tile, nullptr, false, sums, tile);
      if (block > 0) multiply(r.n, d, tile, {state, d, 1}, r.far_q + i, scratch.ld, nullptr, true, sums, tile);
      if (sizes.finish == Finish::normalise) normalise(d, tile, sums, tile, sums, statistics + i);
      for (int lane = 0; lane < tile; lane += width) {
        Vector factor = broadcast(1.0F);
        if (sizes.finish == Finish::divide) {
          const auto valid = first_columns(end - i - lane);
          factor = hn::IfThenElseZero(valid, hn::Div(factor, hn::Max(load(sums + d * tile + lane), broadcast(smallest_denominator))));
          store(factor, statistics + i + lane);
        }
        for (int e = 0; e < d; ++e) store(hn::Mul(load(sums + e * tile + lane), factor), o + e * ld + i + lane);
      }
    }
    if (block + size < length) carry(sizes, r, block / size + 1, size, r.far_v + block, scratch.k + block, scratch, state);
  }
}

// scratch.g[n]: the gradient of the sums from that of o, zero where there is none.
inline void recurrent_finish_backward(const Sizes& sizes, int n, int length, int first, const float* o, const float* go, std::ptrdiff_t ld,
                                      const float* statistics, const AttentionScratch& scratch) {
  const int d = sizes.d;
  const Vector share = broadcast(1.0F / static_cast<float>(d));
  for (int e = 0; e < n; ++e) std::fill_n(scratch.g + e * scratch.ld, round_to_tiles(length), 0.0F);
  for (int i = first; i < length; i += width) {
    const auto valid = first_columns(length - i);
    Vector sum = hn::Zero(lanes);
    Vector product = hn::Zero(lanes);
    for (int e = 0; e < d; ++e) {
      const Vector g = hn::IfThenElseZero(valid, load(go + e * ld + i));
      sum = hn::Add(sum, g);
      product = hn::MulAdd(g, hn::IfThenElseZero(valid, load(o + e * ld + i)), product);
    }
    Vector factor = broadcast(1.0F);
    if (sizes.finish != Finish::none) factor = hn::IfThenElseZero(valid, load(statistics + i));
    Vector mean = hn::Zero(lanes);
    Vector slope = hn::Zero(lanes);
    if (sizes.finish == Finish::normalise) mean = hn::Mul(sum, share), slope = hn::Mul(product, share);
    for (int e = 0; e < d; ++e) {
      const Vector centred = hn::Sub(load(go + e * ld + i), mean);
      const Vector value = hn::Mul(factor, hn::NegMulAdd(load(o + e * ld + i), slope, centred));
      store(hn::IfThenElseZero(valid, value), scratch.g + e * scratch.ld + i);
    }
    if (sizes.finish == Finish::divide) {  // what the denominator is at least is no function of the weights
      const auto divides = hn::Lt(factor, hn::Div(broadcast(1.0F), broadcast(smallest_denominator)));
      store(hn::IfThenElseZero(divides, hn::Neg(hn::Mul(product, factor))), scratch.g + d * scratch.ld + i);
    }
  }
}

// dq, dk and dgate from d phi(q) and d phi(k) in the scratch. A query's and a key's exponents b_i take up phi(q_i) d phi(q_i) - phi(k_i) d phi(k_i),
// and log alpha_t is in all b_i with i >= t, whatever the blocks' middles, since only differences of b matter.
inline void gate_backward(const Sizes& sizes, int length, const float* gate, std::ptrdiff_t ld, const AttentionScratch& scratch, float* dq, float* dk,
                          float* dgate) {
  const int d = sizes.d;
  const std::ptrdiff_t lds = scratch.ld;
  const int padded = round_to_tiles(length);
  float* const rest = scratch.later;  // sums over the tiles that follow
  std::fill_n(rest, d, 0.0F);
  for (int e = 0; e < d; ++e) {
    for (int i = 0; i < padded; i += width) {
      const std::ptrdiff_t at = e * lds + i;
      const Vector dphi_q = load(scratch.dq + at), dphi_k = load(scratch.dk + at);
      store(hn::Mul(dphi_q, load(scratch.q_factor + at)), dq + e * ld + i);
      store(hn::Mul(dphi_k, load(scratch.k_factor + at)), dk + e * ld + i);
      store(hn::MulSub(load(scratch.k + at), dphi_k, hn::Mul(load(scratch.q + at), dphi_q)), scratch.g + at);
    }
  }
  for (int i = padded - tile; i >= 0; i -= tile) {
    multiply(d, tile, tile, {scratch.g + i, lds, 1}, rest_sum, -1, rest, false, scratch.dq + i, lds);
    for (int e = 0; e < d; ++e) {
      rest[e] = scratch.dq[e * lds + i];
      for (int lane = i; lane < i + tile; lane += width) {
        store(hn::Mul(load(scratch.dq + e * lds + lane), log_decay_slope(load(gate + e * ld + lane))), dgate + e * ld + lane);
      }
    }
  }
}

// dq, dk, dv, dgate [d][length] from the gradient go of o, overwritten in whole tiles as in the forward pass. With g the gradient of the sums:
// d phi(q_i) = S_i^T g_i, d phi(k_j) = R_j^T v_j, dv_j = R_j phi(k_j), where R_j = sum over i >= j of gamma^(i - j) g_i phi(q_i)^T.
inline void recurrent_backward(const Sizes& sizes, int head, int length, int first, const float* q, const float* k, const float* v, const float* gate,
                               const float* o, const float* go, std::ptrdiff_t ld, const float* statistics, const AttentionScratch& scratch,
                               float* dq, float* dk, float* dv, float* dgate) {
  const int d = sizes.d;
  const int size = state_block(sizes);
  const Recurrence r = recurrence(sizes, head, length, q, k, v, gate, ld, scratch);
  const std::ptrdiff_t state_size = static_cast<std::ptrdiff_t>(r.n) * d;
  const int padded = round_to_tiles(length);
  for (int e = 0; e < d; ++e) std::fill_n(scratch.dq + e * scratch.ld, padded, 0.0F);
  recurrent_finish_backward(sizes, r.n, length, first, o, go, ld, statistics, scratch);
  const float* far_g = scratch.g;
  if (r.rising != nullptr) {
    scale_blocks(r.n, length, scratch.g, r.rising + tile, scratch.ld, scratch.far_q);
    far_g = scratch.far_q;
  }
  const Queries queries{.q = scratch.q,
                        .q_offset = nullptr,
                        .g = scratch.g,
                        .g_offset = r.n > d ? scratch.g + d * scratch.ld : nullptr,
                        .ld = scratch.ld,
                        .first = first,
                        .length = length,
                        .falling = r.falling};
  pair_gradients<false>(d, queries, r.keys, scratch, scratch.dq, scratch.dk, scratch.ld, dv, ld);

  const int blocks = (length + size - 1) / size;
  std::fill_n(scratch.states, state_size, 0.0F);
  for (int b = 1; b < blocks; ++b) {
    float* const state = scratch.states + b * state_size;
    std::copy_n(state - state_size, state_size, state);
    const int before = (b - 1) * size;
    carry(sizes, r, b, size, r.far_v + before, scratch.k + before, scratch, state);
  }
  std::fill_n(scratch.later, state_size, 0.0F);
  for (int b = blocks - 1; b >= 0; --b) {
    const int start = b * size;
    const int columns = std::min(size, padded - start);
    if (b > 0) {
      multiply(d, r.n, columns, {scratch.states + b * state_size, 1, d}, far_g + start, scratch.ld, nullptr, true, scratch.dq + start, scratch.ld);
    }
    if (b < blocks - 1) {
      multiply(d, r.n, columns, {scratch.later, 1, d}, r.far_v + start, scratch.ld, nullptr, true, scratch.dk + start, scratch.ld);
      multiply(d, d, columns, {scratch.later, d, 1}, r.far_k + start, scratch.ld, nullptr, true, dv + start, ld);
    }
    if (b > 0) carry(sizes, r, b, columns, far_g + start, scratch.q + start, scratch, scratch.later);
  }
  if (sizes.gated) {
    gate_backward(sizes, length, gate, ld, scratch, dq, dk, dgate);
    return;
  }
  for (int e = 0; e < d; ++e) {
    for (int i = 0; i < length; i += width) {
      const std::ptrdiff_t at = e * scratch.ld + i;
      store(hn::Mul(load(scratch.dq + at), feature_slope(sizes.map, load(scratch.q + at), query_factor(sizes))), dq + e * ld + i);
      store(hn::Mul(load(scratch.dk + at), feature_slope(sizes.map, load(scratch.k + at), 1.0F)), dk + e * ld + i);
    }
  }
}

// Generation: one query, key and value of one head in each of `width` sequences, q, k, v, gate[d], with state[n][d][width]; features[3 d][width] is
// scratch.
inline void recurrent_step(const Sizes& sizes, int head, const float* q, const float* k, const float* v, const float* gate, std::ptrdiff_t ld,
                           float* features, float* state, float* o) {
  const int d = sizes.d;
  float* const phi_q = features;
  float* const phi_k = phi_q + static_cast<std::ptrdiff_t>(d) * width;
  float* const decays = phi_k + static_cast<std::ptrdiff_t>(d) * width;
  const bool gated = sizes.gated;
  const Vector decay = broadcast(sizes.decays.empty() ? 1.0F : static_cast<float>(sizes.decays[static_cast<std::size_t>(head)]));
  for (int f = 0; f < d; ++f) {
    store(feature(sizes.map, load(q + f * ld), query_factor(sizes)), phi_q + f * width);
    store(feature(sizes.map, load(k + f * ld), 1.0F), phi_k + f * width);
    if (gated) store(exp2(log2_decay(load(gate + f * ld))), decays + f * width);
  }
  const auto row = [&](int e, Vector value) {  // row e of the state takes value phi(k) up; its product with phi(q)
    Vector sum = hn::Zero(lanes);
    for (int f = 0; f < d; ++f) {
      float* const element = state + (static_cast<std::ptrdiff_t>(e) * d + f) * width;
      const Vector updated = hn::MulAdd(value, load(phi_k + f * width), hn::Mul(load(element), gated ? load(decays + f * width) : decay));
      store(updated, element);
      sum = hn::MulAdd(updated, load(phi_q + f * width), sum);
    }
    return sum;
  };
  Vector mean = hn::Zero(lanes);
  for (int e = 0; e < d; ++e) {
    const Vector sum = row(e, load(v + e * ld));
    mean = hn::Add(mean, sum);
    store(sum, o + e * ld);
  }
  if (sizes.finish == Finish::none) return;
  Vector factor;
  if (sizes.finish == Finish::divide) {
    mean = hn::Zero(lanes);
    factor = hn::Div(broadcast(1.0F), hn::Max(row(d, broadcast(1.0F)), broadcast(smallest_denominator)));
  } else {
    const Vector share = broadcast(1.0F / static_cast<float>(d));
    mean = hn::Mul(mean, share);
    Vector squares = hn::Zero(lanes);
    for (int e = 0; e < d; ++e) {
      const Vector centred = hn::Sub(load(o + e * ld), mean);
      squares = hn::MulAdd(centred, centred, squares);
    }
    factor = hn::Div(broadcast(1.0F), hn::Sqrt(hn::MulAdd(squares, share, broadcast(norm_epsilon))));
  }
  for (int e = 0; e < d; ++e) store(hn::Mul(hn::Sub(load(o + e * ld), mean), factor), o + e * ld);
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_ATTENTION_RECURRENT_CPU_HPP_
