#include "sweep/pieces.hpp"

#include <algorithm>

#include "spec/model.hpp"

namespace surd::sweep {
namespace {

// A core that many share, with kernels that were not optimised; a GPU at small matrices. Whole
// evaluations stand for their batches, which makes up for generation, token by token.
constexpr double cpu_flops_s = 1e8;
constexpr double gpu_flops_s = 1e11;
constexpr double disk_bytes_s = 5e6;  // of a network, with fsync

}  // namespace

Pieces::Pieces(std::span<const spec::Trial> trials, DeviceKind device) {
  const spec::Trial& trial = trials.front();
  const spec::ModelShape shape = spec::shape(trial);
  const auto task = tasks::make_task(trial.task);
  const spec::MeanTokens mean = spec::mean_tokens(*task, trial.recipe.sizes);
  const bool on_gpu = device == DeviceKind::cuda;
  const double together = on_gpu ? static_cast<double>(trials.size()) : 1;
  const double rate_flops_s = (on_gpu ? gpu_flops_s : cpu_flops_s) / together;
  const double instances = std::max(trial.recipe.validation, trial.recipe.test);
  step_s_ = trial.recipe.batch_sequences *
            spec::training_flops(shape, mean.tokens, mean.supervised) / rate_flops_s;
  evaluation_s_ =
      instances * spec::forward_flops(shape, mean.tokens, mean.supervised) / rate_flops_s;
  constexpr double state_bytes = 3 * sizeof(double);  // of a parameter: itself and two moments
  checkpoint_s_ = static_cast<double>(trials.size()) * state_bytes *
                  static_cast<double>(spec::parameter_count(shape)) / disk_bytes_s;
}

double Pieces::seconds(train::Work work) const {
  switch (work) {
    case train::Work::step: return step_s_;
    case train::Work::evaluation: return evaluation_s_;
    case train::Work::checkpoint: return checkpoint_s_;
    case train::Work::load: break;  // reads states and makes the data of evaluations
  }
  return checkpoint_s_ + evaluation_s_;
}

}  // namespace surd::sweep
