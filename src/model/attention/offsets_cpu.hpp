// The pairs (query, key) of causal attention where a query sees the keys at fixed offsets before
// it, in fp32, for one head of one sequence: what pairs_cpu.hpp does for keys that are seen by
// intervals of queries. Queries and their keys lie in lanes alike. Offsets ascend; a query sees
// nothing at those beyond its own position.
// Letters: d head dimension, i queries.
#if defined(SURD_MODEL_ATTENTION_OFFSETS_CPU_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_ATTENTION_OFFSETS_CPU_HPP_
#undef SURD_MODEL_ATTENTION_OFFSETS_CPU_HPP_
#else
#define SURD_MODEL_ATTENTION_OFFSETS_CPU_HPP_
#endif

#include <algorithm>
#include <span>

#include "model/attention/pairs_cpu.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

// Those at which some query before `end` sees a key.
inline std::span<const int> offsets_below(std::span<const int> offsets, int end) {
  const auto last = std::lower_bound(offsets.begin(), offsets.end(), end);
  return offsets.first(static_cast<std::size_t>(last - offsets.begin()));
}

// Which of a vector of queries at i have a position at that offset before them.
HWY_INLINE auto reached(int i, int offset) {
  return hn::Ge(count_from(static_cast<float>(i)), broadcast(static_cast<float>(offset)));
}

// scores[offsets][tile] = k . q for the tile of queries at i, q[d][tile]; `hidden` where there is
// no key. k[d] begins with the sequence.
inline void score_offsets(int d, std::span<const int> offsets, const float* q, std::ptrdiff_t ldq,
                          int i, const float* k, std::ptrdiff_t ldk, float hidden, float* scores) {
  for (const int offset : offsets) {
    for (int lane = 0; lane < tile; lane += width) {
      const float* const query = q + lane;
      const float* const key = k + i - offset + lane;
      Vector sum = hn::Zero(lanes);
      for (int e = 0; e < d; ++e) sum = hn::MulAdd(load(query + e * ldq), load(key + e * ldk), sum);
      store(hn::IfThenElse(reached(i + lane, offset), sum, broadcast(hidden)), scores + lane);
    }
    scores += tile;
  }
}

// o[d][tile] += the values by weights[offsets][tile], for the tile of queries at i. v[d] begins
// with the sequence and has the stride of o.
inline void add_offset_values(int d, std::span<const int> offsets, const float* weights, int i,
                              const float* v, float* o, std::ptrdiff_t ld) {
  for (const int offset : offsets) {
    for (int lane = 0; lane < tile; lane += width) {
      const Vector weight = load(weights + lane);
      const auto seen = reached(i + lane, offset);
      const float* const value = v + i - offset + lane;
      for (int e = 0; e < d; ++e) {
        float* const sum = o + e * ld + lane;
        store(hn::MulAdd(weight, hn::IfThenElseZero(seen, load(value + e * ld)), load(sum)), sum);
      }
    }
    weights += tile;
  }
}

// Adds to dq, dk and dv what pair_gradients<true> sums up for lists. k[d], v[d] begin with the
// sequence.
inline void offset_gradients(int d, std::span<const int> offsets, const Queries& queries,
                             const float* k, const float* v, std::ptrdiff_t ld,
                             const PairGradients& to) {
  const std::ptrdiff_t ldq = queries.ld, ldk = to.ldk, ldv = to.ldv;
  for (int i = queries.first; i < queries.length; i += width) {
    const float* const q = queries.q + i;
    const float* const g = queries.g + i;
    float* const dq = to.dq + i;
    const Vector q_offset = load(queries.q_offset + i), g_offset = load(queries.g_offset + i);
    for (const int offset : offsets_below(offsets, std::min(i + width, queries.length))) {
      const float* const key = k + i - offset;
      const float* const value = v + i - offset;
      float* const dk = to.dk + i - offset;
      float* const dv = to.dv + i - offset;
      const auto seen = reached(i, offset);
      const auto earlier = [&](const float* x) { return hn::IfThenElseZero(seen, load(x)); };
      const auto add = [&](Vector part, float* sum) {
        store(hn::IfThenElse(seen, hn::Add(load(sum), part), load(sum)), sum);
      };
      Vector score = q_offset;
      Vector slope = g_offset;
      for (int e = 0; e < d; ++e) {
        score = hn::MulAdd(load(q + e * ldq), earlier(key + e * ld), score);
        slope = hn::MulAdd(load(g + e * ldq), earlier(value + e * ld), slope);
      }
      Vector weight = exp2(hn::Min(score, hn::Zero(lanes)));
      if (queries.streams != nullptr) {
        const auto gone = dropped(
            queries.drop, hn::Add(hn::LoadU(words, queries.streams + i), golden_from(i - offset)));
        slope = hn::Mul(weight, hn::IfThenElse(gone, g_offset, slope));
        weight = hn::IfThenZeroElse(gone, weight);
      } else {
        slope = hn::Mul(weight, slope);
      }
      for (int e = 0; e < d; ++e) {
        add(hn::Mul(slope, earlier(key + e * ld)), dq + e * ldq);
        add(hn::Mul(slope, load(q + e * ldq)), dk + e * ldk);
        add(hn::Mul(weight, load(g + e * ldq)), dv + e * ldv);
      }
    }
  }
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_ATTENTION_OFFSETS_CPU_HPP_
