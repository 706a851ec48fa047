// The delta rule for one head of one sequence: u_i = beta_i r_i, r_i = v_i - S_{i-1} k_i, S_i = S_{i-1} + u_i k_i^T, sums_i = S_i q_i. q and k are
// SiLU(.) / sqrt(sum of squares + 1e-6), beta the sigmoid of a number a head. Where it is normalised o is sums with root mean square 1 over d, and
// 1 / root mean square is kept (`statistics`). O(length). Letters: d head dimension, queries, keys and sums [d], state [d][d].
// A tile of positions at once, from the state S before it, features as columns of K, Q, V, R, U = R diag(beta): with N = K^T K strictly above its
// diagonal (k_j . k_i for j < i) and M = K^T Q on and above it,
//   R (I + diag(beta) N) = V - S K, sums = S Q + U M, S' = S + U K^T.
// The triangular system is solved by substitution. Backward, with g the gradient of the sums, D that of S', e = -(the gradient of R):
//   e (I + diag(beta) N)^T = -(g M^T + D K) diag(beta), dv = -e, d(pre-activation of beta_i) = -(1 - beta_i) r_i . e_i,
//   dq = S^T g + K A, dk = S^T e + K (B + B^T) + Q A^T + D^T U, dS = D + g Q^T + e K^T,
// where A = U^T g on and above the diagonal, B = U^T e strictly above it.
#if defined(SURD_MODEL_ATTENTION_DELTA_CPU_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_ATTENTION_DELTA_CPU_HPP_
#undef SURD_MODEL_ATTENTION_DELTA_CPU_HPP_
#else
#define SURD_MODEL_ATTENTION_DELTA_CPU_HPP_
#endif

#include <algorithm>
#include <utility>

#include "model/attention/constants.hpp"
#include "model/fused/chunk.hpp"
#include "model/fused/matrix.hpp"
#include "model/fused/norm.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

constexpr float length_epsilon = static_cast<float>(model::length_epsilon);
// Queries and keys of a tile lie side by side, as do their gradients and what multiplies them: one product serves both.
constexpr int both = 2 * tile;

// What the backward pass needs of a tile.
struct DeltaTile {
  float *qk, *rate;  // [d][both], [both] features and 1 / length
  float *beta, *r;   // [tile], [d][tile]
  float* solved;     // [tile][tile] the inverse of I + diag(beta) N
  float* state;      // [d][d] before the tile
};
inline DeltaTile delta_tile(int d, const AttentionScratch& scratch, int index) {
  float* next = scratch.tiles + index * delta_tile_size(d);
  const auto take = [&](int size) { return std::exchange(next, next + size); };
  DeltaTile t{};
  t.qk = take(d * both), t.rate = take(both), t.beta = take(tile), t.r = take(d * tile), t.solved = take(tile * tile), t.state = take(d * d);
  return t;
}

// Scratch of one tile at a time.
struct DeltaWork {
  float *weights, *turned;           // [tile][both], [both][tile] products of queries and keys, and their gradients
  float *sums, *gradients, *slopes;  // [d][both] S Q and S K; g and e; the gradients of queries and keys
  float* u;                          // [d][tile] U and what else is solved for or from
  float* later;                      // [d][d] gradient of the state
};
inline DeltaWork delta_work(int d, const AttentionScratch& scratch) {
  float* next = scratch.work;
  const auto take = [&](int size) { return std::exchange(next, next + size); };
  DeltaWork w{};
  w.weights = take(tile * both), w.turned = take(both * tile);
  w.sums = take(d * both), w.gradients = take(d * both), w.slopes = take(d * both);
  w.u = take(d * tile), w.later = take(d * d);
  return w;
}

// The features phi[d] of x[d] in the first `count` columns of a vector, zero in the others. Returns 1 / length.
inline Vector delta_features(int d, int count, const float* x, std::ptrdiff_t ld, float* phi, std::ptrdiff_t ldp) {
  const auto valid = first_columns(count);
  Vector squares = broadcast(length_epsilon);
  for (int e = 0; e < d; ++e) {
    const Vector value = load(x + e * ld);
    const Vector y = hn::IfThenElseZero(valid, hn::Mul(value, sigmoid(value)));
    squares = hn::MulAdd(y, y, squares);
    store(y, phi + e * ldp);
  }
  const Vector rate = hn::Div(broadcast(1.0F), hn::Sqrt(squares));
  for (int e = 0; e < d; ++e) store(hn::Mul(load(phi + e * ldp), rate), phi + e * ldp);
  return rate;
}

