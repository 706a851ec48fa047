// The delta rule for one head of one sequence: u_i = beta_i r_i, r_i = v_i - S_{i-1} k_i,
// S_i = S_{i-1} + u_i k_i^T, sums_i = S_i q_i. q and k are SiLU(.) / sqrt(sum of squares + 1e-6),
// beta the sigmoid of a number a head. Where it is normalised o is sums with root mean square 1
// over d, and 1 / root mean square is kept (`statistics`). O(length).
// Letters: d head dimension, queries, keys and sums [d], state [d][d].
//
// A tile of positions at once, from the state S before it, features as columns of K, Q, V, R,
// U = R diag(beta): with N = K^T K strictly above its diagonal (k_j . k_i for j < i) and M = K^T Q
// on and above it,
//   R (I + diag(beta) N) = V - S K, sums = S Q + U M, S' = S + U K^T.
// The triangular system is solved by substitution. Backward, with g the gradient of the sums,
// D that of S', e = -(the gradient of R):
//   e (I + diag(beta) N)^T = -(g M^T + D K) diag(beta), dv = -e,
//   d(pre-activation of beta_i) = -(1 - beta_i) r_i . e_i,
//   dq = S^T g + K A, dk = S^T e + K (B + B^T) + Q A^T + D^T U, dS = D + g Q^T + e K^T,
// where A = U^T g on and above the diagonal, B = U^T e strictly above it.
#include "model/fused/targets.hpp"
#define HWY_TARGET_INCLUDE "model/attention/delta_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <utility>

#include "model/attention/delta_tile_cpu.hpp"
#include "model/fused/kernel.hpp"
#include "model/fused/matrix.hpp"
#include "model/fused/norm.hpp"
#include "spec/architecture.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

namespace {

class DeltaKernel final : public AttentionKernel {
 public:
  DeltaKernel(int d, bool normalises) : d_(d), normalises_(normalises) {}

  void lay_out(int longest, Pieces& pieces) override {
    tiles_ = pieces.take(round_to_tiles(longest) / tile * tile_size());
    w_.weights = pieces.take(tile * both), w_.turned = pieces.take(both * tile);
    w_.sums = pieces.take(d_ * both), w_.gradients = pieces.take(d_ * both),
    w_.slopes = pieces.take(d_ * both);
    w_.u = pieces.take(d_ * tile), w_.later = pieces.take(d_ * d_);
  }
  void start_sequence(int /*length*/) override {}

  void forward(const Head& head, const HeadOutput& output) override {
    const DeltaTile t = tile_at(0);
    std::fill_n(t.state, d_ * d_, 0.0F);
    for (int i = 0; i < head.length; i += tile) {
      const bool asked = i >= head.first;
      correct(head, i, asked, t);
      delta_weigh(d_, t, w_.u);
      if (asked) {
        for (int j = 0; j < tile; ++j) clear_before(j, w_.weights + j * both);
        multiply(d_, tile, tile, {w_.u, tile, 1}, w_.weights, both, nullptr, true, w_.sums, both);
        finish(i, head.ld, output);
      }
      if (i + tile < head.length)
        multiply_transposed(d_, d_, tile, w_.u, tile, t.qk + tile, both, t.state, d_);
    }
  }

  void backward(const Head& head, const HeadGradient& to) override {
    const int tiles = (head.length + tile - 1) / tile;
    std::fill_n(tile_at(0).state, d_ * d_, 0.0F);
    for (int n = 0; n < tiles; ++n) {
      const DeltaTile t = tile_at(n);
      correct(head, n * tile, false, t);
      if (n + 1 == tiles) break;
      delta_weigh(d_, t, w_.u);
      float* const next = tile_at(n + 1).state;
      std::copy_n(t.state, d_ * d_, next);
      multiply_transposed(d_, d_, tile, w_.u, tile, t.qk + tile, both, next, d_);
    }
    std::fill_n(w_.later, d_ * d_, 0.0F);
    for (int n = tiles - 1; n >= 0; --n) {
      const bool asked = n * tile >= head.first;  // else g is zero
      solve_backward(head, n, asked, to);
      products_backward(head, n, asked, to);
    }
  }

  // A state, as large as others' where they keep the sum of the keys.
  std::ptrdiff_t remembered(int /*positions*/) const override {
    return static_cast<std::ptrdiff_t>(d_ + 1) * d_;
  }
  void lay_out_steps(int /*positions*/, Pieces& pieces) override {
    step_features_ = pieces.take(std::ptrdiff_t{2} * d_ * tile);
  }
  void start_position(int /*position*/) override {}

