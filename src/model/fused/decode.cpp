#include "model/fused/decode.hpp"
#include "model/fused/targets.hpp"
#define HWY_TARGET_INCLUDE "model/fused/decode.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

#include "model/fused/activation.hpp"
#include "model/fused/affine.hpp"
#include "model/fused/loss.hpp"
#include "model/fused/norm.hpp"
#include "model/fused/pieces.hpp"
#include "model/fused/rotary.hpp"

HWY_BEFORE_NAMESPACE();
namespace surd::model::fused::HWY_NAMESPACE {

// The cache of one head in the `width` sequences from column c.
inline float* cache_of(const Sizes& z, const Decoder::Memory& m, int layer, int c, int head) {
  const std::ptrdiff_t groups = m.ld / width;
  return m.cache + ((layer * groups + c / width) * z.H + head) * m.parts * m.rows * width;
}

void attend(const Sizes& z, AttentionKernel& attention, int layer, int columns,
            const Decoder::Memory& m) {
  for (int c = 0; c < columns; c += width) {
    for (int h = 0; h < z.H; ++h) {
      const float* const q = m.qkv + h * z.d * m.ld + c;
      attention.step({.index = h,
                      .q = q,
                      .k = q + z.D * m.ld,
                      .v = q + 2 * z.D * m.ld,
                      .further = m.qkv + 3 * z.D * m.ld + c,
                      .ld = m.ld,
                      .memory = cache_of(z, m, layer, c, h),
                      .part = m.rows * width,
                      .o = m.attended + h * z.d * m.ld + c});
    }
  }
}

void step(const Sizes& z, const Weights& w, AttentionKernel& attention,
          std::span<const std::int32_t> tokens, int position, const Decoder::Memory& m,
          std::int32_t* best) {
  attention.start_position(position);
  const int S = static_cast<int>(tokens.size());
  const int columns = round_to_tiles(S);
  const float* const place =
      w.position == nullptr ? nullptr : w.position + static_cast<std::ptrdiff_t>(position) * z.D;
  for (int c = 0; c < columns; ++c) {
    const float* const token =
        w.token +
        static_cast<std::ptrdiff_t>(c < S ? tokens[static_cast<std::size_t>(c)] : 0) * z.D;
    for (int d = 0; d < z.D; ++d)
      m.normal[d * m.ld + c] = place == nullptr ? token[d] : token[d] + place[d];
  }
  normalise(z.D, columns, m.normal, m.ld, m.normal, m.rate);
  scale_and_shift(z.D, columns, m.normal, m.ld, w.norm_weight, w.norm_bias, m.x);
  for (int l = 0; l < z.layers; ++l) {
    const Weights::Layer& layer = w.layers[static_cast<std::size_t>(l)];
    normalise(z.D, columns, m.x, m.ld, m.normal, m.rate);
    apply(layer.c_attn, columns, m.normal, m.ld, false, m.qkv);
    if (w.rotation.cosine != nullptr)
      rotate_position(w.rotation, 2 * z.H, z.d, columns, position, m.qkv, m.ld);
    attend(z, attention, l, columns, m);
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
void keep(const Sizes& z, std::span<const int> columns, std::ptrdiff_t rows,
          const Decoder::Memory& m) {
  for (int l = 0; l < z.layers; ++l) {
    for (int first = 0; first < static_cast<int>(columns.size()); first += width) {
      const std::span<const int> group =
          columns.subspan(static_cast<std::size_t>(first))
              .first(std::min(static_cast<std::size_t>(width),
                              columns.size() - static_cast<std::size_t>(first)));
      if (group.back() == first + static_cast<int>(group.size()) - 1) continue;  // it stays
      for (int part = 0; part < z.H * m.parts; ++part) {
        const std::ptrdiff_t offset = part * m.rows * width;
        float* const to = cache_of(z, m, l, first, 0) + offset;
        const float* from[width];
        for (std::size_t i = 0; i < group.size(); ++i) {
          from[i] = cache_of(z, m, l, group[i], 0) + offset + group[i] % width;
        }
        for (std::ptrdiff_t row = 0; row < rows; ++row) {
          for (std::size_t i = 0; i < group.size(); ++i)
            to[row * width + static_cast<std::ptrdiff_t>(i)] = from[i][row * width];
        }
      }
    }
  }
}

}  // namespace surd::model::fused::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace surd::model::fused {

HWY_EXPORT(step);
HWY_EXPORT(keep);

namespace {

void lay_out(const Sizes& z, int columns, Pieces& pieces, Decoder::Memory& m) {
  m.ld = round_to_tiles(columns);
  const auto rows = [&](std::ptrdiff_t count) { return pieces.take(count * m.ld); };
  m.x = rows(z.D), m.normal = rows(z.D), m.rate = rows(1), m.qkv = rows(z.inputs),
  m.attended = rows(z.D);
  m.value = rows(z.F), m.slope = rows(z.F), m.logits = rows(z.V);
  m.cache = rows(z.layers * z.H * m.parts * m.rows);
}

}  // namespace

void Decoder::start(const Weights& weights, int sequences, int positions) {
  weights_ = &weights;
  position_ = 0;
  if (sequences > reserved_columns_ || positions > reserved_positions_) {
    reserved_columns_ = std::max(sequences, reserved_columns_),
    reserved_positions_ = std::max(positions, reserved_positions_);
    memory_.parts = attention_->parts();
    memory_.rows = attention_->remembered(reserved_positions_);
    Pieces::allocate(block_, [&](Pieces& pieces) {
      lay_out(sizes_, reserved_columns_, pieces, memory_);
      attention_->lay_out_steps(reserved_positions_, pieces);
    });
  }
  if (attention_->remembered(0) > 0) {  // a state
    const std::ptrdiff_t heads = sizes_.layers * memory_.ld * sizes_.H;
    std::fill_n(memory_.cache, heads * memory_.parts * memory_.rows, 0.0F);
  }
}

void Decoder::step(std::span<const std::int32_t> tokens, bool writes, std::int32_t* best) {
  HWY_DYNAMIC_DISPATCH(step)
  (sizes_, *weights_, *attention_, tokens, position_, memory_, writes ? best : nullptr);
  ++position_;
}

void Decoder::keep(std::span<const int> columns) {
  if (columns.empty() || position_ == 0) return;
  HWY_DYNAMIC_DISPATCH(keep)(sizes_, columns, attention_->remembered(position_), memory_);
}

double Decoder::remembered(int positions) const {
  return static_cast<double>(sizes_.layers) * sizes_.H * attention_->parts() *
         static_cast<double>(attention_->remembered(positions));
}

}  // namespace surd::model::fused
#endif
