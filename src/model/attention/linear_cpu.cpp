// Linear attention on the CPU (recurrent_cpu.hpp): no decay, phi(x) = elu(x) + 1, relu(x) or
// e^min(x, 30). Where it is normalised o = sums / max(sum of the weights, 1e-6): v has a last row
// of ones then, so that the denominator is the last row of the sums, and 1 / denominator is kept
// (`statistics`).
#include "model/fused/targets.hpp"
#define HWY_TARGET_INCLUDE "model/attention/linear_cpu.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "model/attention/constants.hpp"
#include "model/attention/recurrent_cpu.hpp"
#include "spec/architecture.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

namespace {

enum class FeatureMap { elu, relu, exp };

constexpr float smallest_denominator = static_cast<float>(model::smallest_denominator);
constexpr float largest_exponent = static_cast<float>(model::largest_exponent) * log2_e;

HWY_INLINE Vector feature(FeatureMap map, Vector x) {
  const Vector zero = hn::Zero(lanes);
  switch (map) {
    case FeatureMap::elu: break;
    case FeatureMap::relu: return hn::Max(x, zero);
    case FeatureMap::exp:
      return exp2(hn::Min(hn::Mul(x, broadcast(log2_e)), broadcast(largest_exponent)));
  }
  return hn::IfThenElse(hn::Gt(x, zero), hn::Add(x, broadcast(1.0F)),
                        exp2(hn::Mul(hn::Min(x, zero), broadcast(log2_e))));
}

// The derivative, by the feature itself.
HWY_INLINE Vector feature_slope(FeatureMap map, Vector phi) {
  const Vector one = broadcast(1.0F);
  switch (map) {
    case FeatureMap::elu: break;
    case FeatureMap::relu: return hn::IfThenElseZero(hn::Gt(phi, hn::Zero(lanes)), one);
    case FeatureMap::exp:
      return hn::IfThenElseZero(hn::Lt(phi, exp2(broadcast(largest_exponent))), phi);
  }
  return hn::Min(phi, one);
}

class LinearKernel final : public RecurrentKernel<LinearKernel> {
 public:
  static constexpr int block = recurrent_block;

  LinearKernel(int d, std::string_view phi, bool normalises)
      : RecurrentKernel(d),
        map_(phi == "relu"  ? FeatureMap::relu
             : phi == "exp" ? FeatureMap::exp
                            : FeatureMap::elu),
        normalises_(normalises) {}

  int rows() const { return normalises_ ? d_ + 1 : d_; }

  void prepare(const Head& head) {
    map_features(head.length, head.q, head.ld, q_);
    map_features(head.length, head.k, head.ld, k_);
    pack(d_, head.length, head.v, head.ld, 1.0F, v_, ld_);
    if (!normalises_) return;
    float* const ones = v_ + d_ * ld_;
    std::fill_n(ones, head.length, 1.0F);
    std::fill(ones + head.length, ones + round_to_tiles(head.length), 0.0F);
  }

  void finish(int i, int count, const float* sums, std::ptrdiff_t ld,
              const HeadOutput& output) const {
    for (int lane = 0; lane < tile; lane += width) {
      Vector factor = broadcast(1.0F);
      if (normalises_) {
        const auto valid = first_columns(count - lane);
        factor =
            hn::IfThenElseZero(valid, hn::Div(factor, hn::Max(load(sums + d_ * tile + lane),
                                                              broadcast(smallest_denominator))));
        store(factor, output.statistics + i + lane);
      }
      for (int e = 0; e < d_; ++e)
        store(hn::Mul(load(sums + e * tile + lane), factor), output.o + e * ld + i + lane);
    }
  }

  void finish_backward(const Head& head, const HeadGradient& given) const {
    const std::ptrdiff_t ld = head.ld;
    for (int e = 0; e < rows(); ++e) std::fill_n(g_ + e * ld_, round_to_tiles(head.length), 0.0F);
    for (int i = head.first; i < head.length; i += width) {
      const auto valid = first_columns(head.length - i);
      const Vector factor =
          hn::IfThenElseZero(valid, normalises_ ? load(given.statistics + i) : broadcast(1.0F));
      Vector product = hn::Zero(lanes);
      for (int e = 0; e < d_; ++e) {
        const Vector slope = hn::IfThenElseZero(valid, load(given.go + e * ld + i));
        product = hn::MulAdd(slope, hn::IfThenElseZero(valid, load(given.o + e * ld + i)), product);
        store(hn::Mul(factor, slope), g_ + e * ld_ + i);
      }
      if (!normalises_) continue;
      // What the denominator is at least is no function of the weights.
      const auto divides =
          hn::Lt(factor, hn::Div(broadcast(1.0F), broadcast(smallest_denominator)));
      store(hn::IfThenElseZero(divides, hn::Neg(hn::Mul(product, factor))), g_ + d_ * ld_ + i);
    }
  }

  void features_backward(const Head& head, const HeadGradient& to) const {
    for (int e = 0; e < d_; ++e) {
      for (int i = 0; i < head.length; i += width) {
        const std::ptrdiff_t at = e * ld_ + i;
        store(hn::Mul(load(dq_ + at), feature_slope(map_, load(q_ + at))), to.dq + e * head.ld + i);
        store(hn::Mul(load(dk_ + at), feature_slope(map_, load(k_ + at))), to.dk + e * head.ld + i);
      }
    }
  }

  void step(const HeadStep& step) override {
    float* const phi_q = features_;
    float* const phi_k = phi_q + static_cast<std::ptrdiff_t>(d_) * width;
    for (int f = 0; f < d_; ++f) {
      store(feature(map_, load(step.q + f * step.ld)), phi_q + f * width);
      store(feature(map_, load(step.k + f * step.ld)), phi_k + f * width);
    }
    const auto row = [&](int e, Vector value) {
      return step_row(
          e, value, phi_q, phi_k, [](Vector element, int) { return element; }, step.memory);
    };
    for (int e = 0; e < d_; ++e) store(row(e, load(step.v + e * step.ld)), step.o + e * step.ld);
    if (!normalises_) return;
    const Vector factor = hn::Div(
        broadcast(1.0F), hn::Max(row(d_, broadcast(1.0F)), broadcast(smallest_denominator)));
    for (int e = 0; e < d_; ++e)
      store(hn::Mul(load(step.o + e * step.ld), factor), step.o + e * step.ld);
  }

 private:
  // phi of rows [d][length], zero in the rest of the tile.
  void map_features(int length, const float* x, std::ptrdiff_t ld, float* phi) const {
    for (int e = 0; e < d_; ++e) {
      for (int i = 0; i < length; i += width) {
        store(hn::IfThenElseZero(first_columns(length - i), feature(map_, load(x + e * ld + i))),
              phi + e * ld_ + i);
      }
      for (int i = (length + width - 1) / width * width; i < round_to_tiles(length); i += width)
        store(hn::Zero(lanes), phi + e * ld_ + i);
    }
  }

  const FeatureMap map_;
  const bool normalises_;
};

}  // namespace

std::unique_ptr<AttentionKernel> make_linear_kernel(int d, std::string_view phi, bool normalises) {
  return std::make_unique<LinearKernel>(d, phi, normalises);
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace surd::model::fused {

HWY_EXPORT(make_linear_kernel);

std::unique_ptr<AttentionKernel> linear_kernel(const spec::ModelShape& shape) {
  const auto phi = required<std::string>(shape.architecture.options, "phi", "linear");
  return HWY_DYNAMIC_DISPATCH(make_linear_kernel)(shape.head_dim(), phi, spec::normalises(shape));
}

}  // namespace surd::model::fused
#endif
