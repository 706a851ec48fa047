#include "spec/memory.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "spec/architecture.hpp"

namespace surd::spec {

namespace {

constexpr double fused_chunk_tokens = 256;
constexpr double generic_chunk_tokens = 2048;
constexpr double tile = 16;

double rounded(double tokens) { return std::ceil(tokens / tile) * tile; }
double padded_size(const ModelShape& shape) { return static_cast<double>(parameter_layout(shape).padded_size); }

// Elements of the fused program's own copies of the linear layers: each weight, its transpose and its gradient; and the position table.
double fused_weights(const ModelShape& shape) {
  const double tables = static_cast<double>(parameter_count(shape) - parameter_count_without_embeddings(shape));
  const double positions = shape.settings.position == Position::sinusoidal ? static_cast<double>(shape.positions) * shape.hidden : 0;
  return 3 * (static_cast<double>(parameter_count(shape)) - tables) + positions;
}

// Elements of the activations of one chunk, feature-major (model/fused/buffers.cpp).
double fused_activations(const ModelShape& shape) {
  const double D = shape.hidden, F = shape.ffn(), H = shape.settings.heads, V = shape.vocabulary;
  const double stride = rounded(std::max<double>(fused_chunk_tokens, shape.positions)) + 2 * tile;
  const double inputs = 3 * D + projected(shape);
  const double layer = 3 * D + inputs + 2 * F + 2 * H + 2;
  const double rest = 10 * D + inputs + F + V + 2;
  return stride * (shape.settings.layers * layer + rest);
}

// Elements of what attention needs for one head of one sequence.
double fused_scratch(const ModelShape& shape) {
  const double d = shape.head_dim(), p = rounded(shape.positions) + tile;
  return p * (2 * tile + 8 * d) + p / 64 * d * (d + 1) + 64 * 160;
}

// Elements of generation, up to 64 sequences in step (model/fused/decode.cpp): activations of a position, and what each sequence remembers.
double fused_generation(const ModelShape& shape, const Load& load) {
  const double D = shape.hidden, F = shape.ffn(), L = shape.positions;
  const bool recurrent = shape.architecture.name == "linear" || shape.architecture.name == "retention";
  const double layer_state = recurrent ? shape.settings.heads * (shape.head_dim() + 1.0) * shape.head_dim() : 2 * D * L;
  const double state = shape.settings.layers * layer_state;
  constexpr double state_bytes_at_once = 2.0 * 1024 * 1024;
  const double fit = state_bytes_at_once / (4 * state);
  const double columns = std::min(rounded(load.evaluation_sequences), fit >= 64 ? 64.0 : fit >= 48 ? 48.0 : 32.0);
  return columns * (6 * D + projected(shape) + 2 * F + shape.vocabulary + 1 + state) + tile * std::max(L, 2.0 * shape.head_dim());
}

// Elements of the generic program: weights' gradients and their parts, a chunk's activations, and where attention keeps them its scores. Fitted to
// measured peaks; autograd decides what is alive.
double generic_elements(const ModelShape& shape, const Load& load) {
  const double D = shape.hidden, F = shape.ffn(), layers = shape.settings.layers, W = shape.positions;
  const double sequences =
      std::clamp(std::floor(generic_chunk_tokens / load.sequence.tokens), 1.0, std::max(1.0, static_cast<double>(load.batch_sequences)));
  const double scores = shape.architecture.name == "standard" ? sequences * shape.settings.heads * W * W : 0;
  return 6 * padded_size(shape) + sequences * W * (layers * (16 * D + 4 * F) + 4 * D + 3.0 * shape.vocabulary) + scores * (2.5 * layers + 2.7);
}

}  // namespace

Load load(const Recipe& recipe, const MeanTokens& sequence, bool generates, int lanes, int seeds) {
  return {.lanes = lanes,
          .seeds = seeds,
          .precision = recipe.precision,
          .sequence = sequence,
          .batch_sequences = recipe.batch_sequences,
          .evaluation_sequences = recipe.validation + recipe.test,
          .generates = generates};
}

bool trained_fused(const ModelShape& shape, Precision precision) {
  const std::string& name = shape.architecture.name;
  return precision == Precision::fp32 && shape.settings.dropout == 0 && name != "gated_linear" && name != "delta";
}

double bundle_bytes(const ModelShape& shape, const Load& load) {
  const double element = load.precision == Precision::fp64 ? 8 : 4;
  const double lanes = 4 * padded_size(shape) * load.lanes;  // parameters, gradient, two moments
  // 32-bit tokens, and two numbers for each that is supervised. Vectors grow by doubling, and stop anywhere.
  const double sequence = 4 * (load.sequence.tokens + 2 * load.sequence.supervised);
  double integers = sequence * (1.5 * load.seeds * load.batch_sequences + 1.2 * load.evaluation_sequences);
  if (load.generates) integers += load.evaluation_sequences * (8 * load.sequence.tokens + 96);  // the instances as they are, to check answers
  if (!trained_fused(shape, load.precision)) return element * (lanes + generic_elements(shape, load)) + integers;
  const double program = fused_weights(shape) + fused_activations(shape) + fused_scratch(shape);
  // The initial weights are drawn in fp64 when the program is there; what comes later takes their place.
  const double initial_bytes = 8 * padded_size(shape);
  const double later_bytes = integers + (load.generates ? element * fused_generation(shape, load) : 0);
  return element * (lanes + program) + std::max(initial_bytes, later_bytes);
}

}  // namespace surd::spec
