// Vectors of fp32 for the fused program. Like every header of this folder it is compiled once for
// each instruction set (Highway's foreach_target), hence the guard that toggles. Tokens lie in the
// lanes of a vector; a tile is 16 tokens, whatever the width of a vector.
#if defined(SURD_MODEL_FUSED_VECTOR_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_FUSED_VECTOR_HPP_
#undef SURD_MODEL_FUSED_VECTOR_HPP_
#else
#define SURD_MODEL_FUSED_VECTOR_HPP_
#endif

#include <hwy/highway.h>

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Lanes = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Lanes>;
constexpr Lanes lanes{};
constexpr int width = static_cast<int>(hn::MaxLanes(lanes));
constexpr int tile = 16;
constexpr int tile_vectors = tile / width;
static_assert(tile % width == 0);

HWY_INLINE Vector load(const float* from) { return hn::LoadU(lanes, from); }
HWY_INLINE void store(Vector value, float* to) { hn::StoreU(value, lanes, to); }
HWY_INLINE Vector broadcast(float value) { return hn::Set(lanes, value); }
// first, first + 1, ...: exact below 2^24.
HWY_INLINE Vector count_from(float first) { return hn::Iota(lanes, first); }
// The mask of the first `count` lanes: all where there are more, none where it is negative.
HWY_INLINE auto first_columns(int count) {
  return hn::FirstN(lanes, static_cast<std::size_t>(std::clamp(count, 0, width)));
}

// 2^x for x <= 127, within 1 ulp; exactly 0 below -126.5. With n the nearest integer and f = x - n
// in [-1/2, 1/2], 2^x = 2^n p(f): p has degree 6, interpolates 2^f at Chebyshev points (relative
// error 2e-8); adding 1.5 * 2^23 rounds to n and leaves it in the low bits of the mantissa.
HWY_INLINE Vector exp2(Vector x) {
  const Vector magic = broadcast(12582912.0F);
  x = hn::Max(x, broadcast(-127.0F));
  const Vector shifted = hn::Add(x, magic);
  const Vector f = hn::Sub(x, hn::Sub(shifted, magic));
  Vector p = broadcast(1.546144485e-4F);
  p = hn::MulAdd(p, f, broadcast(1.340042800e-3F));
  p = hn::MulAdd(p, f, broadcast(9.618056938e-3F));
  p = hn::MulAdd(p, f, broadcast(5.550327152e-2F));
  p = hn::MulAdd(p, f, broadcast(2.402265072e-1F));
  p = hn::MulAdd(p, f, broadcast(6.931471825e-1F));
  p = hn::MulAdd(p, f, broadcast(1.0F));
  const hn::RebindToSigned<Lanes> integers;
  const auto exponent =
      hn::Add(hn::ShiftLeft<23>(hn::BitCast(integers, shifted)), hn::Set(integers, 0x3F800000));
  return hn::Mul(p, hn::BitCast(lanes, exponent));
}

constexpr float log2_e = 1.44269504F;
constexpr float ln_2 = 0.69314718F;

// The exponent is bounded, so that it is 0 or 1 far out and never not a number.
HWY_INLINE Vector sigmoid(Vector x) {
  const Vector one = broadcast(1.0F);
  return hn::Div(one,
                 hn::Add(one, exp2(hn::Min(hn::Mul(x, broadcast(-log2_e)), broadcast(64.0F)))));
}

#if HWY_TARGET != HWY_SCALAR
// Upper and lower halves added up until four lanes are left.
template <class D>
HWY_INLINE auto fold(D d, hn::Vec<D> value) {
  if constexpr (hn::MaxLanes(d) <= 4) {
    return value;
  } else {
    const hn::Half<D> half;
    return fold(half, hn::Add(hn::LowerHalf(half, value), hn::UpperHalf(half, value)));
  }
}
#endif

