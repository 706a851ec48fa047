// Retention on the CPU (recurrent_cpu.hpp): decay(i, j) = gamma^(i - j) with a gamma of each head,
// phi(q) = q / sqrt d, phi(k) = k. What follows the sums is in head_norm_cpu.hpp.
#include "model/fused/targets.hpp"
#define HWY_TARGET_INCLUDE "model/attention/retention_cpu.cpp"
#include <hwy/aligned_allocator.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <span>
#include <vector>

#include "base/portable.hpp"
#include "model/attention/constants.hpp"
#include "model/attention/head_norm_cpu.hpp"
#include "model/attention/recurrent_cpu.hpp"
#include "spec/architecture.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

namespace {

class RetentionKernel final : public RecurrentKernel<RetentionKernel> {
 public:
  static constexpr int block = recurrent_block;

  // gammas: of the heads.
  RetentionKernel(int d, std::span<const double> gammas, bool normalises)
      : RecurrentKernel(d),
        norm_{.d = d, .normalises = normalises},
        powers_(hwy::AllocateAligned<float>(2 * entries * gammas.size())) {
    float* rising = powers_.get();
    for (const double gamma : gammas) {
      float* const falling = rising + entries;
      std::fill_n(rising, 2 * entries, 0.0F);
      for (int n = 0; n < block + tile; ++n)
        rising[n + tile] = static_cast<float>(portable::power(gamma, n));
      for (int n = 0; n <= block; ++n) falling[block - n] = rising[n + tile];
      rising = falling + entries;
    }
  }

  void lay_out(int longest, Pieces& pieces) override {
    RecurrentKernel::lay_out(longest, pieces);
    far_q_ = pieces.take(d_ * ld_), far_k_ = pieces.take(d_ * ld_), far_v_ = pieces.take(d_ * ld_);
    far_ = {.q = far_q_, .k = far_k_, .v = far_v_};
  }

  int rows() const { return d_; }

  // far_: queries times gamma^(i - start of the block), keys and values times gamma^(start of the
  // next block - j).
  void prepare(const Head& head) {
    rising_ = powers_.get() + 2 * head.index * entries;
    falling_ = rising_ + entries;
    pack(d_, head.length, head.q, head.ld, query_factor(), q_, ld_);
    pack(d_, head.length, head.k, head.ld, 1.0F, k_, ld_);
    pack(d_, head.length, head.v, head.ld, 1.0F, v_, ld_);
    scale_blocks(head.length, q_, rising_ + tile, far_q_);
    scale_blocks(head.length, k_, falling_, far_k_);
    scale_blocks(head.length, v_, falling_, far_v_);
  }

  void weigh(Range keys, int i) const {
    float* row = scores_;
    for (int j = keys.first; j < keys.last; ++j, row += tile) {
      for (int lane = 0; lane < tile; lane += width)
        store(hn::Mul(load(row + lane), load(rising_ + tile + i - j + lane)), row + lane);
    }
  }
  const float* falling() const { return falling_; }
  const float* far_gradient(int length) const {
    scale_blocks(length, g_, rising_ + tile, far_q_);  // those of the queries are needed no more
    return far_q_;
  }

  // state = gamma^block state + the block's part
  void carry(int later, int columns, const float* a, const float* b, float* state) const {
    const float whole_block = falling_[0];
    for (int element = 0; element < d_ * d_; ++element) state[element] *= whole_block;
    RecurrentKernel::carry(later, columns, a, b, state);
  }

  void finish(int i, int /*count*/, float* sums, std::ptrdiff_t ld,
              const HeadOutput& output) const {
    norm_.forward(i, sums, ld, output);
  }
  void finish_backward(const Head& head, const HeadGradient& given) const {
    norm_.backward(head, given, g_, ld_);
  }

  void features_backward(const Head& head, const HeadGradient& to) const {
    for (int e = 0; e < d_; ++e) {
      for (int i = 0; i < head.length; i += width) {
        store(hn::Mul(load(dq_ + e * ld_ + i), broadcast(query_factor())), to.dq + e * head.ld + i);
        store(load(dk_ + e * ld_ + i), to.dk + e * head.ld + i);
      }
    }
  }

  void step(const HeadStep& step) override {
    float* const phi_q = features_;
    float* const phi_k = phi_q + static_cast<std::ptrdiff_t>(d_) * width;
    for (int f = 0; f < d_; ++f) {
      store(hn::Mul(load(step.q + f * step.ld), broadcast(query_factor())), phi_q + f * width);
      store(load(step.k + f * step.ld), phi_k + f * width);
    }
    const Vector gamma =
        broadcast(powers_[static_cast<std::size_t>(2 * step.index * entries + tile + 1)]);
    const auto aged = [gamma](Vector element, int) { return hn::Mul(element, gamma); };
    for (int e = 0; e < d_; ++e)
      store(step_row(e, load(step.v + e * step.ld), phi_q, phi_k, aged, step.memory),
            step.o + e * step.ld);
    norm_.step(step.o, step.ld, features_);
  }

 private:
  // Powers of a decay: in a rising table gamma^n is at n + tile, in a falling one at block - n; 0
  // for negative n.
  static constexpr std::ptrdiff_t entries = block + 2 * tile;

  // to[d][i] = from[d][i] powers[i mod block]
  void scale_blocks(int length, const float* from, const float* powers, float* to) const {
    for (int e = 0; e < d_; ++e) {
      for (int i = 0; i < round_to_tiles(length); i += width) {
        store(hn::Mul(load(from + e * ld_ + i), load(powers + i % block)), to + e * ld_ + i);
      }
    }
  }

  const HeadNorm norm_;
  const hwy::AlignedFreeUniquePtr<float[]> powers_;               // [H][2][entries]
  const float *rising_ = nullptr, *falling_ = nullptr;            // of the head at hand
  float *far_q_ = nullptr, *far_k_ = nullptr, *far_v_ = nullptr;  // [d][p]
};

}  // namespace

std::unique_ptr<AttentionKernel> make_retention_kernel(int d, std::span<const double> gammas,
                                                       bool normalises) {
  return std::make_unique<RetentionKernel>(d, gammas, normalises);
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace surd::model::fused {

HWY_EXPORT(make_retention_kernel);

std::unique_ptr<AttentionKernel> retention_kernel(const spec::ModelShape& shape) {
  std::vector<double> gammas;
  for (int head = 0; head < shape.settings.heads; ++head)
    gammas.push_back(std::max(spec::retention_decay(shape, head), smallest_decay));
  return HWY_DYNAMIC_DISPATCH(make_retention_kernel)(shape.head_dim(), gammas,
                                                     spec::normalises(shape));
}

}  // namespace surd::model::fused
#endif
