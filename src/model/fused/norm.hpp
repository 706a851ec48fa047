// LayerNorm down the features, its affine part apart, tokens in lanes. Letters: D features, T
// tokens.
#if defined(SURD_MODEL_FUSED_NORM_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_FUSED_NORM_HPP_
#undef SURD_MODEL_FUSED_NORM_HPP_
#else
#define SURD_MODEL_FUSED_NORM_HPP_
#endif

#include "model/attention/constants.hpp"
#include "model/fused/vector.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

constexpr float norm_epsilon = static_cast<float>(model::norm_epsilon);

// normal[d][t] = (x[d][t] - mean) * rate[t], rate = 1 / sqrt(population variance + epsilon), over
// the D features of a token; normal may be x.
inline void normalise(int D, int T, const float* x, std::ptrdiff_t ld, float* normal, float* rate) {
  const Vector share = broadcast(1.0F / static_cast<float>(D));
  for (int t = 0; t < T; t += width) {
    Vector sum = hn::Zero(lanes);
    for (int d = 0; d < D; ++d) sum = hn::Add(sum, load(x + d * ld + t));
    const Vector mean = hn::Mul(sum, share);
    Vector squares = hn::Zero(lanes);
    for (int d = 0; d < D; ++d) {
      const Vector centred = hn::Sub(load(x + d * ld + t), mean);
      squares = hn::MulAdd(centred, centred, squares);
    }
    const Vector inverse =
        hn::Div(broadcast(1.0F), hn::Sqrt(hn::MulAdd(squares, share, broadcast(norm_epsilon))));
    store(inverse, rate + t);
    for (int d = 0; d < D; ++d)
      store(hn::Mul(hn::Sub(load(x + d * ld + t), mean), inverse), normal + d * ld + t);
  }
}

// 1 / root mean square of x[D] in the columns of one vector.
HWY_INLINE Vector inverse_rms(int D, const float* x, std::ptrdiff_t ld) {
  Vector squares = hn::Zero(lanes);
  for (int d = 0; d < D; ++d) squares = hn::MulAdd(load(x + d * ld), load(x + d * ld), squares);
  return hn::Div(broadcast(1.0F),
                 hn::Sqrt(hn::MulAdd(squares, broadcast(1.0F / static_cast<float>(D)),
                                     broadcast(norm_epsilon))));
}

// y[d][t] = weight[d] x[d][t] + bias[d]
inline void scale_and_shift(int D, int T, const float* x, std::ptrdiff_t ld, const float* weight,
                            const float* bias, float* y) {
  for (int d = 0; d < D; ++d) {
    const Vector factor = broadcast(weight[d]);
    const Vector summand = broadcast(bias[d]);
    for (int t = 0; t < T; t += width)
      store(hn::MulAdd(load(x + d * ld + t), factor, summand), y + d * ld + t);
  }
}

// dx[d][t] = (accumulate ? dx : 0) + rate (g - mean(g) - normal mean(g normal)), g the gradient of
// normal; g may be dx itself where not accumulating.
inline void normalise_backward(int D, int T, const float* g, const float* normal, const float* rate,
                               std::ptrdiff_t ld, bool accumulate, float* dx) {
  const Vector share = broadcast(1.0F / static_cast<float>(D));
  for (int t = 0; t < T; t += width) {
    Vector sum = hn::Zero(lanes);
    Vector product = hn::Zero(lanes);
    for (int d = 0; d < D; ++d) {
      const Vector value = load(g + d * ld + t);
      sum = hn::Add(sum, value);
      product = hn::MulAdd(value, load(normal + d * ld + t), product);
    }
    const Vector mean = hn::Mul(sum, share);
    const Vector slope = hn::Mul(product, share);
    const Vector inverse = load(rate + t);
    for (int d = 0; d < D; ++d) {
      const Vector centred = hn::Sub(load(g + d * ld + t), mean);
      const Vector value =
          hn::Mul(inverse, hn::NegMulAdd(load(normal + d * ld + t), slope, centred));
      store(accumulate ? hn::Add(load(dx + d * ld + t), value) : value, dx + d * ld + t);
    }
  }
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_FUSED_NORM_HPP_
