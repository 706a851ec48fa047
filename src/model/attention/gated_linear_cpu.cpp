// gated_linear on the CPU (recurrent_cpu.hpp): each dimension has a decay alpha_t at each position,
// from the gate, numbers that a layer gives besides q, k and v. With b_i the sum of log alpha from
// the middle of the block to i, phi(q_i) = q_i e^b_i / sqrt d and phi(k_j) = k_j e^-b_j hold all
// decay within a block, and the state is that as of the block's middle. What follows the sums is in
// head_norm_cpu.hpp.
#include "model/fused/targets.hpp"
#define HWY_TARGET_INCLUDE "model/attention/gated_linear_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "model/attention/constants.hpp"
#include "model/attention/head_norm_cpu.hpp"
#include "model/attention/recurrent_cpu.hpp"
#include "spec/architecture.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

namespace {

constexpr float gate_temperature = static_cast<float>(model::gate_temperature);
constexpr float smallest_log_decay = static_cast<float>(model::smallest_log_decay);

// log2 of a decay: log2(sigmoid(x)) / 16, but at least -4 log2(e). With z = e / (2 + e), log2(1 +
// e) = 2 artanh(z) / ln 2 = z p(z^2): p has degree 4 and interpolates at Chebyshev points of e <= 1
// (relative error 2e-8).
HWY_INLINE Vector log2_decay(Vector x) {
  const Vector e = exp2(hn::Mul(hn::Abs(x), broadcast(-log2_e)));
  const Vector z = hn::Div(e, hn::Add(e, broadcast(2.0F)));
  const Vector square = hn::Mul(z, z);
  Vector p = broadcast(4.062308721e-1F);
  p = hn::MulAdd(p, square, broadcast(4.034519440e-1F));
  p = hn::MulAdd(p, square, broadcast(5.774328505e-1F));
  p = hn::MulAdd(p, square, broadcast(9.617917163e-1F));
  p = hn::MulAdd(p, square, broadcast(2.885390093F));
  const Vector log2_sigmoid =
      hn::NegMulAdd(z, p, hn::Mul(hn::Min(x, hn::Zero(lanes)), broadcast(log2_e)));
  return hn::Max(hn::Mul(log2_sigmoid, broadcast(1.0F / gate_temperature)),
                 broadcast(smallest_log_decay * log2_e));
}

// The derivative of ln alpha: sigmoid(-x) / 16, or 0 where it is at its least.
HWY_INLINE Vector log_decay_slope(Vector x) {
  const Vector e = exp2(hn::Min(hn::Mul(x, broadcast(log2_e)), broadcast(64.0F)));
  const Vector slope = hn::Div(broadcast(1.0F / gate_temperature), hn::Add(e, broadcast(1.0F)));
  return hn::IfThenElseZero(hn::Ge(x, broadcast(gate_temperature * smallest_log_decay)),
                            slope);  // below, log sigmoid(x) = x
}

// Factors of products that sum along a tile's tokens t, as rows t of columns i: `signs` + s - t + i
// is -1, 0 or 1 by how t compares with i. From earlier_sum: 1 where t <= i; from later_sum: -1
// where t > i; from rest_sum: -1 where t >= i.
alignas(64) constexpr float signs[3 * tile] = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0,
    0,  0,  0,  0,  0,  0,  0,  0,  1,  1,  1,  1,  1,  1,  1,  1,  1, 1, 1, 1, 1, 1, 1, 1};
constexpr const float* earlier_sum = signs + 2 * tile;
constexpr const float* later_sum = signs + tile;
constexpr const float* rest_sum = signs + tile - 1;

class GatedLinearKernel final : public RecurrentKernel<GatedLinearKernel> {
 public:
  static constexpr int block = spec::gated_chunk;

  GatedLinearKernel(int d, bool normalises)
      : RecurrentKernel(d), norm_{.d = d, .normalises = normalises} {}

