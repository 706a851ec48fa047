// Generation: the forward pass one position at a time for many sequences at once. Sequences lie in
// the lanes of vectors, all at the same position, and each remembers what its attention asks for
// (kernel.hpp). Nothing depends on the sequences beside it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "model/fused/chunk.hpp"

namespace surd::model::fused {

class Decoder {
 public:
  explicit Decoder(const spec::ModelShape& shape)
      : sizes_(sizes(shape)), attention_(make_kernel(shape)) {}
  // Forgets everything: `sequences` columns, whose next position is 0, of at most `positions`.
  // Weights must stay.
  void start(const Weights& weights, int sequences, int positions);
  // Reads tokens[c] at the next position; where `writes` best[c] = arg max of the logits, the
  // lowest id on ties.
  void step(std::span<const std::int32_t> tokens, bool writes, std::int32_t* best);
  // Column c becomes what column columns[c] was; columns ascends.
  void keep(std::span<const int> columns);
  // Of the last step that wrote: [V] rows of stride ld.
  const float* logits() const { return memory_.logits; }
  std::ptrdiff_t ld() const { return memory_.ld; }

  // Elements that are remembered of one sequence of `positions`, all layers and heads.
  double remembered(int positions) const;

  struct Memory {
    std::ptrdiff_t ld;
    float *x, *normal, *rate, *qkv, *attended, *value, *slope,
        *logits;          // rows of [D], [D], [1], [inputs], [D], [F], [F], [V] columns
    float* cache;         // [layers][columns / width][H][parts][rows][width]
    int parts;            // that a head remembers, AttentionKernel::parts
    std::ptrdiff_t rows;  // of each, for the reserved positions
  };

 private:
  Sizes sizes_;
  std::unique_ptr<AttentionKernel> attention_;
  const Weights* weights_ = nullptr;
  int position_ = 0;
  int reserved_columns_ = 0, reserved_positions_ = 0;
  Memory memory_{};
  std::vector<float> block_;
};

}  // namespace surd::model::fused
