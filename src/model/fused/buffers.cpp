#include <algorithm>

#include "base/error.hpp"
#include "base/json.hpp"
#include "model/fused/chunk.hpp"
#include "model/fused/pieces.hpp"
#include "spec/architecture.hpp"

namespace surd::model::fused {

Sizes sizes(const spec::ModelShape& shape) {
  const spec::ModelSettings& settings = shape.settings;
  Sizes sizes{.D = shape.hidden,
              .H = settings.heads,
              .d = shape.head_dim(),
              .F = shape.ffn(),
              .V = shape.vocabulary,
              .layers = settings.layers,
              .activation = settings.activation,
              .attention = AttentionKind::softmax,
              .block = 0,
              .tail = 0};
  if (shape.architecture.name == "linear") sizes.attention = AttentionKind::linear;
  if (shape.architecture.name == "sparse") {
    sizes.block = spec::sparse_block(shape);
    sizes.tail = std::min(required<int>(shape.architecture.options, "c", "sparse"), sizes.block);
  }
  return sizes;
}

namespace {

void lay_out(const Sizes& z, int columns, int longest, Pieces& pieces, Buffers& b) {
  // A tile beyond the last column for what is stored in whole tiles; an odd number of cache lines, so that the rows of a column fall in all sets.
  b.ld = round_to_tiles(columns) + tile_tokens;
  if (b.ld / Pieces::line % 2 == 0) b.ld += Pieces::line;
  const auto rows = [&](std::ptrdiff_t count) { return pieces.take(count * b.ld); };
  b.embedded_normal = rows(z.D), b.embedded_rate = rows(1);
  b.x = rows(z.D), b.x_rows = rows(z.D), b.attended_rows = rows(z.D);
  b.layers.resize(static_cast<std::size_t>(z.layers));
  for (Buffers::Layer& layer : b.layers) {
    layer.normal_1 = rows(z.D), layer.rate_1 = rows(1);
    layer.qkv = rows(3 * z.D), layer.statistics = rows(2 * z.H), layer.attended = rows(z.D);
    layer.normal_2 = rows(z.D), layer.rate_2 = rows(1);
    layer.value = rows(z.F), layer.slope = rows(z.F);
  }
  b.final_normal = rows(z.D), b.final_rate = rows(1), b.logits = rows(z.V);
  b.dx = rows(z.D), b.dx_rows = rows(z.D), b.g = rows(z.D), b.dattended = rows(z.D), b.dattended_rows = rows(z.D);
  b.dqkv = rows(3 * z.D), b.dvalue = rows(z.F);

  AttentionScratch& a = b.attention;
  const std::ptrdiff_t p = round_to_tiles(longest);
  const std::ptrdiff_t d = z.d;
  const std::ptrdiff_t s = z.block == 0 ? 0 : round_to_tiles((longest + z.block - 1) / z.block * z.tail);
  a.ld = p + tile_tokens, a.seen_ld = s + tile_tokens;
  a.scores = pieces.take((p + s) * tile_tokens);
  a.tile_weights = pieces.take(query_panel * tile_tokens), a.tile_slopes = pieces.take(query_panel * (key_panel + tile_tokens));
  a.q = pieces.take((d + 1) * a.ld), a.g = pieces.take((d + 1) * a.ld), a.dq = pieces.take(d * a.ld);
  a.from = pieces.take(p), a.to = pieces.take(p);
  if (z.attention == AttentionKind::linear) {
    a.k = pieces.take(d * a.ld), a.v = pieces.take((d + 1) * a.ld), a.dk = pieces.take(d * a.ld);
    a.states = pieces.take((p / linear_block + 1) * (d + 1) * d), a.later = pieces.take((d + 1) * d);
  }
  if (s > 0) {
    a.seen_k = pieces.take(d * a.seen_ld), a.seen_v = pieces.take(d * a.seen_ld);
    a.seen_dk = pieces.take(d * a.seen_ld), a.seen_dv = pieces.take(d * a.seen_ld);
    a.seen_from = pieces.take(s), a.seen_to = pieces.take(s);
  }
}

}  // namespace

void Buffers::reserve(int columns, int longest) {
  if (columns <= columns_ && longest <= longest_) return;
  columns_ = std::max(columns, columns_), longest_ = std::max(longest, longest_);
  Pieces::allocate(memory_, [&](Pieces& pieces) { lay_out(sizes_, columns_, longest_, pieces, *this); });
}

}  // namespace surd::model::fused