  void lay_out(int longest, Pieces& pieces) override {
    RecurrentKernel::lay_out(longest, pieces);
    q_factor_ = pieces.take(d_ * ld_), k_factor_ = pieces.take(d_ * ld_);
    block_decays_ = pieces.take((round_to_tiles(longest) / block + 1) * 2 * d_);
  }

  int rows() const { return d_; }

  // A block is two tiles, and its middle the end of the first.
  void prepare(const Head& head) {
    pack(d_, head.length, head.v, head.ld, 1.0F, v_, ld_);
    const int padded = round_to_tiles(head.length);
    const auto valid = [length = head.length](int i) { return first_columns(length - i); };
    const float* const gate = gate_of(head.index, head.further, head.ld);
    float* const decay = q_factor_;  // log2, until the factors take the place
    float* const sum = k_factor_;
    for (int e = 0; e < d_; ++e) {
      for (int i = 0; i < padded; i += width)
        store(hn::IfThenElseZero(valid(i), log2_decay(load(gate + e * head.ld + i))),
              decay + e * ld_ + i);
    }
    for (int i = 0; i < padded; i += tile) {
      multiply(d_, tile, tile, {decay + i, ld_, 1}, i % block == 0 ? later_sum : earlier_sum, -1,
               nullptr, false, sum + i, ld_);
    }
    list_block_decays(head.length, decay, sum);
    const Vector scale = broadcast(query_factor());
    for (int e = 0; e < d_; ++e) {
      // Rows: the compiler would read members again after each store.
      const float* const q = head.q + e * head.ld;
      const float* const k = head.k + e * head.ld;
      float* const phi_q = q_ + e * ld_;
      float* const phi_k = k_ + e * ld_;
      float* const q_factors = q_factor_ + e * ld_;
      float* const k_factors = k_factor_ + e * ld_;
      for (int i = 0; i < padded; i += width) {
        const Vector exponent = load(k_factors + i);  // the sum, before it is overwritten
        const Vector q_factor = hn::Mul(exp2(exponent), scale);
        const Vector k_factor = exp2(hn::Neg(exponent));
        store(q_factor, q_factors + i);
        store(k_factor, k_factors + i);
        store(hn::IfThenElseZero(valid(i), hn::Mul(load(q + i), q_factor)), phi_q + i);
        store(hn::IfThenElseZero(valid(i), hn::Mul(load(k + i), k_factor)), phi_k + i);
      }
    }
  }

  // state = (state + the block's part) times the decays from one block's middle to the next's.
  void carry(int later, int columns, const float* a, const float* b, float* state) const {
    RecurrentKernel::carry(later, columns, a, b, state);
    const float* const to_start = block_decays_ + later * 2 * d_;
    const float* const to_middle = to_start + d_;
    for (int row = 0; row < d_; ++row, state += d_) {
      for (int e = 0; e < d_; ++e) state[e] = state[e] * to_start[e] * to_middle[e];
    }
  }

  void finish(int i, int /*count*/, float* sums, std::ptrdiff_t ld,
              const HeadOutput& output) const {
    norm_.forward(i, sums, ld, output);
  }
  void finish_backward(const Head& head, const HeadGradient& given) const {
    norm_.backward(head, given, g_, ld_);
  }

