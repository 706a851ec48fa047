// The pairs (query, key) of causal attention in fp32, for one head of one sequence: each key is
// seen by an interval of queries. Standard attention is one list of keys; sparse attention a list
// of own-block keys and a list of the keys that later blocks see; attention with a state uses the
// pairs within a block. Positions count from the sequence's start. Cost: the visible pairs, rounded
// up to tiles of 16 by 16. Letters: d head dimension, i queries, j keys.
#if defined(SURD_MODEL_ATTENTION_PAIRS_CPU_HPP_) == defined(HWY_TARGET_TOGGLE)
#ifdef SURD_MODEL_ATTENTION_PAIRS_CPU_HPP_
#undef SURD_MODEL_ATTENTION_PAIRS_CPU_HPP_
#else
#define SURD_MODEL_ATTENTION_PAIRS_CPU_HPP_
#endif

#include <algorithm>

#include "model/fused/dropout.hpp"
#include "model/fused/kernel.hpp"
#include "model/fused/matrix.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

using spec::query_panel, spec::key_panel, spec::recurrent_block;

// Key j is seen by the queries i with from[j] <= i < to[j]; both never decrease, and are padded to
// a tile with keys that nobody sees. k, v: [d][count], readable (and finite) to the end of the
// tile.
struct Keys {
  const float* k;
  const float* v;
  std::ptrdiff_t ld;
  int count;
  const float* from;
  const float* to;
  const std::uint32_t* places = nullptr;  // [count] with dropout: golden times the position of each
};
constexpr float never = 1e9F;

struct Range {
  int first, last;
  int size() const { return last - first; }
};

// The keys that some query of [i0, i1) sees.
inline Range visible(const Keys& keys, int i0, int i1) {
  const int first = static_cast<int>(
      std::upper_bound(keys.to, keys.to + keys.count, static_cast<float>(i0)) - keys.to);
  const int last = static_cast<int>(
      std::lower_bound(keys.from, keys.from + keys.count, static_cast<float>(i1)) - keys.from);
  return {first, std::max(first, last)};
}

// scores[j][lane] = k_j . q for the tile of queries [i0, i1) at q[d][lane]; `hidden` where a query
// does not see the key. Empty lanes count as i1 - 1.
inline void score(int d, const Keys& keys, Range range, const float* q, std::ptrdiff_t ldq, int i0,
                  int i1, float hidden, float* scores) {
  multiply(range.size(), d, tile, {keys.k + range.first, 1, keys.ld}, q, ldq, nullptr, false,
           scores, tile);
  for (int j = range.first; j < range.last; ++j, scores += tile) {
    if (keys.from[j] <= static_cast<float>(i0) && static_cast<float>(i1) <= keys.to[j]) continue;
    for (int lane = 0; lane < tile; lane += width) {
      const Vector query =
          hn::Min(count_from(static_cast<float>(i0 + lane)), broadcast(static_cast<float>(i1 - 1)));
      const auto seen =
          hn::And(hn::Le(broadcast(keys.from[j]), query), hn::Lt(query, broadcast(keys.to[j])));
      store(hn::IfThenElse(seen, load(scores + lane), broadcast(hidden)), scores + lane);
    }
  }
}

// Rows [d][length] times `scale`, copied to rows that end with zeros up to a whole tile.
inline void pack(int d, int length, const float* from, std::ptrdiff_t ld, float scale, float* to,
                 std::ptrdiff_t ldt) {
  for (int e = 0; e < d; ++e) {
    for (int i = 0; i < length; i += width) {
      const Vector value = hn::Mul(load(from + e * ld + i), broadcast(scale));
      const auto valid = first_columns(length - i);
      store(hn::IfThenElseZero(valid, value), to + e * ldt + i);
    }
    for (int i = (length + width - 1) / width * width; i < round_to_tiles(length); i += width)
      store(hn::Zero(lanes), to + e * ldt + i);
  }
}

// The queries of a backward pass, packed: weights are w[i][j] = f(q_i . k_j + q_offset[i]) and the
// output o_i = sum_j w[i][j] v_j; g is the gradient of o, and g_i . v_j + g_offset[i] that of the
// weight (what normalises the weights is in the offsets, which may be null).
struct Queries {
  const float* q;         // [d][length]
  const float* q_offset;  // [length]
  const float* g;         // [d][length]
  const float* g_offset;  // [length]
  std::ptrdiff_t ld;
  int first;  // earlier queries, a multiple of the tile, have no gradient and are left out
  int length;
  const float* falling =
      nullptr;  // decay of the weights by i - j: gamma^n at recurrent_block - n, 0 for negative n
  // With dropout, whose scale is in g already: o_i = sum of the weights that are kept. [length] the
  // streams of the queries' weights.
  Drop drop = {};
  const std::uint32_t* streams = nullptr;
};

struct PairScratch {
  static constexpr int stride = key_panel + tile;  // of the slopes
  float *weights, *slopes;                         // [query panel][tile], [query panel][stride]

  void lay_out(Pieces& pieces) {
    weights = pieces.take(query_panel * tile);
    slopes = pieces.take(query_panel * stride);
  }
};

// Where pair_gradients leaves them, rows [d].
struct PairGradients {
  float* dq;  // of the queries' stride
  float* dk;
  std::ptrdiff_t ldk;
  float* dv;
  std::ptrdiff_t ldv;
};

