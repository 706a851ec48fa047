#include <algorithm>
#include <string>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/portable.hpp"
#include "model/attention/constants.hpp"
#include "model/fused/chunk.hpp"
#include "model/fused/pieces.hpp"
#include "spec/architecture.hpp"

namespace surd::model::fused {

Sizes sizes(const spec::ModelShape& shape) {
  const spec::ModelSettings& settings = shape.settings;
  const std::string& name = shape.architecture.name;
  const Json& options = shape.architecture.options;
  Sizes sizes{.D = shape.hidden,
              .H = settings.heads,
              .d = shape.head_dim(),
              .F = shape.ffn(),
              .V = shape.vocabulary,
              .layers = settings.layers,
              .activation = settings.activation,
              .attention = AttentionKind::softmax,
              .inputs = 3 * shape.hidden + spec::projected(shape),
              .dropout = settings.dropout};
  if (name == "sparse") {
    sizes.pattern = spec::sparse_strided(shape) ? Pattern::strides : Pattern::blocks;
    sizes.block = spec::sparse_block(shape);
    sizes.tail = std::min(required<int>(options, "c", name), sizes.block);
  } else if (name == "sliding_window") {
    sizes.pattern = Pattern::window;
    sizes.block = spec::sliding_window(shape);
  } else if (name == "linear") {
    sizes.attention = AttentionKind::recurrent;
    const auto phi = required<std::string>(options, "phi", name);
    sizes.map = phi == "relu" ? FeatureMap::relu : phi == "exp" ? FeatureMap::exp : FeatureMap::elu;
    if (spec::normalises(shape)) sizes.finish = Finish::divide;
  } else if (name == "retention") {
    sizes.attention = AttentionKind::recurrent;
    for (int head = 0; head < sizes.H; ++head) sizes.decays.push_back(std::max(spec::retention_decay(shape, head), smallest_decay));
    if (spec::normalises(shape)) sizes.finish = Finish::normalise;
  } else if (name == "gated_linear") {
    sizes.attention = AttentionKind::recurrent;
    sizes.gated = true;
    if (spec::normalises(shape)) sizes.finish = Finish::normalise;
  } else if (name == "delta") {
    sizes.attention = AttentionKind::delta;
    if (spec::normalises(shape)) sizes.finish = Finish::unit_rms;
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
    layer.qkv = rows(z.inputs), layer.statistics = rows(2 * z.H), layer.attended = rows(z.D);
    layer.normal_2 = rows(z.D), layer.rate_2 = rows(1);
    layer.value = rows(z.F), layer.slope = rows(z.F);
  }
  b.final_normal = rows(z.D), b.final_rate = rows(1), b.logits = rows(z.V);
  b.dx = rows(z.D), b.dx_rows = rows(z.D), b.g = rows(z.D), b.dattended = rows(z.D), b.dattended_rows = rows(z.D);
  b.dqkv = rows(z.inputs), b.dvalue = rows(z.F);

  AttentionScratch& a = b.attention;
  const std::ptrdiff_t p = round_to_tiles(longest);
  const std::ptrdiff_t d = z.d;
  const bool beyond = z.pattern == Pattern::blocks || z.pattern == Pattern::strides;
  const std::ptrdiff_t s = beyond ? round_to_tiles((longest + z.block - 1) / z.block * z.tail) : 0;
  a.ld = p + tile_tokens, a.seen_ld = s + tile_tokens;
  if (z.attention == AttentionKind::delta) {
    a.tiles = pieces.take(p / tile_tokens * delta_tile_size(d)), a.work = pieces.take(delta_work_size(d));
    return;
  }
  a.scores = pieces.take((p + s) * tile_tokens);
  a.tile_weights = pieces.take(query_panel * tile_tokens), a.tile_slopes = pieces.take(query_panel * (key_panel + tile_tokens));
  a.q = pieces.take((d + 1) * a.ld), a.g = pieces.take((d + 1) * a.ld), a.dq = pieces.take(d * a.ld);
  a.from = pieces.take(p), a.to = pieces.take(p);
  if (z.attention == AttentionKind::recurrent) {
    a.k = pieces.take(d * a.ld), a.v = pieces.take((d + 1) * a.ld), a.dk = pieces.take(d * a.ld);
    a.states = pieces.take((p / state_block(z) + 1) * (d + 1) * d), a.later = pieces.take((d + 1) * d);
  }
  if (!z.decays.empty()) {
    a.far_q = pieces.take((d + 1) * a.ld), a.far_k = pieces.take(d * a.ld), a.far_v = pieces.take((d + 1) * a.ld);
    a.decay = pieces.take(2 * z.H * decay_entries);
  }
  if (z.gated) {
    a.q_factor = pieces.take(d * a.ld), a.k_factor = pieces.take(d * a.ld);
    a.block_decays = pieces.take((p / spec::gated_chunk + 1) * 2 * d);
  }
  if (z.pattern == Pattern::blocks) {
    a.seen_k = pieces.take(d * a.seen_ld), a.seen_v = pieces.take(d * a.seen_ld);
    a.seen_dk = pieces.take(d * a.seen_ld), a.seen_dv = pieces.take(d * a.seen_ld);
    a.seen_from = pieces.take(s), a.seen_to = pieces.take(s);
  }
}

// Numbers that dropout's streams need; without dropout none.
void lay_out_words(const Sizes& z, std::vector<std::uint32_t>& memory, Buffers& b) {
  if (z.dropout == 0) return;
  AttentionScratch& a = b.attention;
  memory.assign(static_cast<std::size_t>(2 * (b.ld + a.ld) + a.seen_ld), 0);
  b.streams = memory.data(), b.stream_rows = b.streams + b.ld;
  a.query_streams = b.stream_rows + b.ld, a.key_places = a.query_streams + a.ld, a.seen_places = a.key_places + a.ld;
}

void fill_decays(const Sizes& z, float* tables) {
  for (const double decay : z.decays) {
    for (int n = 0; n <= recurrent_block; ++n) {
      const auto power = static_cast<float>(portable::power(decay, n));
      tables[n + tile_tokens] = tables[decay_entries + recurrent_block - n] = power;
    }
    for (int n = recurrent_block + 1; n < recurrent_block + tile_tokens; ++n) tables[n + tile_tokens] = static_cast<float>(portable::power(decay, n));
    tables += 2 * decay_entries;
  }
}

}  // namespace

void Buffers::reserve(int columns, int longest) {
  if (columns <= columns_ && longest <= longest_) return;
  columns_ = std::max(columns, columns_), longest_ = std::max(longest, longest_);
  Pieces::allocate(memory_, [&](Pieces& pieces) { lay_out(sizes_, columns_, longest_, pieces, *this); });
  lay_out_words(sizes_, words_, *this);
  fill_decays(sizes_, attention.decay);
}

}  // namespace surd::model::fused
