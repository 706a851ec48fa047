// An attention kernel of the fused program: per architecture its scratch, forward and backward
// pass, and a step of generation. It is one file, model/attention/*_cpu.cpp, which
// model/attention/*.cpp names; what it takes of memory is FusedElements in spec. Activations are as
// in chunk.hpp: rows are features, columns positions. Letters: H heads, d head dimension.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "model/fused/pieces.hpp"
#include "spec/fused.hpp"
#include "spec/model.hpp"

namespace surd::model::fused {

using spec::tile_tokens;
constexpr int round_to_tiles(int tokens) {
  return (tokens + tile_tokens - 1) / tile_tokens * tile_tokens;
}

struct Drop {
  std::uint32_t threshold;  // hashes below it are dropped
  float scale;              // of what is kept
};
// Of one head's weights, in one layer and sequence.
struct WeightDrop {
  Drop drop;
  std::uint32_t stream;
};

// One head of one sequence. Rows have stride ld and are readable, those that are written writable,
// to the end of the sequence's last tile.
struct Head {
  int index;  // of H
  int length;
  int first;  // queries before it, a multiple of the tile, have no influence and are left out
  const float *q, *k, *v;  // [d]
  const float* further;    // spec::projections one after the other, each [H][its features]
  std::ptrdiff_t ld;
  std::optional<WeightDrop> drop;  // of softmax's weights, in training
};
struct HeadOutput {
  float* o;           // [d]
  float* statistics;  // [2]: what the backward pass wants to know besides
};
struct HeadGradient {
  const float *o, *statistics;  // of the forward pass
  const float* go;              // [d] the gradient of o
  float *dq, *dk, *dv;          // [d]
  float* dfurther;              // as Head::further
};

// One position of one head in as many sequences as a vector has lanes: columns of rows, stride ld.
struct HeadStep {
  int index;
  const float *q, *k, *v;  // [d]
  const float* further;    // as Head::further
  std::ptrdiff_t ld;
  float* memory;        // parts() arrays [remembered(positions)][lanes]; a state's is zero at first
  std::ptrdiff_t part;  // from one of them to the next
  float* o;             // [d]
};

// Computes with the instruction set that was chosen when it was made.
class AttentionKernel {
 public:
  virtual ~AttentionKernel() = default;

  // Whole sequences. Takes scratch for those of up to `longest`.
  virtual void lay_out(int longest, Pieces& pieces) = 0;
  // The heads that follow are of a sequence of this length.
  virtual void start_sequence(int length) = 0;
  // Output and gradients are stored in whole tiles: what follows the sequence is overwritten, so go
  // through a chunk in order.
  virtual void forward(const Head& head, const HeadOutput& output) = 0;
  virtual void backward(const Head& head, const HeadGradient& gradient) = 0;

  // Generation. A head remembers parts() arrays of so many elements each of the first `positions`
  // of a sequence; those of fewer positions come first. A state is remembered of none, too.
  virtual int parts() const { return 1; }
  virtual std::ptrdiff_t remembered(int positions) const = 0;
  // Takes scratch for sequences of up to `positions`.
  virtual void lay_out_steps(int positions, Pieces& pieces) = 0;
  // The steps that follow are at this position.
  virtual void start_position(int position) = 0;
  virtual void step(const HeadStep& step) = 0;
};

// InputError where there is no such architecture.
bool has_kernel(const std::string& architecture);
// InputError where the architecture has no kernel.
std::unique_ptr<AttentionKernel> make_kernel(const spec::ModelShape& shape);

}  // namespace surd::model::fused