// The same for a tile of `count` positions: phi[d][both], rate[tile].
inline void delta_tile_features(int d, int count, const float* x, std::ptrdiff_t ld, float* phi, float* rate) {
  for (int lane = 0; lane < tile; lane += width) store(delta_features(d, count - lane, x + lane, ld, phi + lane, both), rate + lane);
}

// dx[d] of a whole tile, from the gradient `slope` of phi: with y = SiLU(x), s = sigmoid(x), dy = rate (slope - phi (phi . slope)) and
// dx = dy (s + y (1 - s)).
inline void delta_features_backward(int d, const float* x, std::ptrdiff_t ld, const float* phi, const float* slope, const float* rate, float* dx) {
  for (int lane = 0; lane < tile; lane += width) {
    Vector product = hn::Zero(lanes);
    for (int e = 0; e < d; ++e) product = hn::MulAdd(load(phi + e * both + lane), load(slope + e * both + lane), product);
    const Vector factor = load(rate + lane);
    for (int e = 0; e < d; ++e) {
      const Vector value = load(x + e * ld + lane);
      const Vector s = sigmoid(value);
      const Vector bend = hn::MulAdd(hn::Mul(value, s), hn::Sub(broadcast(1.0F), s), s);
      const Vector dy = hn::Mul(factor, hn::NegMulAdd(load(phi + e * both + lane), product, load(slope + e * both + lane)));
      store(hn::Mul(dy, bend), dx + e * ld + lane);
    }
  }
}

// Zero in the columns [0, first) of a row of a tile, or from `first` on.
HWY_INLINE void clear_before(int first, float* row) {
  for (int lane = 0; lane < tile; lane += width) {
    const auto cleared = first_columns(first - lane);
    store(hn::IfThenZeroElse(cleared, load(row + lane)), row + lane);
  }
}
HWY_INLINE void clear_from(int first, float* row) {
  for (int lane = 0; lane < tile; lane += width) {
    const auto kept = first_columns(first - lane);
    store(hn::IfThenElseZero(kept, load(row + lane)), row + lane);
  }
}

// solved[tile][tile] = the inverse of I + diag(beta) N, N[tile][both] strictly above its diagonal. Row j is that of I less beta_j times the rows
// below, as N says; the vectors that lie left of the diagonal are zero.
inline void delta_solve(const float* N, const float* beta, float* solved) {
  for (int lane = 0; lane < tile; lane += width) {
    for (int j = tile - 1; j >= 0; --j) {
      float* const row = solved + j * tile + lane;
      Vector sum = hn::Zero(lanes);
      for (int l = std::min(tile, lane + width) - 1; l > j; --l) sum = hn::MulAdd(broadcast(N[j * both + l]), load(solved + l * tile + lane), sum);
      const Vector one = hn::IfThenElseZero(hn::Eq(count_from(static_cast<float>(lane)), broadcast(static_cast<float>(j))), broadcast(1.0F));
      store(hn::NegMulAdd(sum, broadcast(beta[j]), one), row);
    }
  }
}

// Features, beta, the solution and R of a tile of `count` positions, of which the state is there. In the work: K^T K and S K, and where the queries
// are asked for K^T Q and S Q.
inline void delta_correct(int d, int count, bool asked, const float* q, const float* k, const float* v, const float* beta, std::ptrdiff_t ld,
                          const DeltaWork& w, const DeltaTile& t) {
  if (asked) delta_tile_features(d, count, q, ld, t.qk, t.rate);
  delta_tile_features(d, count, k, ld, t.qk + tile, t.rate + tile);
  const int from = asked ? 0 : tile;
  multiply(tile, d, both - from, {t.qk + tile, 1, both}, t.qk + from, both, nullptr, false, w.weights + from, both);
  multiply(d, d, both - from, {t.state, d, 1}, t.qk + from, both, nullptr, false, w.sums + from, both);
  for (int lane = 0; lane < tile; lane += width) {
    const auto valid = first_columns(count - lane);
    store(hn::IfThenElseZero(valid, sigmoid(load(beta + lane))), t.beta + lane);
    for (int e = 0; e < d; ++e) {
      const Vector value = hn::IfThenElseZero(valid, load(v + e * ld + lane));
      store(hn::Sub(value, load(w.sums + e * both + tile + lane)), w.u + e * tile + lane);
    }
  }
  delta_solve(w.weights + tile, t.beta, t.solved);
  multiply(d, tile, tile, {w.u, tile, 1}, t.solved, tile, nullptr, false, t.r, tile);
}

// U = R diag(beta)
inline void delta_weigh(int d, const DeltaTile& t, float* u) {
  for (int e = 0; e < d; ++e) {
    for (int lane = 0; lane < tile; lane += width) store(hn::Mul(load(t.r + e * tile + lane), load(t.beta + lane)), u + e * tile + lane);
  }
}

