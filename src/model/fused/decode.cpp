#include "model/fused/decode.hpp"

#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#define HWY_TARGET_INCLUDE "model/fused/decode.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "model/attention/delta_cpu.hpp"
#include "model/attention/recurrent_cpu.hpp"
#include "model/attention/softmax_cpu.hpp"
#include "model/fused/activation.hpp"
#include "model/fused/affine.hpp"
#include "model/fused/loss.hpp"
#include "model/fused/norm.hpp"
#include "model/fused/pieces.hpp"
#include "model/fused/rotary.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

void find_intervals(const Sizes& z, int positions, const Decoder::Memory& m) {
  if (z.attention == AttentionKind::softmax) softmax_intervals(z, positions, m.intervals);
}

void find_visible(const Sizes& z, int positions, int position, const Decoder::Memory& m, std::vector<int>& visible) {
  if (z.attention == AttentionKind::softmax) softmax_visible(z, positions, position, m.intervals, visible);
}

// The cache of one head in the `width` sequences from column c.
inline float* cache_of(const Sizes& z, const Decoder::Memory& m, int layer, int c, int head) {
  const std::ptrdiff_t groups = m.ld / width;
  return m.cache + ((layer * groups + c / width) * z.H + head) * caches(z) * m.cache_rows * width;
}

void attend(const Sizes& z, int layer, int columns, int position, std::span<const int> visible, const Decoder::Memory& m) {
  for (int c = 0; c < columns; c += width) {
    for (int h = 0; h < z.H; ++h) {
      const float* const q = m.qkv + h * z.d * m.ld + c;
      const float* const k = q + z.D * m.ld;
      const float* const v = k + z.D * m.ld;
      float* const o = m.attended + h * z.d * m.ld + c;
      float* const cache = cache_of(z, m, layer, c, h);
      if (z.attention == AttentionKind::recurrent) {
        recurrent_step(z, h, q, k, v, z.gated ? v + z.D * m.ld : nullptr, m.ld, m.scores, cache, o);
        continue;
      }
      if (z.attention == AttentionKind::delta) {
        delta_step(z, q, k, v, m.qkv + (3 * z.D + h) * m.ld + c, m.ld, m.scores, cache, o);
        continue;
      }
      float* const values = cache + m.cache_rows * width;
      const std::ptrdiff_t slot = static_cast<std::ptrdiff_t>(position) * z.d * width;
      for (int e = 0; e < z.d; ++e) {
        store(load(k + e * m.ld), cache + slot + e * width);
        store(load(v + e * m.ld), values + slot + e * width);
      }
      softmax_step(z.d, visible, q, m.ld, cache, values, m.scores, o);
    }
  }
}

void step(const Sizes& z, const Weights& w, std::span<const std::int32_t> tokens, int position, std::span<const int> visible,
          const Decoder::Memory& m, std::int32_t* best) {
  const int S = static_cast<int>(tokens.size());
  const int columns = round_to_tiles(S);
  const float* const place = w.position == nullptr ? nullptr : w.position + static_cast<std::ptrdiff_t>(position) * z.D;
  for (int c = 0; c < columns; ++c) {
    const float* const token = w.token + static_cast<std::ptrdiff_t>(c < S ? tokens[static_cast<std::size_t>(c)] : 0) * z.D;
    for (int d = 0; d < z.D; ++d) m.normal[d * m.ld + c] = place == nullptr ? token[d] : token[d] + place[d];
  }
  normalise(z.D, columns, m.normal, m.ld, m.normal, m.rate);
  scale_and_shift(z.D, columns, m.normal, m.ld, w.norm_weight, w.norm_bias, m.x);
  for (int l = 0; l < z.layers; ++l) {
    const Weights::Layer& layer = w.layers[static_cast<std::size_t>(l)];
    normalise(z.D, columns, m.x, m.ld, m.normal, m.rate);
    apply(layer.c_attn, columns, m.normal, m.ld, false, m.qkv);
    if (w.rotation.cosine != nullptr) rotate_position(w.rotation, 2 * z.H, z.d, columns, position, m.qkv, m.ld);
    attend(z, l, columns, position, visible, m);
    apply(layer.attn_proj, columns, m.attended, m.ld, true, m.x);
    normalise(z.D, columns, m.x, m.ld, m.normal, m.rate);
    apply(layer.c_fc, columns, m.normal, m.ld, false, m.slope);
    activate(z.activation, z.F, columns, m.ld, m.value, m.slope);
    apply(layer.mlp_proj, columns, m.value, m.ld, true, m.x);
  }
  if (best == nullptr) return;
  normalise(z.D, columns, m.x, m.ld, m.normal, m.rate);
  apply(w.head, columns, m.normal, m.ld, false, m.logits);
  arg_max(z.V, S, m.logits, m.ld, best);
}

