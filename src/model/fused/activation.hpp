// The activation of the feed-forward layer, with its derivative taken in the same pass.
#if defined(SURD_MODEL_FUSED_ACTIVATION_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_FUSED_ACTIVATION_HPP_
#undef SURD_MODEL_FUSED_ACTIVATION_HPP_
#else
#define SURD_MODEL_FUSED_ACTIVATION_HPP_
#endif

#include "model/fused/vector.hpp"
#include "spec/model.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

// In: x[F][T] in `slope`. Out: value = x s(2 u(x)), u = sqrt(2/pi) (x + 0.044715 x^3), s(y) = 1 /
// (1 + e^-y), which is x (1 + tanh u) / 2; slope = s + x s (1 - s) 2 u'. The exponent is bounded,
// so that s is 0 or 1 and never not a number.
inline void gelu(int F, int T, std::ptrdiff_t ld, float* value, float* slope) {
  constexpr float root = 0.797884561F;  // sqrt(2/pi)
  const Vector linear = broadcast(-2 * root * log2_e);
  const Vector cubic = broadcast(-2 * root * log2_e * 0.044715F);
  const Vector slope_linear = broadcast(2 * root);
  const Vector slope_square = broadcast(2 * root * 3 * 0.044715F);
  const Vector one = broadcast(1.0F);
  for (int f = 0; f < F; ++f) {
    for (int t = 0; t < T; t += width) {
      const Vector x = load(slope + f * ld + t);
      const Vector square = hn::Mul(x, x);
      const Vector exponent = hn::Mul(x, hn::MulAdd(square, cubic, linear));  // -2 u log2(e)
      const Vector e = exp2(hn::Min(exponent, broadcast(64.0F)));
      const Vector s = hn::Div(one, hn::Add(one, e));
      const Vector y = hn::Mul(x, s);
      store(y, value + f * ld + t);
      const Vector bend =
          hn::Mul(hn::Mul(y, hn::Sub(one, s)), hn::MulAdd(square, slope_square, slope_linear));
      store(hn::Add(s, bend), slope + f * ld + t);
    }
  }
}

inline void relu(int F, int T, std::ptrdiff_t ld, float* value, float* slope) {
  const Vector zero = hn::Zero(lanes);
  for (int f = 0; f < F; ++f) {
    for (int t = 0; t < T; t += width) {
      const Vector x = load(slope + f * ld + t);
      store(hn::Max(x, zero), value + f * ld + t);
      store(hn::IfThenElseZero(hn::Gt(x, zero), broadcast(1.0F)), slope + f * ld + t);
    }
  }
}

inline void activate(spec::Activation activation, int F, int T, std::ptrdiff_t ld, float* value,
                     float* slope) {
  if (activation == spec::Activation::gelu)
    gelu(F, T, ld, value, slope);
  else
    relu(F, T, ld, value, slope);
}

// x[F][T] *= factor[F][T]
inline void scale_by(int F, int T, const float* factor, std::ptrdiff_t ld, float* x) {
  for (int f = 0; f < F; ++f) {
    for (int t = 0; t < T; t += width)
      store(hn::Mul(load(x + f * ld + t), load(factor + f * ld + t)), x + f * ld + t);
  }
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_FUSED_ACTIVATION_HPP_