// o[d][length] and statistics [length], stored in whole tiles: what follows the sequence is overwritten, so go through a chunk in order.
// Queries before `first`, a multiple of the tile, are left out. beta [length]: before the sigmoid.
inline void delta_forward(const Sizes& sizes, int length, int first, const float* q, const float* k, const float* v, const float* beta,
                          std::ptrdiff_t ld, const AttentionScratch& scratch, float* o, float* statistics) {
  const int d = sizes.d;
  const DeltaTile t = delta_tile(d, scratch, 0);
  const DeltaWork w = delta_work(d, scratch);
  std::fill_n(t.state, d * d, 0.0F);
  for (int i = 0; i < length; i += tile) {
    const bool asked = i >= first;
    delta_correct(d, std::min(tile, length - i), asked, q + i, k + i, v + i, beta + i, ld, w, t);
    delta_weigh(d, t, w.u);
    if (asked) {
      for (int j = 0; j < tile; ++j) clear_before(j, w.weights + j * both);
      multiply(d, tile, tile, {w.u, tile, 1}, w.weights, both, nullptr, true, w.sums, both);
      for (int lane = 0; lane < tile; lane += width) {
        Vector factor = broadcast(1.0F);
        if (sizes.finish != Finish::none) {
          factor = inverse_rms(d, w.sums + lane, both);
          store(factor, statistics + i + lane);
        }
        for (int e = 0; e < d; ++e) store(hn::Mul(load(w.sums + e * both + lane), factor), o + e * ld + i + lane);
      }
    }
    if (i + tile < length) multiply_transposed(d, d, tile, w.u, tile, t.qk + tile, both, t.state, d);
  }
}

// The gradient g[d][both] of the sums of a tile of `count` positions from that of o.
inline void delta_finish_backward(const Sizes& sizes, int count, const float* o, const float* go, std::ptrdiff_t ld, const float* statistics,
                                  float* g) {
  const int d = sizes.d;
  for (int lane = 0; lane < tile; lane += width) {
    const auto valid = first_columns(count - lane);
    Vector factor = broadcast(1.0F);
    Vector slope = hn::Zero(lanes);
    if (sizes.finish != Finish::none) {
      factor = load(statistics + lane);
      for (int e = 0; e < d; ++e) slope = hn::MulAdd(load(go + e * ld + lane), load(o + e * ld + lane), slope);
      slope = hn::Mul(slope, broadcast(1.0F / static_cast<float>(d)));
    }
    for (int e = 0; e < d; ++e) {
      const Vector value = hn::Mul(factor, hn::NegMulAdd(load(o + e * ld + lane), slope, load(go + e * ld + lane)));
      store(hn::IfThenElseZero(valid, value), g + e * both + lane);
    }
  }
}

