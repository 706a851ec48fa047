// What dropout drops, from its hash (model/dropout_hash.hpp) and never kept: the backward pass asks
// again.
#if defined(SURD_MODEL_FUSED_DROPOUT_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_FUSED_DROPOUT_HPP_
#undef SURD_MODEL_FUSED_DROPOUT_HPP_
#else
#define SURD_MODEL_FUSED_DROPOUT_HPP_
#endif

#include <algorithm>
#include <cstdint>

#include "model/dropout_hash.hpp"
#include "model/fused/kernel.hpp"
#include "model/fused/vector.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

using Words = hn::RebindToUnsigned<Lanes>;
using WordVector = hn::Vec<Words>;
constexpr Words words{};

// share in (0, 1); one that rounds to 1 keeps one hash of 2^32.
inline Drop make_drop(double share) {
  constexpr std::int64_t most = 0xffffffff;
  return {static_cast<std::uint32_t>(std::min(dropout_hash::threshold(share), most)),
          static_cast<float>(1 / (1 - share))};
}

// As in dropout_hash, lane by lane.
HWY_INLINE WordVector scrambled(WordVector x) {
  using dropout_hash::factors, dropout_hash::shifts;
  x = hn::Mul(hn::Xor(x, hn::ShiftRight<shifts[0]>(x)), hn::Set(words, factors[0]));
  x = hn::Mul(hn::Xor(x, hn::ShiftRight<shifts[1]>(x)), hn::Set(words, factors[1]));
  return hn::Xor(x, hn::ShiftRight<shifts[2]>(x));
}

// Multiples first, first + 1, ... of dropout_hash::golden: what numbers of a stream add to it.
HWY_INLINE WordVector golden_from(int first) {
  return hn::Mul(hn::Iota(words, static_cast<std::uint32_t>(first)),
                 hn::Set(words, dropout_hash::golden));
}

// Streams 0, 1, ..., count - 1 of a stream, stored in whole vectors.
inline void list_streams(std::uint32_t of, int count, std::uint32_t* to) {
  for (int i = 0; i < count; i += width)
    hn::StoreU(scrambled(hn::Add(hn::Set(words, of), golden_from(i))), words, to + i);
}

// Whether the numbers at these places of the hash, stream + number * golden, are dropped.
HWY_INLINE auto dropped(const Drop& drop, WordVector places) {
  return hn::RebindMask(lanes, hn::Lt(scrambled(places), hn::Set(words, drop.threshold)));
}

// y[D][T] = (accumulate ? y : 0) + x[D][T] with features of the site dropped; y may be x where not
// accumulating. tokens [T]: the tokens' streams.
inline void drop_features(const Drop& drop, std::uint32_t site, int D, int T,
                          const std::uint32_t* tokens, const float* x, std::ptrdiff_t ld,
                          bool accumulate, float* y) {
  const Vector scale = broadcast(drop.scale);
  for (int t = 0; t < T; t += width) {
    WordVector place = scrambled(
        hn::Add(hn::LoadU(words, tokens + t), hn::Set(words, site * dropout_hash::golden)));
    for (int d = 0; d < D; ++d) {
      const Vector value =
          hn::IfThenZeroElse(dropped(drop, place), hn::Mul(load(x + d * ld + t), scale));
      store(accumulate ? hn::Add(load(y + d * ld + t), value) : value, y + d * ld + t);
      place = hn::Add(place, hn::Set(words, dropout_hash::golden));
    }
  }
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_FUSED_DROPOUT_HPP_