  void step(const HeadStep& step) override {
    const std::ptrdiff_t ld = step.ld;
    float* const phi_q = step_features_;
    float* const phi_k = phi_q + static_cast<std::ptrdiff_t>(d_) * width;
    delta_features(d_, width, step.q, ld, phi_q, width);
    delta_features(d_, width, step.k, ld, phi_k, width);
    const Vector rate = sigmoid(load(step.further + step.index * ld));
    for (int e = 0; e < d_; ++e) {
      float* const row = step.memory + static_cast<std::ptrdiff_t>(e) * d_ * width;
      Vector held = hn::Zero(lanes);
      for (int f = 0; f < d_; ++f)
        held = hn::MulAdd(load(row + f * width), load(phi_k + f * width), held);
      const Vector u = hn::Mul(rate, hn::Sub(load(step.v + e * ld), held));
      Vector sum = hn::Zero(lanes);
      for (int f = 0; f < d_; ++f) {
        const Vector updated = hn::MulAdd(u, load(phi_k + f * width), load(row + f * width));
        store(updated, row + f * width);
        sum = hn::MulAdd(updated, load(phi_q + f * width), sum);
      }
      store(sum, step.o + e * ld);
    }
    if (!normalises_) return;
    const Vector factor = inverse_rms(d_, step.o, ld);
    for (int e = 0; e < d_; ++e) store(hn::Mul(load(step.o + e * ld), factor), step.o + e * ld);
  }

 private:
  std::ptrdiff_t tile_size() const {
    return static_cast<std::ptrdiff_t>(d_) * d_ + 3 * tile * d_ + (tile + 3) * tile;
  }
  DeltaTile tile_at(int index) const {
    float* next = tiles_ + index * tile_size();
    const auto take = [&](int size) { return std::exchange(next, next + size); };
    DeltaTile t{};
    t.qk = take(d_ * both), t.rate = take(both), t.beta = take(tile), t.r = take(d_ * tile),
    t.solved = take(tile * tile), t.state = take(d_ * d_);
    return t;
  }

  // Features, beta, the solution and R of the tile of positions at i, of which the state is there.
  // In the work: K^T K and S K, and where the queries are asked for K^T Q and S Q.
  void correct(const Head& head, int i, bool asked, const DeltaTile& t) const {
    const std::ptrdiff_t ld = head.ld;
    const int count = std::min(tile, head.length - i);
    if (asked) delta_tile_features(d_, count, head.q + i, ld, t.qk, t.rate);
    delta_tile_features(d_, count, head.k + i, ld, t.qk + tile, t.rate + tile);
    const int from = asked ? 0 : tile;
    multiply(tile, d_, both - from, {t.qk + tile, 1, both}, t.qk + from, both, nullptr, false,
             w_.weights + from, both);
    multiply(d_, d_, both - from, {t.state, d_, 1}, t.qk + from, both, nullptr, false,
             w_.sums + from, both);
    const float* const beta = head.further + head.index * ld + i;
    for (int lane = 0; lane < tile; lane += width) {
      const auto valid = first_columns(count - lane);
      store(hn::IfThenElseZero(valid, sigmoid(load(beta + lane))), t.beta + lane);
      for (int e = 0; e < d_; ++e) {
        const Vector value = hn::IfThenElseZero(valid, load(head.v + e * ld + i + lane));
        store(hn::Sub(value, load(w_.sums + e * both + tile + lane)), w_.u + e * tile + lane);
      }
    }
    delta_solve(w_.weights + tile, t.beta, t.solved);
    multiply(d_, tile, tile, {w_.u, tile, 1}, t.solved, tile, nullptr, false, t.r, tile);
  }

  // The output of the tile at i from its sums.
  void finish(int i, std::ptrdiff_t ld, const HeadOutput& output) const {
    for (int lane = 0; lane < tile; lane += width) {
      Vector factor = broadcast(1.0F);
      if (normalises_) {
        factor = inverse_rms(d_, w_.sums + lane, both);
        store(factor, output.statistics + i + lane);
      }
      for (int e = 0; e < d_; ++e)
        store(hn::Mul(load(w_.sums + e * both + lane), factor), output.o + e * ld + i + lane);
    }
  }

  // The gradient g[d][both] of the sums of the tile at i from that of o.
  void finish_backward(const Head& head, int i, const HeadGradient& given, float* g) const {
    const std::ptrdiff_t ld = head.ld;
    for (int lane = 0; lane < tile; lane += width) {
      const auto valid = first_columns(head.length - i - lane);
      const float* const o = given.o + i + lane;
      const float* const go = given.go + i + lane;
      Vector factor = broadcast(1.0F);
      Vector slope = hn::Zero(lanes);
      if (normalises_) {
        factor = load(given.statistics + i + lane);
        for (int e = 0; e < d_; ++e) slope = hn::MulAdd(load(go + e * ld), load(o + e * ld), slope);
        slope = hn::Mul(slope, broadcast(1.0F / static_cast<float>(d_)));
      }
      for (int e = 0; e < d_; ++e) {
        const Vector value =
            hn::Mul(factor, hn::NegMulAdd(load(o + e * ld), slope, load(go + e * ld)));
        store(hn::IfThenElseZero(valid, value), g + e * both + lane);
      }
    }
  }

