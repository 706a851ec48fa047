// Rotary positions: at position m the features 2p and 2p + 1 of a query or key are turned by the
// angle m 10000^(-2p / d'), d' the largest even number up to the head dimension. Su et al.,
// RoFormer, 2021, equation 34. The gradient of what was turned is turned back.
#if defined(SURD_MODEL_FUSED_ROTARY_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_FUSED_ROTARY_HPP_
#undef SURD_MODEL_FUSED_ROTARY_HPP_
#else
#define SURD_MODEL_FUSED_ROTARY_HPP_
#endif

#include <algorithm>

#include "model/fused/chunk.hpp"
#include "model/fused/vector.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

struct Turned {
  Vector even, odd;
};
HWY_INLINE Turned turn(Vector even, Vector odd, Vector cosine, Vector sine) {
  return {hn::NegMulAdd(odd, sine, hn::Mul(even, cosine)),
          hn::MulAdd(odd, cosine, hn::Mul(even, sine))};
}

// x[heads d][length], the columns being positions 0, 1, ... of one sequence; back: by the opposite
// angle.
inline void rotate_sequence(const Rotation& rotation, int heads, int d, int length, bool back,
                            float* x, std::ptrdiff_t ld) {
  for (int h = 0; h < heads; ++h) {
    for (int pair = 0; pair < rotation.pairs; ++pair) {
      float* const even = x + (h * d + 2 * pair) * ld;
      float* const odd = even + ld;
      const float* const cosine = rotation.cosine + pair * rotation.ld;
      const float* const sine = rotation.sine + pair * rotation.ld;
      for (int i = 0; i < length; i += width) {
        const Vector s = load(sine + i);
        const Vector before[2] = {load(even + i), load(odd + i)};
        const Turned after = turn(before[0], before[1], load(cosine + i), back ? hn::Neg(s) : s);
        const auto valid = first_columns(length - i);
        store(hn::IfThenElse(valid, after.even, before[0]), even + i);
        store(hn::IfThenElse(valid, after.odd, before[1]), odd + i);
      }
    }
  }
}

// x[heads d][T], the columns being sequences at the same position.
inline void rotate_position(const Rotation& rotation, int heads, int d, int T, int position,
                            float* x, std::ptrdiff_t ld) {
  for (int h = 0; h < heads; ++h) {
    for (int pair = 0; pair < rotation.pairs; ++pair) {
      float* const even = x + (h * d + 2 * pair) * ld;
      float* const odd = even + ld;
      const Vector cosine = broadcast(rotation.cosine[pair * rotation.ld + position]);
      const Vector sine = broadcast(rotation.sine[pair * rotation.ld + position]);
      for (int t = 0; t < T; t += width) {
        const Turned after = turn(load(even + t), load(odd + t), cosine, sine);
        store(after.even, even + t);
        store(after.odd, odd + t);
      }
    }
  }
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_FUSED_ROTARY_HPP_
