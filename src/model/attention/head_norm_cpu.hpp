// What may follow the sums of retention and gated_linear: o is sums with mean 0 and variance 1 over
// a head's features, and 1 / deviation is kept
// (`statistics`); or o is the sums. Letters: d head dimension, i positions.
#if defined(SURD_MODEL_ATTENTION_HEAD_NORM_CPU_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_ATTENTION_HEAD_NORM_CPU_HPP_
#undef SURD_MODEL_ATTENTION_HEAD_NORM_CPU_HPP_
#else
#define SURD_MODEL_ATTENTION_HEAD_NORM_CPU_HPP_
#endif

#include <algorithm>

#include "model/fused/kernel.hpp"
#include "model/fused/norm.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

struct HeadNorm {
  int d;
  bool normalises;

  // o of the tile at i from its sums [d][tile], which are overwritten.
  void forward(int i, float* sums, std::ptrdiff_t ld, const HeadOutput& output) const {
    if (normalises) normalise(d, tile, sums, tile, sums, output.statistics + i);
    for (int e = 0; e < d; ++e) std::copy_n(sums + e * tile, tile, output.o + e * ld + i);
  }

  // g[d], rows of stride ldg, the gradient of the sums from that of o; zero where there is none.
  void backward(const Head& head, const HeadGradient& given, float* g, std::ptrdiff_t ldg) const {
    const std::ptrdiff_t ld = head.ld;
    const Vector share = broadcast(1.0F / static_cast<float>(d));
    for (int e = 0; e < d; ++e) std::fill_n(g + e * ldg, round_to_tiles(head.length), 0.0F);
    for (int i = head.first; i < head.length; i += width) {
      const auto valid = first_columns(head.length - i);
      Vector sum = hn::Zero(lanes);
      Vector product = hn::Zero(lanes);
      Vector factor = broadcast(1.0F);
      if (normalises) {
        for (int e = 0; e < d; ++e) {
          const Vector slope = hn::IfThenElseZero(valid, load(given.go + e * ld + i));
          sum = hn::Add(sum, slope);
          product =
              hn::MulAdd(slope, hn::IfThenElseZero(valid, load(given.o + e * ld + i)), product);
        }
        factor = load(given.statistics + i);
      }
      const Vector mean = hn::Mul(sum, share);
      const Vector slope = hn::Mul(product, share);
      for (int e = 0; e < d; ++e) {
        const Vector centred = hn::Sub(load(given.go + e * ld + i), mean);
        const Vector value =
            hn::Mul(factor, hn::NegMulAdd(load(given.o + e * ld + i), slope, centred));
        store(hn::IfThenElseZero(valid, value), g + e * ldg + i);
      }
    }
  }

  // o[d] of a step in place of its sums; scratch [width].
  void step(float* o, std::ptrdiff_t ld, float* scratch) const {
    if (normalises) normalise(d, width, o, ld, o, scratch);
  }
};

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_ATTENTION_HEAD_NORM_CPU_HPP_