  // Of tile n from D: g and e side by side in the work's gradients, U, dv and dbeta.
  void solve_backward(const Head& head, int n, bool asked, const HeadGradient& to) const {
    const int i = n * tile;
    const DeltaTile t = tile_at(n);
    if (asked) {
      delta_tile_features(d_, std::min(tile, head.length - i), head.q + i, head.ld, t.qk, t.rate);
      finish_backward(head, i, to, w_.gradients);
      multiply(tile, d_, tile, {t.qk, 1, both}, t.qk + tile, both, nullptr, false, w_.turned,
               tile);  // M^T
      for (int row = 0; row < tile; ++row) clear_from(row + 1, w_.turned + row * tile);
      multiply(d_, tile, tile, {w_.gradients, both, 1}, w_.turned, tile, nullptr, false, w_.u,
               tile);
    }
    multiply(d_, d_, tile, {w_.later, d_, 1}, t.qk + tile, both, nullptr, asked, w_.u, tile);
    for (int row = 0; row < d_; ++row) {
      for (int lane = 0; lane < tile; lane += width) {
        store(hn::Neg(hn::Mul(load(w_.u + row * tile + lane), load(t.beta + lane))),
              w_.u + row * tile + lane);
      }
    }
    float* const e = w_.gradients + tile;
    transpose(tile, tile, t.solved, tile, w_.turned, tile);
    multiply(d_, tile, tile, {w_.u, tile, 1}, w_.turned, tile, nullptr, false, e, both);
    float* const dbeta = to.dfurther + head.index * head.ld + i;
    for (int lane = 0; lane < tile; lane += width) {
      Vector product = hn::Zero(lanes);
      for (int row = 0; row < d_; ++row) {
        const Vector value = load(e + row * both + lane);
        product = hn::MulAdd(value, load(t.r + row * tile + lane), product);
        store(hn::Neg(value), to.dv + row * head.ld + i + lane);
      }
      store(hn::Mul(product, hn::Sub(load(t.beta + lane), broadcast(1.0F))), dbeta + lane);
    }
    delta_weigh(d_, t, w_.u);
  }

  // Of tile n, from those: dq, dk, and D of the tile before.
  void products_backward(const Head& head, int n, bool asked, const HeadGradient& to) const {
    const int i = n * tile;
    const std::ptrdiff_t ld = head.ld;
    const DeltaTile t = tile_at(n);
    const int from = asked ? 0 : tile;
    multiply(tile, d_, both - from, {w_.u, 1, tile}, w_.gradients + from, both, nullptr, false,
             w_.weights + from, both);
    for (int j = 0; j < tile; ++j) {
      if (asked) clear_before(j, w_.weights + j * both);
      clear_before(j + 1, w_.weights + j * both + tile);
    }
    transpose(tile, both - from, w_.weights + from, both, w_.turned, tile);
    multiply(d_, tile, both - from, {t.qk + tile, both, 1}, w_.weights + from, both, nullptr, false,
             w_.slopes + from, both);
    multiply(d_, d_, both - from, {t.state, 1, d_}, w_.gradients + from, both, nullptr, true,
             w_.slopes + from, both);
    multiply(d_, both - from, tile, {t.qk + from, both, 1}, w_.turned, tile, nullptr, true,
             w_.slopes + tile, both);
    multiply(d_, d_, tile, {w_.later, 1, d_}, w_.u, tile, nullptr, true, w_.slopes + tile, both);
    if (n > 0)
      multiply_transposed(d_, d_, both - from, w_.gradients + from, both, t.qk + from, both,
                          w_.later, d_);
    delta_features_backward(d_, head.k + i, ld, t.qk + tile, w_.slopes + tile, t.rate + tile,
                            to.dk + i);
    if (asked) {
      delta_features_backward(d_, head.q + i, ld, t.qk, w_.slopes, t.rate, to.dq + i);
    } else {
      for (int row = 0; row < d_; ++row) std::fill_n(to.dq + row * ld + i, tile, 0.0F);
    }
  }

  const int d_;
  const bool normalises_;
  float* tiles_ = nullptr;  // [p / tile][tile_size()]
  DeltaWork w_{};
  float* step_features_ = nullptr;  // [2 d][width]
};

}  // namespace

std::unique_ptr<AttentionKernel> make_delta_kernel(int d, bool normalises) {
  return std::make_unique<DeltaKernel>(d, normalises);
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace surd::model::fused {

HWY_EXPORT(make_delta_kernel);

std::unique_ptr<AttentionKernel> delta_kernel(const spec::ModelShape& shape) {
  return HWY_DYNAMIC_DISPATCH(make_delta_kernel)(shape.head_dim(), spec::normalises(shape));
}

}  // namespace surd::model::fused
#endif
