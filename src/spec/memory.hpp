// How much memory training takes, in closed form: for plans, and for what a device is given at
// once. No Torch.
#pragma once

#include "spec/model.hpp"
#include "spec/trial.hpp"

namespace surd::spec {

// Tokens of a lane that the generic program computes at once, whole sequences of them. On a CPU
// what two thousand tokens need stays near the caches and pages are used again.
constexpr int cpu_chunk_tokens = 2048;
constexpr int gpu_chunk_tokens = 1 << 18;
// Tokens of a part of a validation or test set: enough sequences to fill the lanes that generate
// them, and a few seconds at most, even for wide models, until a stop signal is seen.
constexpr int evaluation_chunk_tokens = 16384;

// What decides the memory of a bundle besides its model.
struct Load {
  int lanes = 1;
  int seeds = 1;  // different ones among the lanes: each has a batch of its own
  Precision precision = Precision::fp32;
  MeanTokens sequence{};         // of one sequence
  int batch_sequences = 0;       // a step
  int evaluation_sequences = 0;  // validation and test set
  bool generates = false;        // answers are generated, not only read off a forward pass
};
// Of a bundle of `lanes` trials with `seeds` different seeds.
Load load(const Recipe& recipe, const MeanTokens& sequence, bool generates, int lanes, int seeds);

// Whether the CPU's fused program trains this shape; otherwise the generic program does.
bool trained_fused(const ModelShape& shape, Precision precision);

// Peak bytes that a bundle adds to an idle process on a CPU, where lanes are computed one after the
// other: what each lane keeps, and the buffers, batches and sets that they share. `surd-bench
// memory` measures it: within 15 % and 2 MB.
double bundle_bytes(const ModelShape& shape, const Load& load);
// Peak bytes of each lane of a bundle whose lanes are computed together (GPU): parameters,
// gradient, moments, and what autograd keeps of a chunk. Not checked against a device yet.
double lane_bytes(const ModelShape& shape, const Load& load);

}  // namespace surd::spec
