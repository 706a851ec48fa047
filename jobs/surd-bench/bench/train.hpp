// How fast the trainer trains: whole steps of train_bundle (data, gradient, clip, AdamW) of one
// lane on one core.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/json.hpp"
#include "bench/rate.hpp"
#include "spec/trial.hpp"

namespace surd::bench {

struct Repeats {
  int repetitions = 3;
  double seconds = 0.5;  // a repetition takes so long on a core, at least one step
  int steps = 0;         // or has so many steps; 0: by seconds
};

struct TrainRate {
  std::vector<double>
      tokens_s;  // a repetition: input tokens (nothing is padded) a second on a core
  double flops_token =
      0;  // forward and backward, spec::training_flops summed over the very sequences
  double sampling_share = 0;  // of a step's time that making its data takes
  double core_share = 0;  // of the time that passed, how much this process had its core; well below
                          // 1 on a busy machine
  int steps = 0;          // measured
  Spread rate() const { return spread(tokens_s); }
  double flops_s() const { return rate().median * flops_token; }
};

// Trains after a few steps of warming up. `between` is called before each repetition, outside of
// what is measured: there another program can run by turns. Peak memory is the bundle's. Errors as
// train_bundle.
TrainRate measure_training(const spec::Trial& trial, const Repeats& repeats,
                           const std::function<void()>& between = {});

// FLOP/s of LibTorch's fp32 matrix product on one thread: the best over square sizes from 256 to
// 1024.
double gemm_peak_flops_s();

}  // namespace surd::bench