// dq, dk, dv [d][length] and dbeta [length] from the gradient go of o, overwritten in whole tiles as in the forward pass.
inline void delta_backward(const Sizes& sizes, int length, int first, const float* q, const float* k, const float* v, const float* beta,
                           const float* o, const float* go, std::ptrdiff_t ld, const float* statistics, const AttentionScratch& scratch, float* dq,
                           float* dk, float* dv, float* dbeta) {
  const int d = sizes.d;
  const DeltaWork w = delta_work(d, scratch);
  const int tiles = (length + tile - 1) / tile;
  std::fill_n(delta_tile(d, scratch, 0).state, d * d, 0.0F);
  for (int n = 0; n < tiles; ++n) {
    const int i = n * tile;
    const DeltaTile t = delta_tile(d, scratch, n);
    delta_correct(d, std::min(tile, length - i), false, q + i, k + i, v + i, beta + i, ld, w, t);
    if (n + 1 == tiles) break;
    delta_weigh(d, t, w.u);
    float* const next = delta_tile(d, scratch, n + 1).state;
    std::copy_n(t.state, d * d, next);
    multiply_transposed(d, d, tile, w.u, tile, t.qk + tile, both, next, d);
  }
  std::fill_n(w.later, d * d, 0.0F);
  for (int n = tiles - 1; n >= 0; --n) {
    const int i = n * tile;
    const int count = std::min(tile, length - i);
    const DeltaTile t = delta_tile(d, scratch, n);
    const bool asked = i >= first;  // else g is zero
    const int from = asked ? 0 : tile;
    float* const e = w.gradients + tile;
    if (asked) {
      delta_tile_features(d, count, q + i, ld, t.qk, t.rate);
      delta_finish_backward(sizes, count, o + i, go + i, ld, statistics + i, w.gradients);
      multiply(tile, d, tile, {t.qk, 1, both}, t.qk + tile, both, nullptr, false, w.turned, tile);  // M^T
      for (int row = 0; row < tile; ++row) clear_from(row + 1, w.turned + row * tile);
      multiply(d, tile, tile, {w.gradients, both, 1}, w.turned, tile, nullptr, false, w.u, tile);
    }
    multiply(d, d, tile, {w.later, d, 1}, t.qk + tile, both, nullptr, asked, w.u, tile);
    for (int row = 0; row < d; ++row) {
      for (int lane = 0; lane < tile; lane += width) {
        store(hn::Neg(hn::Mul(load(w.u + row * tile + lane), load(t.beta + lane))), w.u + row * tile + lane);
      }
    }
    transpose(tile, tile, t.solved, tile, w.turned, tile);
    multiply(d, tile, tile, {w.u, tile, 1}, w.turned, tile, nullptr, false, e, both);
    for (int lane = 0; lane < tile; lane += width) {
      Vector product = hn::Zero(lanes);
      for (int row = 0; row < d; ++row) {
        const Vector value = load(e + row * both + lane);
        product = hn::MulAdd(value, load(t.r + row * tile + lane), product);
        store(hn::Neg(value), dv + row * ld + i + lane);
      }
      store(hn::Mul(product, hn::Sub(load(t.beta + lane), broadcast(1.0F))), dbeta + i + lane);
    }
    delta_weigh(d, t, w.u);
    multiply(tile, d, both - from, {w.u, 1, tile}, w.gradients + from, both, nullptr, false, w.weights + from, both);
    for (int j = 0; j < tile; ++j) {
      if (asked) clear_before(j, w.weights + j * both);
      clear_before(j + 1, w.weights + j * both + tile);
    }
    transpose(tile, both - from, w.weights + from, both, w.turned, tile);
    multiply(d, tile, both - from, {t.qk + tile, both, 1}, w.weights + from, both, nullptr, false, w.slopes + from, both);
    multiply(d, d, both - from, {t.state, 1, d}, w.gradients + from, both, nullptr, true, w.slopes + from, both);
    multiply(d, both - from, tile, {t.qk + from, both, 1}, w.turned, tile, nullptr, true, w.slopes + tile, both);
    multiply(d, d, tile, {w.later, 1, d}, w.u, tile, nullptr, true, w.slopes + tile, both);
    if (n > 0) multiply_transposed(d, d, both - from, w.gradients + from, both, t.qk + from, both, w.later, d);
    delta_features_backward(d, k + i, ld, t.qk + tile, w.slopes + tile, t.rate + tile, dk + i);
    if (asked) {
      delta_features_backward(d, q + i, ld, t.qk, w.slopes, t.rate, dq + i);
    } else {
      for (int row = 0; row < d; ++row) std::fill_n(dq + row * ld + i, tile, 0.0F);
    }
  }
}

// Generation: one query, key, value and beta of one head in each of `width` sequences, q, k, v[d], with state[d][d][width]; features[2 d][width] is
// scratch.
inline void delta_step(const Sizes& sizes, const float* q, const float* k, const float* v, const float* beta, std::ptrdiff_t ld, float* features,
                       float* state, float* o) {
  const int d = sizes.d;
  float* const phi_q = features;
  float* const phi_k = features + static_cast<std::ptrdiff_t>(d) * width;
  delta_features(d, width, q, ld, phi_q, width);
  delta_features(d, width, k, ld, phi_k, width);
  const Vector rate = sigmoid(load(beta));
  for (int e = 0; e < d; ++e) {
    float* const row = state + static_cast<std::ptrdiff_t>(e) * d * width;
    Vector held = hn::Zero(lanes);
    for (int f = 0; f < d; ++f) held = hn::MulAdd(load(row + f * width), load(phi_k + f * width), held);
    const Vector u = hn::Mul(rate, hn::Sub(load(v + e * ld), held));
    Vector sum = hn::Zero(lanes);
    for (int f = 0; f < d; ++f) {
      const Vector updated = hn::MulAdd(u, load(phi_k + f * width), load(row + f * width));
      store(updated, row + f * width);
      sum = hn::MulAdd(updated, load(phi_q + f * width), sum);
    }
    store(sum, o + e * ld);
  }
  if (sizes.finish == Finish::none) return;
  const Vector factor = inverse_rms(d, o, ld);
  for (int e = 0; e < d; ++e) store(hn::Mul(load(o + e * ld), factor), o + e * ld);
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_ATTENTION_DELTA_CPU_HPP_