// The queries, in whole tiles and but those that are left out, that see some key of the tile at j.
inline Range queries_of(const Queries& queries, const Keys& keys, int j) {
  const int from = static_cast<int>(keys.from[j]) / tile * tile;
  const int to = round_to_tiles(static_cast<int>(keys.to[std::min(j + tile, keys.count) - 1]));
  const int first = std::max(queries.first, from);
  return {first, std::max(first, std::min(round_to_tiles(queries.length), to))};
}

// Scores to weights, and the weights' gradients to slopes, in place: those of `count` queries from
// `first` on and the tile of keys at j.
template <bool exponential, bool dropping>
HWY_INLINE void weigh_pairs(const Queries& queries, const Keys& keys, int first, int count, int j,
                            float* weights, float* slopes) {
  constexpr int lds = PairScratch::stride;
  const bool whole = j + tile <= keys.count;
  const float all_from = whole ? keys.from[j + tile - 1] : never;
  const float all_to = keys.to[j];
  for (int row = 0; row < count; ++row) {
    const float i = static_cast<float>(first + row);
    const bool masked = !(all_from <= i && i < all_to);
    for (int lane = 0; lane < tile; lane += width) {
      Vector weight = load(weights + row * tile + lane);
      Vector slope = load(slopes + row * lds + lane);
      if constexpr (exponential) {
        weight = exp2(hn::Min(
            weight,
            hn::Zero(lanes)));  // rounding may lift the largest score above its stored value
        if constexpr (dropping) {
          const auto gone =
              dropped(queries.drop, hn::Add(hn::LoadU(words, keys.places + j + lane),
                                            hn::Set(words, queries.streams[first + row])));
          slope = hn::Mul(weight,
                          hn::IfThenElse(gone, broadcast(queries.g_offset[first + row]), slope));
          weight = hn::IfThenZeroElse(gone, weight);
        } else {
          slope = hn::Mul(weight, slope);
        }
      } else if (queries.falling != nullptr) {
        const Vector decay = load(queries.falling + recurrent_block - (first + row - j) + lane);
        weight = hn::Mul(weight, decay);
        slope = hn::Mul(slope, decay);
      }
      if (masked) {
        const Vector query = broadcast(i);
        const auto seen = hn::And(hn::Le(load(keys.from + j + lane), query),
                                  hn::Lt(query, load(keys.to + j + lane)));
        weight = hn::IfThenElseZero(seen, weight);
        slope = hn::IfThenElseZero(seen, slope);
      }
      store(weight, weights + row * tile + lane);
      store(slope, slopes + row * lds + lane);
    }
  }
}

// With f(s) = 2^s (exponential; slopes then are with respect to s ln 2) or f(s) = s times the
// decay: dv_j = sum_i w[i][j] g_i and dk_j = sum_i slope[i][j] q_i (both overwritten, whole tiles),
// dq_i += sum_j slope[i][j] k_j. Keys lie in the lanes. Where a weight is dropped, its gradient is
// g_offset[i] alone: it still normalises the others.
template <bool exponential, bool dropping = false>
void pair_gradients(int d, const Queries& queries, const Keys& keys, const PairScratch& scratch,
                    const PairGradients& to) {
  constexpr int lds = PairScratch::stride;
  const auto offsets = [](const float* all, int first) {
    return all != nullptr ? all + first : nullptr;
  };
  for (int panel = 0; panel < keys.count; panel += key_panel) {
    const int groups = (std::min(keys.count, panel + key_panel) - panel + tile - 1) / tile;
    Range rows[key_panel / tile];
    for (int group = 0; group < groups; ++group) {
      const int j = panel + group * tile;
      rows[group] = queries_of(queries, keys, j);
      if (rows[group].size() > 0) continue;
      for (int e = 0; e < d; ++e) {
        std::fill_n(to.dk + e * to.ldk + j, tile, 0.0F);
        std::fill_n(to.dv + e * to.ldv + j, tile, 0.0F);
      }
    }
    const int bottom = rows[groups - 1].last;
    for (int top = rows[0].first; top < bottom; top += query_panel) {
      const int stop = std::min(top + query_panel, bottom);
      for (int group = 0; group < groups; ++group) {
        const int first = std::max(top, rows[group].first);
        const int count = std::min(stop, rows[group].last) - first;
        if (count <= 0) continue;
        const int j = panel + group * tile;
        float* const slopes = scratch.slopes + (first - top) * lds + group * tile;
        multiply(count, d, tile, {queries.q + first, 1, queries.ld}, keys.k + j, keys.ld,
                 offsets(queries.q_offset, first), false, scratch.weights, tile);
        multiply(count, d, tile, {queries.g + first, 1, queries.ld}, keys.v + j, keys.ld,
                 offsets(queries.g_offset, first), false, slopes, lds);
        weigh_pairs<exponential, dropping>(queries, keys, first, count, j, scratch.weights, slopes);
        const bool more = first > rows[group].first;
        multiply(d, count, tile, {queries.g + first, queries.ld, 1}, scratch.weights, tile, nullptr,
                 more, to.dv + j, to.ldv);
        multiply(d, count, tile, {queries.q + first, queries.ld, 1}, slopes, lds, nullptr, more,
                 to.dk + j, to.ldk);
      }
      for (int i = top; i < stop; i += tile) {
        int group = 0;
        while (group < groups && rows[group].last <= i) ++group;
        const int first = group;
        while (group < groups && rows[group].first <= i) ++group;
        multiply_tokens(d, tile, (group - first) * tile, keys.k + panel + first * tile, keys.ld,
                        scratch.slopes + (i - top) * lds + first * tile, lds, to.dq + i,
                        queries.ld);
      }
    }
  }
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // SURD_MODEL_ATTENTION_PAIRS_CPU_HPP_