// to[i] += sum over the lanes of the i-th of four vectors, for i below `count`.
HWY_INLINE void add_sums(Vector a, Vector b, Vector c, Vector d, int count, float* to) {
  alignas(16) float sums[4];
#if HWY_TARGET == HWY_SCALAR
  sums[0] = hn::GetLane(a), sums[1] = hn::GetLane(b), sums[2] = hn::GetLane(c),
  sums[3] = hn::GetLane(d);
#else
  const hn::RepartitionToWide<Lanes> pairs;
  const auto ab =
      hn::BitCast(pairs, hn::Add(hn::InterleaveLower(lanes, a, b),
                                 hn::InterleaveUpper(lanes, a, b)));  // in each 128 bits: a b a b
  const auto cd = hn::BitCast(
      pairs, hn::Add(hn::InterleaveLower(lanes, c, d), hn::InterleaveUpper(lanes, c, d)));
  const Vector abcd = hn::Add(hn::BitCast(lanes, hn::InterleaveLower(pairs, ab, cd)),
                              hn::BitCast(lanes, hn::InterleaveUpper(pairs, ab, cd)));
  const auto total = fold(lanes, abcd);
  const hn::CappedTag<float, 4> four;
  if (count == 4) {
    hn::StoreU(hn::Add(hn::LoadU(four, to), total), four, to);
    return;
  }
  hn::Store(total, four, sums);
#endif
  for (int i = 0; i < count; ++i) to[i] += sums[i];
}

#if HWY_TARGET != HWY_SCALAR
// Stores each run of four lanes, `stride` apart.
template <class D>
HWY_INLINE void store_fours(D d, hn::Vec<D> value, std::ptrdiff_t stride, float* to) {
  if constexpr (hn::MaxLanes(d) <= 4) {
    hn::StoreU(value, d, to);
  } else {
    const hn::Half<D> half;
    store_fours(half, hn::LowerHalf(half, value), stride, to);
    store_fours(half, hn::UpperHalf(half, value), stride,
                to + stride * static_cast<std::ptrdiff_t>(hn::MaxLanes(half)) / 4);
  }
}
#endif

// to[t][m] = from[m][t] for whole vectors of both.
inline void transpose(int M, int T, const float* from, std::ptrdiff_t ldf, float* to,
                      std::ptrdiff_t ldt) {
#if HWY_TARGET == HWY_SCALAR
  for (int m = 0; m < M; ++m) {
    for (int t = 0; t < T; ++t) to[t * ldt + m] = from[m * ldf + t];
  }
#else
  const hn::RepartitionToWide<Lanes> pairs;
  const auto lower = [&](auto a, auto b) {
    return hn::BitCast(lanes,
                       hn::InterleaveLower(pairs, hn::BitCast(pairs, a), hn::BitCast(pairs, b)));
  };
  const auto upper = [&](auto a, auto b) {
    return hn::BitCast(lanes,
                       hn::InterleaveUpper(pairs, hn::BitCast(pairs, a), hn::BitCast(pairs, b)));
  };
  for (int m = 0; m < M; m += 4) {
    const float* const rows = from + m * ldf;
    for (int t = 0; t < T; t += width) {
      const Vector a = load(rows + t), b = load(rows + ldf + t), c = load(rows + 2 * ldf + t),
                   d = load(rows + 3 * ldf + t);
      const Vector ab[] = {
          hn::InterleaveLower(lanes, a, b),
          hn::InterleaveUpper(lanes, a, b)};  // in each run of four: tokens 0 0 1 1, 2 2 3 3
      const Vector cd[] = {hn::InterleaveLower(lanes, c, d), hn::InterleaveUpper(lanes, c, d)};
      float* const columns = to + t * ldt + m;
      store_fours(lanes, lower(ab[0], cd[0]), 4 * ldt, columns);
      store_fours(lanes, upper(ab[0], cd[0]), 4 * ldt, columns + ldt);
      store_fours(lanes, lower(ab[1], cd[1]), 4 * ldt, columns + 2 * ldt);
      store_fours(lanes, upper(ab[1], cd[1]), 4 * ldt, columns + 3 * ldt);
    }
  }
#endif
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_FUSED_VECTOR_HPP_
