#include <algorithm>

#include "model/fused/chunk.hpp"
#include "model/fused/pieces.hpp"
#include "spec/architecture.hpp"

namespace surd::model::fused {

Sizes sizes(const spec::ModelShape& shape) {
  const spec::ModelSettings& settings = shape.settings;
  return {.D = shape.hidden,
          .H = settings.heads,
          .d = shape.head_dim(),
          .F = shape.ffn(),
          .V = shape.vocabulary,
          .layers = settings.layers,
          .activation = settings.activation,
          .inputs = 3 * shape.hidden + spec::projected(shape),
          .dropout = settings.dropout};
}

namespace {

void lay_out(const Sizes& z, int columns, Pieces& pieces, Buffers& b) {
  // A tile beyond the last column for what is stored in whole tiles; an odd number of cache lines,
  // so that the rows of a column fall in all sets.
  b.ld = round_to_tiles(columns) + tile_tokens;
  if (b.ld / Pieces::line % 2 == 0) b.ld += Pieces::line;
  const auto rows = [&](std::ptrdiff_t count) { return pieces.take(count * b.ld); };
  b.embedded_normal = rows(z.D), b.embedded_rate = rows(1);
  b.x = rows(z.D), b.x_rows = rows(z.D), b.attended_rows = rows(z.D);
  b.layers.resize(static_cast<std::size_t>(z.layers));
  for (Buffers::Layer& layer : b.layers) {
    layer.normal_1 = rows(z.D), layer.rate_1 = rows(1);
    layer.qkv = rows(z.inputs), layer.statistics = rows(2 * z.H), layer.attended = rows(z.D);
    layer.normal_2 = rows(z.D), layer.rate_2 = rows(1);
    layer.value = rows(z.F), layer.slope = rows(z.F);
  }
  b.final_normal = rows(z.D), b.final_rate = rows(1), b.logits = rows(z.V);
  b.dx = rows(z.D), b.dx_rows = rows(z.D), b.g = rows(z.D), b.dattended = rows(z.D),
  b.dattended_rows = rows(z.D);
  b.dqkv = rows(z.inputs), b.dvalue = rows(z.F);
}

}  // namespace

void Buffers::reserve(int columns, int longest) {
  if (columns <= columns_ && longest <= longest_) return;
  columns_ = std::max(columns, columns_), longest_ = std::max(longest, longest_);
  Pieces::allocate(memory_, [&](Pieces& pieces) {
    lay_out(sizes_, columns_, pieces, *this);
    attention->lay_out(longest_, pieces);
  });
  if (sizes_.dropout == 0) return;
  words_.assign(static_cast<std::size_t>(2 * ld), 0);
  streams = words_.data(), stream_rows = streams + ld;
}

}  // namespace surd::model::fused
