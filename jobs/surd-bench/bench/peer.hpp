// Another program that is measured beside ours.
#pragma once

#include <c10/core/Device.h>

#include <string>

#include "base/json.hpp"
#include "bench/child.hpp"
#include "spec/trial.hpp"

namespace surd::bench {

// The predecessor's model in eager PyTorch (pytorch.py): padded batches, attention as masked
// matrices, torch.optim.AdamW, one model at a time; on one thread or on the GPU.
class Pytorch {
 public:
  // python: an interpreter with torch. InputError, with what is missing, where it cannot be used.
  Pytorch(const std::string& python, const at::Device& device);

  // The one of jobs/setup --tests where it is there, else python3.
  static std::string default_python();
  const std::string& version() const { return version_; }
  static bool runs(
      const spec::Trial& trial);  // standard, sparse and linear attention without dropout
  // Builds the trial's model and hands over the first `batches` batches of its training, the very
  // instances that ours trains on; warms up.
  void load(const spec::Trial& trial, int batches);
  // Trains for so many seconds (on a CPU of its time on the core), at least one step: input tokens
  // without padding a second.
  double tokens_s(double seconds);

 private:
  Json ask(const Json& question);

  Child child_;
  std::string version_;
};

}  // namespace surd::bench
