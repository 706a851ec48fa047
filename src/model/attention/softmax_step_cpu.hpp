// A step of generation in softmax attention. Letters: d head dimension.
#if defined(SURD_MODEL_ATTENTION_SOFTMAX_STEP_CPU_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_ATTENTION_SOFTMAX_STEP_CPU_HPP_
#undef SURD_MODEL_ATTENTION_SOFTMAX_STEP_CPU_HPP_
#else
#define SURD_MODEL_ATTENTION_SOFTMAX_STEP_CPU_HPP_
#endif

#include <cmath>
#include <limits>
#include <span>

#include "model/fused/kernel.hpp"
#include "model/fused/matrix.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

// o[N] = factor * sum over positions of weights[n-th position] v[position][N], for one head in each
// of `width` sequences.
template <int N>
void softmax_step_values(int d, std::span<const int> positions, const float* weights,
                         const float* v, Vector factor, float* o, std::ptrdiff_t ld) {
  Vector sums[N];
  for (Vector& sum : sums) sum = hn::Zero(lanes);
  for (const int position : positions) {
    const float* const row = v + static_cast<std::ptrdiff_t>(position) * d * width;
    const Vector weight = load(weights);
    for (int e = 0; e < N; ++e) sums[e] = hn::MulAdd(weight, load(row + e * width), sums[e]);
    weights += width;
  }
  for (int e = 0; e < N; ++e) store(hn::Mul(sums[e], factor), o + e * ld);
}

// One query of one head in each of `width` sequences over the keys and values that its memory holds
// of these positions, both [position][d][width]; scores[positions][width] is scratch.
inline void softmax_step(int d, std::span<const int> positions, const HeadStep& step,
                         float* scores) {
  const float* const q = step.q;
  const std::ptrdiff_t ld = step.ld;
  const Vector scale = broadcast(log2_e / std::sqrt(static_cast<float>(d)));
  Vector most = broadcast(std::numeric_limits<float>::lowest());
  float* score = scores;
  for (const int position : positions) {
    const float* const row = step.memory + static_cast<std::ptrdiff_t>(position) * d * width;
    Vector even = hn::Zero(lanes);
    Vector odd = hn::Zero(lanes);
    int e = 0;
    for (; e + 1 < d; e += 2) {
      even = hn::MulAdd(load(q + e * ld), load(row + e * width), even);
      odd = hn::MulAdd(load(q + (e + 1) * ld), load(row + (e + 1) * width), odd);
    }
    if (e < d) even = hn::MulAdd(load(q + e * ld), load(row + e * width), even);
    const Vector value = hn::Mul(hn::Add(even, odd), scale);
    most = hn::Max(most, value);
    store(value, score);
    score += width;
  }
  Vector sum = hn::Zero(lanes);
  for (score = scores; score < scores + std::ssize(positions) * width; score += width) {
    const Vector weight = exp2(hn::Sub(load(score), most));
    sum = hn::Add(sum, weight);
    store(weight, score);
  }
  const Vector inverse = hn::Div(broadcast(1.0F), sum);
  const float* const v = step.memory + step.part;
  float* const o = step.o;
  int e = 0;
  for (; many_registers && e + 16 <= d; e += 16)
    softmax_step_values<16>(d, positions, scores, v + e * width, inverse, o + e * ld, ld);
  for (; e + 8 <= d; e += 8)
    softmax_step_values<8>(d, positions, scores, v + e * width, inverse, o + e * ld, ld);
  for (; e + 4 <= d; e += 4)
    softmax_step_values<4>(d, positions, scores, v + e * width, inverse, o + e * ld, ld);
  for (; e < d; ++e)
    softmax_step_values<1>(d, positions, scores, v + e * width, inverse, o + e * ld, ld);
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_ATTENTION_SOFTMAX_STEP_CPU_HPP_
