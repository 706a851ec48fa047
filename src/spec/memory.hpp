// How much memory training takes, in closed form: for plans, and for what a device is given at once. No Torch.
#pragma once

#include "spec/model.hpp"
#include "spec/trial.hpp"

namespace surd::spec {

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

// Peak bytes that a bundle adds to an idle process on a CPU, where lanes are computed one after the other: what each lane keeps, and the buffers,
// batches and sets that they share. `surd-bench memory` measures it: within 15 % and 2 MB for the fused program; within a factor of two for the
// generic one, whose many temporaries leave holes in the heap. For lanes that are computed together see training_bytes.
double bundle_bytes(const ModelShape& shape, const Load& load);

}  // namespace surd::spec
