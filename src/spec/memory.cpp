#include "spec/memory.hpp"

#include <algorithm>
#include <cmath>

#include "spec/architecture.hpp"
#include "spec/fused.hpp"

namespace surd::spec {

namespace {

constexpr double tile = tile_tokens;
constexpr double heap_factor =
    1.09;  // what ever other sizes in turn leave free between the blocks in use, as measured

double padded_size(const ModelShape& shape) {
  return static_cast<double>(parameter_layout(shape).padded_size);
}

// Elements of the fused program's own copies of the linear layers: each weight, its transpose and
// its gradient; and the position table.
double fused_weights(const ModelShape& shape) {
  const double tables =
      static_cast<double>(parameter_count(shape) - parameter_count_without_embeddings(shape));
  const double positions = shape.settings.position == Position::sinusoidal
                               ? static_cast<double>(shape.positions) * shape.hidden
                               : 0;
  return 3 * (static_cast<double>(parameter_count(shape)) - tables) + positions;
}

// Elements of the activations of one chunk, feature-major (model/fused/buffers.cpp).
double fused_activations(const ModelShape& shape) {
  const double D = shape.hidden, F = shape.ffn(), H = shape.settings.heads, V = shape.vocabulary;
  const double stride = whole_tiles(std::max<double>(segment_tokens, shape.positions)) + 2 * tile;
  const double inputs = 3 * D + projected(shape);
  const double layer = 3 * D + inputs + 2 * F + 2 * H + 2;
  const double rest = 10 * D + inputs + F + V + 2;
  return stride * (shape.settings.layers * layer + rest);
}

FusedElements fused_elements(const ModelShape& shape) {
  return architecture(shape.architecture.name).fused_elements(shape);
}

// Elements of generation, up to 64 sequences in step (model/fused/decode.cpp): activations of a
// position, and what each sequence remembers.
double fused_generation(const ModelShape& shape, const Load& load) {
  const double D = shape.hidden, F = shape.ffn(), L = shape.positions;
  const double state = shape.settings.layers * fused_elements(shape).remembered;
  const double columns =
      std::min<double>(whole_tiles(load.evaluation_sequences), sequences_in_step(state));
  return columns * (6 * D + projected(shape) + 2 * F + shape.vocabulary + 1 + state) +
         tile * std::max(L, 3.0 * shape.head_dim());
}

// What the generic program computes at once of a lane: some sequences, whole, side by side where
// attention wants them so.
struct Chunk {
  double sequences, tokens, supervised, longest;
};

Chunk generic_chunk(const ModelShape& shape, const Load& load, double sequences,
                    double most_tokens) {
  const double fit =
      std::clamp(std::floor(most_tokens / load.sequence.tokens), 1.0, std::max(1.0, sequences));
  return {fit, fit * load.sequence.tokens, fit * load.sequence.supervised,
          static_cast<double>(shape.positions)};
}

// 64-bit numbers for each token and supervised position (model/packing.hpp).
double index_bytes(const Chunk& chunk) {
  const double padded = chunk.sequences * chunk.longest;
  return 8 * (3 * chunk.tokens + 2 * chunk.supervised +
              (padded > chunk.tokens ? padded + chunk.tokens : 0));
}

AttentionElements attention_elements(const ModelShape& shape, const Chunk& chunk) {
  return architecture(shape.architecture.name)
      .attention_elements(shape, chunk.sequences, chunk.longest);
}

// Elements that one forward and backward pass takes of a chunk. Autograd keeps of every layer the
// inputs of its two norms and four products, of softmax the weights, of the activation its input;
// it takes the most when the backward pass is at the logits, or in the last layer's MLP or
// attention.
double generic_gradient(const ModelShape& shape, const Chunk& chunk,
                        const AttentionElements& attention, bool first) {
  const double D = shape.hidden, F = shape.ffn(), V = shape.vocabulary, T = chunk.tokens,
               M = chunk.supervised;
  const bool drops = shape.settings.dropout > 0;  // masks, and what is left of what they fall on
  const double mlp = (shape.settings.activation == Activation::gelu ? 2 : 1) * T * F;
  const double layer =
      5 * T * D + 4 * T + mlp + attention.kept + (drops ? 2 * T * D + 2 * attention.weights : 0);
  const double kept = T * D + 2 * T + (drops ? T * D : 0) + shape.settings.layers * layer;

  // Gradients of weights: of chunks before this one all, of this one those that the pass has come
  // by.
  const double all = padded_size(shape), largest = D * std::max(F, V);
  const double at_logits = T * D + 2 * T + M * D + 3 * M * V + (first ? 0 : all);
  const double in_mlp = 2 * T * D + T * F + (first ? D * (V + 2 * F) : all + largest);
  const double in_attention =
      attention.passing - 2 * T * D - mlp + (first ? D * (V + 2 * F + 3 * D) : all + largest);
  return std::max(kept + std::max({at_logits, in_mlp, in_attention}), T * D + all + largest);
}

// Elements of a forward pass that keeps nothing: one layer's attention or MLP, or the logits.
double generic_prediction(const ModelShape& shape, const Chunk& chunk) {
  const double D = shape.hidden, T = chunk.tokens, M = chunk.supervised;
  const AttentionElements attention = attention_elements(shape, chunk);
  return std::max({T * (5 * D + projected(shape)) + attention.kept + attention.weights,
                   2 * T * (D + shape.ffn()), 2 * T * D + M * (D + 2 * shape.vocabulary)});
}

// Elements of generation, all sequences of a part of the evaluation set in step: what they
// remember, one layer of it copied when some are done, and the activations of a position.
double generic_generation(const ModelShape& shape, const Load& load) {
  const double columns = std::min<double>(
      load.evaluation_sequences, std::max(1.0, evaluation_chunk_tokens / load.sequence.tokens));
  const double layer = architecture(shape.architecture.name).state_elements(shape, shape.positions);
  const double position = 8 * shape.hidden + 2 * shape.ffn() + 2 * shape.vocabulary +
                          2.0 * shape.settings.heads * shape.positions;
  return columns * ((shape.settings.layers + 1) * layer + position);
}

double generic_bytes(const ModelShape& shape, const Load& load) {
  const double element = element_bytes(load.precision);
  const Chunk training = generic_chunk(shape, load, load.batch_sequences, cpu_chunk_tokens);
  const Chunk evaluation = generic_chunk(shape, load, load.evaluation_sequences, cpu_chunk_tokens);
  const bool first = training.sequences >= load.batch_sequences;
  return std::max(
      {index_bytes(training) +
           element * generic_gradient(shape, training, attention_elements(shape, training), first),
       index_bytes(evaluation) + element * generic_prediction(shape, evaluation),
       load.generates ? element * generic_generation(shape, load) : 0});
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
  return precision == Precision::fp32 &&
         architecture(shape.architecture.name).fused_elements != nullptr;
}

double bundle_bytes(const ModelShape& shape, const Load& load) {
  const double element = element_bytes(load.precision);
  const double lanes = 4 * padded_size(shape) * load.lanes;  // parameters, gradient, two moments
  // 32-bit tokens, and two numbers for each that is supervised. Vectors grow by doubling, and stop
  // anywhere.
  const double sequence = 4 * (load.sequence.tokens + 2 * load.sequence.supervised);
  double integers =
      sequence * (1.5 * load.seeds * load.batch_sequences + 1.2 * load.evaluation_sequences);
  if (load.generates)
    integers += load.evaluation_sequences *
                (8 * load.sequence.tokens + 96);  // the instances as they are, to check answers
  if (!trained_fused(shape, load.precision))
    return element * lanes + heap_factor * generic_bytes(shape, load) + integers;
  const double program =
      fused_weights(shape) + fused_activations(shape) + fused_elements(shape).scratch;
  // The initial weights are drawn in fp64 when the program is there; what comes later takes their
  // place.
  const double initial_bytes = 8 * padded_size(shape);
  const double later_bytes =
      integers + (load.generates ? element * fused_generation(shape, load) : 0);
  return element * (lanes + program) + std::max(initial_bytes, later_bytes);
}

double lane_bytes(const ModelShape& shape, const Load& load) {
  const Chunk chunk = generic_chunk(shape, load, load.batch_sequences, gpu_chunk_tokens);
  AttentionElements attention = attention_elements(shape, chunk);
  const auto keeps_no_weights = architecture(shape.architecture.name).keeps_no_weights;
  if (keeps_no_weights != nullptr && keeps_no_weights(shape, load.precision)) {  // but the output
    attention.kept += chunk.tokens * shape.hidden - attention.weights;
    attention.passing -= 2 * attention.weights;
  }
  const bool first = chunk.sequences >= load.batch_sequences;
  return index_bytes(chunk) +
         element_bytes(load.precision) *
             (4 * padded_size(shape) + generic_gradient(shape, chunk, attention, first));
}

}  // namespace surd::spec