  // A query's and a key's exponents b_i take up phi(q_i) d phi(q_i) - phi(k_i) d phi(k_i), and log
  // alpha_t is in all b_i with i >= t, whatever the blocks' middles, since only differences of b
  // matter.
  void features_backward(const Head& head, const HeadGradient& to) const {
    const std::ptrdiff_t ld = head.ld;
    const int padded = round_to_tiles(head.length);
    const float* const gate = gate_of(head.index, head.further, ld);
    float* const dgate = gate_of(head.index, to.dfurther, ld);
    float* const rest = later_;  // sums over the tiles that follow
    std::fill_n(rest, d_, 0.0F);
    for (int e = 0; e < d_; ++e) {
      const std::ptrdiff_t row = e * ld_;
      const float *const phi_q = q_ + row, *const phi_k = k_ + row;
      const float *const q_factor = q_factor_ + row, *const k_factor = k_factor_ + row;
      const float *const dphi_q = dq_ + row, *const dphi_k = dk_ + row;
      float *const dq = to.dq + e * ld, *const dk = to.dk + e * ld, *const dlog = g_ + row;
      for (int i = 0; i < padded; i += width) {
        const Vector by_q = load(dphi_q + i), by_k = load(dphi_k + i);
        store(hn::Mul(by_q, load(q_factor + i)), dq + i);
        store(hn::Mul(by_k, load(k_factor + i)), dk + i);
        store(hn::MulSub(load(phi_k + i), by_k, hn::Mul(load(phi_q + i), by_q)), dlog + i);
      }
    }
    for (int i = padded - tile; i >= 0; i -= tile) {
      multiply(d_, tile, tile, {g_ + i, ld_, 1}, rest_sum, -1, rest, false, dq_ + i, ld_);
      for (int e = 0; e < d_; ++e) {
        rest[e] = dq_[e * ld_ + i];
        for (int lane = i; lane < i + tile; lane += width) {
          store(hn::Mul(load(dq_ + e * ld_ + lane), log_decay_slope(load(gate + e * ld + lane))),
                dgate + e * ld + lane);
        }
      }
    }
  }

  void step(const HeadStep& step) override {
    const float* const gate = gate_of(step.index, step.further, step.ld);
    float* const phi_q = features_;
    float* const phi_k = phi_q + static_cast<std::ptrdiff_t>(d_) * width;
    float* const decays = phi_k + static_cast<std::ptrdiff_t>(d_) * width;
    for (int f = 0; f < d_; ++f) {
      store(hn::Mul(load(step.q + f * step.ld), broadcast(query_factor())), phi_q + f * width);
      store(load(step.k + f * step.ld), phi_k + f * width);
      store(exp2(log2_decay(load(gate + f * step.ld))), decays + f * width);
    }
    const auto aged = [decays](Vector element, int f) {
      return hn::Mul(element, load(decays + f * width));
    };
    for (int e = 0; e < d_; ++e)
      store(step_row(e, load(step.v + e * step.ld), phi_q, phi_k, aged, step.memory),
            step.o + e * step.ld);
    norm_.step(step.o, step.ld, features_);
  }

 private:
  // A head's rows [d] of the further projections' [H][d].
  template <typename Float>
  Float* gate_of(int head, Float* further, std::ptrdiff_t ld) const {
    return further + head * d_ * ld;
  }

  // Those of a block take the state from the middle of the block before to its start and on to its
  // middle: fp32 may not hold the product of both.
  void list_block_decays(int length, const float* decay, const float* sum) const {
    for (int start = block; start < length; start += block) {
      float* const to_start = block_decays_ + start / block * 2 * d_;
      float* const to_middle = to_start + d_;
      for (int e = 0; e < d_; ++e) {
        const std::ptrdiff_t at = e * ld_ + start;
        to_start[e] = std::exp2(sum[at - 1]);
        to_middle[e] = std::exp2(decay[at] - sum[at]);
      }
    }
  }

  const HeadNorm norm_;
  float *q_factor_ = nullptr, *k_factor_ = nullptr;  // [d][p] what q and k are multiplied by
  float* block_decays_ = nullptr;                    // [blocks][2][d]
};

}  // namespace

std::unique_ptr<AttentionKernel> make_gated_linear_kernel(int d, bool normalises) {
  return std::make_unique<GatedLinearKernel>(d, normalises);
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace surd::model::fused {

HWY_EXPORT(make_gated_linear_kernel);

std::unique_ptr<AttentionKernel> gated_linear_kernel(const spec::ModelShape& shape) {
  return HWY_DYNAMIC_DISPATCH(make_gated_linear_kernel)(shape.head_dim(), spec::normalises(shape));
}

}  // namespace surd::model::fused
#endif