// `rows`: those in use of each cache.
void keep(const Sizes& z, std::span<const int> columns, std::ptrdiff_t rows, const Decoder::Memory& m) {
  for (int l = 0; l < z.layers; ++l) {
    for (int first = 0; first < static_cast<int>(columns.size()); first += width) {
      const std::span<const int> group = columns.subspan(static_cast<std::size_t>(first))
                                             .first(std::min(static_cast<std::size_t>(width), columns.size() - static_cast<std::size_t>(first)));
      if (group.back() == first + static_cast<int>(group.size()) - 1) continue;  // it stays
      for (int part = 0; part < z.H * caches(z); ++part) {
        const std::ptrdiff_t offset = part * m.cache_rows * width;
        float* const to = cache_of(z, m, l, first, 0) + offset;
        const float* from[width];
        for (std::size_t i = 0; i < group.size(); ++i) from[i] = cache_of(z, m, l, group[i], 0) + offset + group[i] % width;
        for (std::ptrdiff_t row = 0; row < rows; ++row) {
          for (std::size_t i = 0; i < group.size(); ++i) to[row * width + static_cast<std::ptrdiff_t>(i)] = from[i][row * width];
        }
      }
    }
  }
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace surd::model::fused {

HWY_EXPORT(find_intervals);
HWY_EXPORT(find_visible);
HWY_EXPORT(step);
HWY_EXPORT(keep);

namespace {

std::ptrdiff_t cache_rows(const Sizes& z, int positions) {
  return has_state(z) ? static_cast<std::ptrdiff_t>(z.d + 1) * z.d : static_cast<std::ptrdiff_t>(positions) * z.d;
}

void lay_out(const Sizes& z, int columns, int positions, Pieces& pieces, Decoder::Memory& m) {
  m.ld = round_to_tiles(columns);
  const auto rows = [&](std::ptrdiff_t count) { return pieces.take(count * m.ld); };
  m.x = rows(z.D), m.normal = rows(z.D), m.rate = rows(1), m.qkv = rows(z.inputs), m.attended = rows(z.D);
  m.value = rows(z.F), m.slope = rows(z.F), m.logits = rows(z.V);
  m.scores = pieces.take(static_cast<std::ptrdiff_t>(std::max(positions, 3 * z.d)) * tile_tokens);
  m.intervals.from = pieces.take(round_to_tiles(positions)), m.intervals.to = pieces.take(round_to_tiles(positions));
  const int seen = z.pattern == Pattern::blocks ? round_to_tiles((positions + z.block - 1) / z.block * z.tail) : 0;
  m.intervals.seen_from = pieces.take(seen), m.intervals.seen_to = pieces.take(seen);
  m.cache_rows = cache_rows(z, positions);
  m.cache = pieces.take(z.layers * m.ld * z.H * caches(z) * m.cache_rows);
}

}  // namespace

void Decoder::start(const Weights& weights, int sequences, int positions) {
  weights_ = &weights;
  columns_ = sequences, positions_ = positions, position_ = 0;
  if (sequences > reserved_columns_ || positions > reserved_positions_) {
    reserved_columns_ = std::max(sequences, reserved_columns_), reserved_positions_ = std::max(positions, reserved_positions_);
    Pieces::allocate(block_, [&](Pieces& pieces) { lay_out(sizes_, reserved_columns_, reserved_positions_, pieces, memory_); });
  }
  if (has_state(sizes_)) std::fill_n(memory_.cache, sizes_.layers * memory_.ld * sizes_.H * caches(sizes_) * memory_.cache_rows, 0.0F);
  HWY_DYNAMIC_DISPATCH(find_intervals)(sizes_, positions, memory_);
}

void Decoder::step(std::span<const std::int32_t> tokens, bool writes, std::int32_t* best) {
  HWY_DYNAMIC_DISPATCH(find_visible)(sizes_, positions_, position_, memory_, visible_);
  HWY_DYNAMIC_DISPATCH(step)(sizes_, *weights_, tokens, position_, visible_, memory_, writes ? best : nullptr);
  ++position_;
}

void Decoder::keep(std::span<const int> columns) {
  if (columns.empty() || position_ == 0) return;
  HWY_DYNAMIC_DISPATCH(keep)
  (sizes_, columns, has_state(sizes_) ? memory_.cache_rows : cache_rows(sizes_, position_), memory_);
}

double Decoder::remembered(int positions) const {
  return static_cast<double>(sizes_.layers) * sizes_.H * caches(sizes_) * static_cast<double>(cache_rows(sizes_, positions));
}

}  // namespace surd::model::fused
#endif
