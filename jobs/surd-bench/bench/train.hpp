// How fast the trainer trains: whole steps of train_bundle (data, gradient, clip, AdamW) on one
// core or one GPU.
#pragma once

#include <c10/core/Device.h>

#include <functional>
#include <optional>
#include <vector>

#include "base/json.hpp"
#include "bench/rate.hpp"
#include "spec/trial.hpp"

namespace surd::bench {

struct Repeats {
  int repetitions = 3;
  double seconds = 0.5;  // a repetition takes so long, at least one step: on a core of its time
  int steps = 0;         // or has so many steps; 0: by seconds
};

// What trains: `lanes` models of one seed as one bundle.
struct Place {
  at::Device device = at::Device(at::kCPU);
  int lanes = 1;
};

struct TrainRate {
  std::vector<double> tokens_s;  // a repetition: input tokens (nothing is padded) of all lanes a
                                 // second, on a core of its time
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
TrainRate measure_training(const spec::Trial& trial, const Repeats& repeats, const Place& place,
                           const std::function<void()>& between = {});

// FLOP/s of LibTorch's fp32 matrix product: the best over square sizes, from 256 to 1024 on one
// thread, from 1024 to 8192 on a GPU.
double gemm_peak_flops_s(const at::Device& device);

}  // namespace surd::bench
