// Softmax cross-entropy and arg max down the vocabulary, supervised positions in lanes. Letters: V
// vocabulary, M positions, padded to whole tiles.
#if defined(SURD_MODEL_FUSED_LOSS_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_FUSED_LOSS_HPP_
#undef SURD_MODEL_FUSED_LOSS_HPP_
#else
#define SURD_MODEL_FUSED_LOSS_HPP_
#endif

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "model/fused/vector.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

// Replaces logits[V][M] by their gradient softmax - onehot(label), zero in the padding. Returns the
// sum of -ln softmax[label].
inline double cross_entropy(int V, int M, const std::int32_t* labels, float* logits,
                            std::ptrdiff_t ld) {
  double loss = 0;
  for (int m = 0; m < (M + tile - 1) / tile * tile; m += width) {
    const int valid = std::clamp(M - m, 0, width);
    Vector largest = load(logits + m);
    for (int v = 1; v < V; ++v) largest = hn::Max(largest, load(logits + v * ld + m));
    float target[width] = {};
    for (int i = 0; i < valid; ++i) target[i] = logits[labels[m + i] * ld + m + i];
    const Vector offset = hn::Mul(largest, broadcast(-log2_e));
    Vector sum = hn::Zero(lanes);
    for (int v = 0; v < V; ++v) {
      const Vector e = exp2(hn::MulAdd(load(logits + v * ld + m), broadcast(log2_e), offset));
      sum = hn::Add(sum, e);
      store(e, logits + v * ld + m);
    }
    const Vector inverse = hn::IfThenElseZero(hn::FirstN(lanes, static_cast<std::size_t>(valid)),
                                              hn::Div(broadcast(1.0F), sum));
    for (int v = 0; v < V; ++v)
      store(hn::Mul(load(logits + v * ld + m), inverse), logits + v * ld + m);
    float sums[width];
    float most[width];
    store(sum, sums);
    store(largest, most);
    for (int i = 0; i < valid; ++i) {
      logits[labels[m + i] * ld + m + i] -= 1.0F;
      loss += std::log(static_cast<double>(sums[i])) +
              (static_cast<double>(most[i]) - static_cast<double>(target[i]));
    }
  }
  return loss;
}

// best[m] = arg max over V of logits[v][m], the lowest id on ties.
inline void arg_max(int V, int M, const float* logits, std::ptrdiff_t ld, std::int32_t* best) {
  for (int m = 0; m < M; m += width) {
    Vector largest = load(logits + m);
    Vector id = hn::Zero(lanes);
    for (int v = 1; v < V; ++v) {
      const Vector value = load(logits + v * ld + m);
      id = hn::IfThenElse(hn::Gt(value, largest), broadcast(static_cast<float>(v)), id);
      largest = hn::Max(largest, value);
    }
    float ids[width];
    store(id, ids);
    for (int i = 0; i < std::min(width, M - m); ++i)
      best[m + i] = static_cast<std::int32_t>(ids[i]);
  }
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_FUSED_LOSS_HPP_
