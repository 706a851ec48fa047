// The delta rule on one tile of positions: features, the triangular system, and what a tile keeps.
// How they are used: delta_cpu.cpp. Letters: d head dimension.
#if defined(SURD_MODEL_ATTENTION_DELTA_TILE_CPU_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_ATTENTION_DELTA_TILE_CPU_HPP_
#undef SURD_MODEL_ATTENTION_DELTA_TILE_CPU_HPP_
#else
#define SURD_MODEL_ATTENTION_DELTA_TILE_CPU_HPP_
#endif

#include <algorithm>

#include "model/attention/constants.hpp"
#include "model/fused/vector.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

constexpr float length_epsilon = static_cast<float>(model::length_epsilon);
// Queries and keys of a tile lie side by side, as do their gradients and what multiplies them: one
// product serves both.
constexpr int both = 2 * tile;

// What the backward pass needs of a tile.
struct DeltaTile {
  float *qk, *rate;  // [d][both], [both] features and 1 / length
  float *beta, *r;   // [tile], [d][tile]
  float* solved;     // [tile][tile] the inverse of I + diag(beta) N
  float* state;      // [d][d] before the tile
};

// Scratch of one tile at a time.
struct DeltaWork {
  float *weights,
      *turned;  // [tile][both], [both][tile] products of queries and keys, and their gradients
  float *sums, *gradients,
      *slopes;   // [d][both] S Q and S K; g and e; the gradients of queries and keys
  float* u;      // [d][tile] U and what else is solved for or from
  float* later;  // [d][d] gradient of the state
};

// The features phi[d] of x[d] in the first `count` columns of a vector, zero in the others. Returns
// 1 / length.
inline Vector delta_features(int d, int count, const float* x, std::ptrdiff_t ld, float* phi,
                             std::ptrdiff_t ldp) {
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
inline void delta_tile_features(int d, int count, const float* x, std::ptrdiff_t ld, float* phi,
                                float* rate) {
  for (int lane = 0; lane < tile; lane += width)
    store(delta_features(d, count - lane, x + lane, ld, phi + lane, both), rate + lane);
}

// dx[d] of a whole tile, from the gradient `slope` of phi: with y = SiLU(x), s = sigmoid(x), dy =
// rate (slope - phi (phi . slope)) and dx = dy (s + y (1 - s)).
inline void delta_features_backward(int d, const float* x, std::ptrdiff_t ld, const float* phi,
                                    const float* slope, const float* rate, float* dx) {
  for (int lane = 0; lane < tile; lane += width) {
    Vector product = hn::Zero(lanes);
    for (int e = 0; e < d; ++e)
      product = hn::MulAdd(load(phi + e * both + lane), load(slope + e * both + lane), product);
    const Vector factor = load(rate + lane);
    for (int e = 0; e < d; ++e) {
      const Vector value = load(x + e * ld + lane);
      const Vector s = sigmoid(value);
      const Vector bend = hn::MulAdd(hn::Mul(value, s), hn::Sub(broadcast(1.0F), s), s);
      const Vector dy = hn::Mul(factor, hn::NegMulAdd(load(phi + e * both + lane), product,
                                                      load(slope + e * both + lane)));
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

// solved[tile][tile] = the inverse of I + diag(beta) N, N[tile][both] strictly above its diagonal.
// Row j is that of I less beta_j times the rows below, as N says; the vectors that lie left of the
// diagonal are zero.
inline void delta_solve(const float* N, const float* beta, float* solved) {
  for (int lane = 0; lane < tile; lane += width) {
    for (int j = tile - 1; j >= 0; --j) {
      float* const row = solved + j * tile + lane;
      Vector sum = hn::Zero(lanes);
      for (int l = std::min(tile, lane + width) - 1; l > j; --l)
        sum = hn::MulAdd(broadcast(N[j * both + l]), load(solved + l * tile + lane), sum);
      const Vector one = hn::IfThenElseZero(
          hn::Eq(count_from(static_cast<float>(lane)), broadcast(static_cast<float>(j))),
          broadcast(1.0F));
      store(hn::NegMulAdd(sum, broadcast(beta[j]), one), row);
    }
  }
}

// U = R diag(beta)
inline void delta_weigh(int d, const DeltaTile& t, float* u) {
  for (int e = 0; e < d; ++e) {
    for (int lane = 0; lane < tile; lane += width)
      store(hn::Mul(load(t.r + e * tile + lane), load(t.beta + lane)), u + e * tile + lane);
  }
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_ATTENTION_DELTA_TILE_CPU_HPP_
