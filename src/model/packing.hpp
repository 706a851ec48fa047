// Index tensors of packed batches: what the generic program needs to embed tokens, to lay sequences
// side by side where attention wants them so, and to pick the supervised positions.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

#include "model/batch.hpp"
#include "spec/model.hpp"

namespace surd::model {

// Error (with the place) where starts, rows or labels are malformed, or a token, label or length
// lies outside the shape.
void check(const Batch& batch, const spec::ModelShape& shape);

// The number of (dropout_key, index of sequence `sequence` in the team's batch) that dropout's hash
// starts from: the same wherever it is computed.
std::uint32_t dropout_stream(const Batch& batch, int sequence);

// What a program asks of flat parameters or gradients: contiguous [R, P] of the program's precision
// and device, with these lanes in it. Error otherwise; `name` is what the message calls the tensor.
void check_flat(const at::Tensor& flat, std::span<const int> lanes, std::int64_t P,
                const at::TensorOptions& options, const char* name);

// Sequences [first, last) of one batch a lane. Lanes share tensors, so the shorter ones are filled
// up at the end of each dimension; where nothing is filled (one lane) nothing is wasted. Letters: A
// lanes, S sequences, W longest sequence, T tokens, M supervised positions; each the largest over
// the lanes.
struct Packing {
  Packing(std::span<const Batch* const> batches, int first, int last, const at::Device& device);

  std::int64_t lanes, sequences = 0, longest = 0, tokens = 0, supervised = 0;
  bool even = true;  // every sequence has the same length: packed and side by side are one layout
  at::Tensor token;  // [A, T]; fill 0
  at::Tensor position;   // [A, T] place in its sequence; fill 0
  at::Tensor to_padded;  // [A * S * W] index into A * T; what fills is any packed position
                         // (attention is causal: nothing real looks at it)
  at::Tensor to_packed;  // [A * T] index into A * S * W
  at::Tensor sequence;   // [A, T] index into A * S; fill 0
  at::Tensor stream;     // [A, S] dropout_stream of each; fill 0
  at::Tensor row;        // [A * M] index into A * T
  at::Tensor label;      // [A * M]; fill ignored_label
  static constexpr std::int64_t ignored_label = -100;
};

}  // namespace surd::model
