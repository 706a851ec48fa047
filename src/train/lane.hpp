// One trial inside a bundle: where it stands, and its state as bytes.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "base/id.hpp"
#include "spec/result.hpp"
#include "spec/trial.hpp"

namespace surd::train {

// Everything of a lane that is not a tensor. Saved with it, so that resuming equals never having
// stopped.
struct LaneProgress {
  int step = 0;                     // optimiser steps done
  bool evaluation_pending = false;  // this step's validation has not been done yet
  int solved_evaluations = 0;       // validations in a row at stop_at or above
  double loss_sum = 0;              // training loss since the last curve point, nats
  double loss_tokens = 0;           // ... over so many supervised tokens
  double gradient_norm = 0;         // of the last step
  spec::TrialResult result;         // grows: curve, tokens, best accuracy, seconds
};

// The bytes of a lane: a JSON line with the id, type and progress, then parameters, first and
// second moment as raw rows of P numbers.
std::string pack_lane(const TrialId& id, const LaneProgress& progress, const at::Tensor& parameters,
                      const at::Tensor& first_moment, const at::Tensor& second_moment);
// Fills the three rows (any device) and returns the progress. Error where the bytes belong to
// another trial, type or length.
LaneProgress unpack_lane(const std::string& bytes, const TrialId& id, at::Tensor parameters,
                         at::Tensor first_moment, at::Tensor second_moment);

}  // namespace surd::train
