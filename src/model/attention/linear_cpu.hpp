// Linear attention o_i = S_i phi(q_i) / (z_i . phi(q_i)), S_i = sum over j <= i of v_j phi(k_j)^T, z_i = sum of phi(k_j), phi(x) = elu(x) + 1, for
// one head of one sequence: within a block of 64 by pairs, across blocks through the state at the block's start. O(length).
// v has a last row of ones, so that z is the last row of S and the denominator the last row of the numerator. 1 / denominator is kept (`statistics`).
// Letters: d head dimension, i queries, j keys, state [d + 1][d].
#if defined(SURD_MODEL_ATTENTION_LINEAR_CPU_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_ATTENTION_LINEAR_CPU_HPP_
#undef SURD_MODEL_ATTENTION_LINEAR_CPU_HPP_
#else
#define SURD_MODEL_ATTENTION_LINEAR_CPU_HPP_
#endif

#include <algorithm>

#include "model/attention/pairs_cpu.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

inline void linear_intervals(int length, const AttentionScratch& scratch) {
  for (int j = 0; j < round_to_tiles(length); ++j) {
    scratch.from[j] = j < length ? static_cast<float>(j) : never;
    scratch.to[j] = j < length ? static_cast<float>(std::min(length, (j / linear_block + 1) * linear_block)) : never;
  }
}

HWY_INLINE Vector elu_plus_one(Vector x) {
  const Vector zero = hn::Zero(lanes);
  return hn::IfThenElse(hn::Gt(x, zero), hn::Add(x, broadcast(1.0F)), exp2(hn::Mul(hn::Min(x, zero), broadcast(log2_e))));
}

// phi of rows [d][length], zero in the rest of the tile.
inline void feature_map(int d, int length, const float* x, std::ptrdiff_t ld, float* phi, std::ptrdiff_t ldp) {
  for (int e = 0; e < d; ++e) {
    for (int i = 0; i < length; i += width) {
      const Vector mapped = elu_plus_one(load(x + e * ld + i));
      const auto valid = hn::FirstN(lanes, static_cast<std::size_t>(std::min(width, length - i)));
      store(hn::IfThenElseZero(valid, mapped), phi + e * ldp + i);
    }
    for (int i = (length + width - 1) / width * width; i < round_to_tiles(length); i += width) store(hn::Zero(lanes), phi + e * ldp + i);
  }
}

inline Keys linear_keys(const Sizes& sizes, int length, const float* q, const float* k, const float* v, std::ptrdiff_t ld,
                        const AttentionScratch& scratch) {
  const int d = sizes.d;
  feature_map(d, length, q, ld, scratch.q, scratch.ld);
  feature_map(d, length, k, ld, scratch.k, scratch.ld);
  pack(d, length, v, ld, 1.0F, scratch.v, scratch.ld);
  float* const ones = scratch.v + d * scratch.ld;
  std::fill_n(ones, length, 1.0F);
  std::fill(ones + length, ones + round_to_tiles(length), 0.0F);
  return {scratch.k, scratch.v, scratch.ld, length, scratch.from, scratch.to};
}

// o[d][length] and statistics [length], stored in whole tiles: what follows the sequence is overwritten, so go through a chunk in order.
// Queries before `first`, a multiple of the tile, are left out. Intervals must be filled in.
inline void linear_forward(const Sizes& sizes, int length, int first, const float* q, const float* k, const float* v, std::ptrdiff_t ld,
                           const AttentionScratch& scratch, float* o, float* statistics) {
  const int d = sizes.d;
  const Keys keys = linear_keys(sizes, length, q, k, v, ld, scratch);
  float* const state = scratch.states;
  float* const sums = scratch.g;  // [d + 1][tile] numerators and denominator
  std::fill_n(state, (d + 1) * d, 0.0F);
  for (int block = 0; block < length; block += linear_block) {
    for (int i = std::max(block, first); i < std::min(length, block + linear_block); i += tile) {
      const int end = std::min(i + tile, length);
      const Range range = visible(keys, i, end);
      score(d, keys, range, scratch.q + i, scratch.ld, i, end, 0.0F, scratch.scores);
      multiply(d + 1, range.size(), tile, {scratch.v + range.first, scratch.ld, 1}, scratch.scores, tile, nullptr, false, sums, tile);
      if (block > 0) multiply(d + 1, d, tile, {state, d, 1}, scratch.q + i, scratch.ld, nullptr, true, sums, tile);
      for (int lane = 0; lane < tile; lane += width) {
        const auto valid = hn::FirstN(lanes, static_cast<std::size_t>(std::clamp(end - i - lane, 0, width)));
        const Vector inverse = hn::IfThenElseZero(valid, hn::Div(broadcast(1.0F), load(sums + d * tile + lane)));
        store(inverse, statistics + i + lane);
        for (int e = 0; e < d; ++e) store(hn::Mul(load(sums + e * tile + lane), inverse), o + e * ld + i + lane);
      }
    }
    if (block + linear_block < length) {
      multiply_tokens(d + 1, d, linear_block, scratch.v + block, scratch.ld, scratch.k + block, scratch.ld, state, d);
    }
  }
}

// dq, dk, dv [d][length] from the gradient go of o, overwritten in whole tiles as in the forward pass.
// With g = go / denominator and its last row -(sum_e go o) / denominator, the gradient of the numerators and the denominator:
// d phi(q_i) = S_i^T g_i, d phi(k_j) = R_j^T v_j, dv_j = R_j phi(k_j), where R_j = sum over i >= j of g_i phi(q_i)^T.
inline void linear_backward(const Sizes& sizes, int length, int first, const float* q, const float* k, const float* v, const float* o,
                            const float* go, std::ptrdiff_t ld, const float* statistics, const AttentionScratch& scratch, float* dq, float* dk,
                            float* dv) {
  const int d = sizes.d;
  const std::ptrdiff_t state_size = static_cast<std::ptrdiff_t>(d + 1) * d;
  const Keys keys = linear_keys(sizes, length, q, k, v, ld, scratch);
  const int padded = round_to_tiles(length);
  for (int e = 0; e < d; ++e) std::fill_n(scratch.dq + e * scratch.ld, padded, 0.0F);
  for (int e = 0; e <= d; ++e) std::fill_n(scratch.g + e * scratch.ld, padded, 0.0F);
  for (int i = first; i < length; i += width) {
    const auto valid = hn::FirstN(lanes, static_cast<std::size_t>(std::min(width, length - i)));
    const Vector inverse = hn::IfThenElseZero(valid, load(statistics + i));
    Vector product = hn::Zero(lanes);
    for (int e = 0; e < d; ++e) {
      const Vector g = hn::IfThenElseZero(valid, hn::Mul(load(go + e * ld + i), inverse));
      product = hn::MulAdd(g, hn::IfThenElseZero(valid, load(o + e * ld + i)), product);
      store(g, scratch.g + e * scratch.ld + i);
    }
    store(hn::Neg(product), scratch.g + d * scratch.ld + i);
  }
  const Queries queries{scratch.q, nullptr, scratch.g, scratch.g + d * scratch.ld, scratch.ld, first, length};
  pair_gradients<false>(d, queries, keys, scratch, scratch.dq, scratch.dk, scratch.ld, dv, ld);

  const int blocks = (length + linear_block - 1) / linear_block;
  std::fill_n(scratch.states, state_size, 0.0F);
  for (int b = 1; b < blocks; ++b) {
    float* const state = scratch.states + b * state_size;
    std::copy_n(state - state_size, state_size, state);
    const int before = (b - 1) * linear_block;
    multiply_tokens(d + 1, d, linear_block, scratch.v + before, scratch.ld, scratch.k + before, scratch.ld, state, d);
  }
  std::fill_n(scratch.later, state_size, 0.0F);
  for (int b = blocks - 1; b >= 0; --b) {
    const int start = b * linear_block;
    const int columns = std::min(linear_block, padded - start);
    if (b > 0) {
      multiply(d, d + 1, columns, {scratch.states + b * state_size, 1, d}, scratch.g + start, scratch.ld, nullptr, true, scratch.dq + start,
               scratch.ld);
    }
    if (b < blocks - 1) {
      multiply(d, d + 1, columns, {scratch.later, 1, d}, scratch.v + start, scratch.ld, nullptr, true, scratch.dk + start, scratch.ld);
      multiply(d, d, columns, {scratch.later, d, 1}, scratch.k + start, scratch.ld, nullptr, true, dv + start, ld);
    }
    if (b > 0) multiply_tokens(d + 1, d, columns, scratch.g + start, scratch.ld, scratch.q + start, scratch.ld, scratch.later, d);
  }
  // phi'(x) = 1 for x > 0, else e^x = phi(x): the smaller of phi and 1.
  const Vector one = broadcast(1.0F);
  for (int e = 0; e < d; ++e) {
    for (int i = 0; i < length; i += width) {
      const std::ptrdiff_t at = e * scratch.ld + i;
      store(hn::Mul(load(scratch.dq + at), hn::Min(load(scratch.q + at), one)), dq + e * ld + i);
      store(hn::Mul(load(scratch.dk + at), hn::Min(load(scratch.k + at), one)), dk + e * ld + i);
    }
  }
}

// Generation: one query, key and value of one head in each of `width` sequences, q, k, v[d], with state[d + 1][d][width]; features[2][d][width] is
// scratch.
inline void linear_step(int d, const float* q, const float* k, const float* v, std::ptrdiff_t ld, float* features, float* state, float* o) {
  float* const phi_q = features;
  float* const phi_k = features + static_cast<std::ptrdiff_t>(d) * width;
  for (int f = 0; f < d; ++f) {
    store(elu_plus_one(load(q + f * ld)), phi_q + f * width);
    store(elu_plus_one(load(k + f * ld)), phi_k + f * width);
  }
  const auto row = [&](int e, Vector value) {  // row e of the state takes value phi(k) up; its product with phi(q)
    Vector sum = hn::Zero(lanes);
    for (int f = 0; f < d; ++f) {
      float* const element = state + (static_cast<std::ptrdiff_t>(e) * d + f) * width;
      const Vector updated = hn::MulAdd(value, load(phi_k + f * width), load(element));
      store(updated, element);
      sum = hn::MulAdd(updated, load(phi_q + f * width), sum);
    }
    return sum;
  };
  const Vector inverse = hn::Div(broadcast(1.0F), row(d, broadcast(1.0F)));
  for (int e = 0; e < d; ++e) store(hn::Mul(row(e, load(v + e * ld)), inverse), o + e * ld);
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_ATTENTION_LINEAR_CPU_HPP_
