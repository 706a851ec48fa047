// AdamW with decoupled weight decay (Loshchilov and Hutter, ICLR 2019) and gradient clipping by
// global norm, in one pass over a lane's flat row. Same arithmetic as torch.optim.AdamW and
// torch.nn.utils.clip_grad_norm_.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "spec/model.hpp"
#include "spec/trial.hpp"

namespace surd::train {

// One lane's settings at one step. step counts from 1.
struct StepSettings {
  double learning_rate = 0;
  std::int64_t step = 1;
  double gradient_scale = 1;  // applied first: one over the team's supervised tokens
};

class Optimiser {
 public:
  Optimiser(const spec::ParameterLayout& layout, const spec::Recipe& recipe);

  // Updates one row: parameters, first and second moments, all [P] of the layout, contiguous, of
  // one type and device. Returns the norm of the scaled gradient before clipping; where it is not
  // finite nothing is changed.
  double step(at::Tensor parameters, at::Tensor gradient, at::Tensor first_moment,
              at::Tensor second_moment, const StepSettings& settings) const;

 private:
  template <typename T>
  double step_on_host(std::span<T> parameters, std::span<T> gradient, std::span<T> first_moment,
                      std::span<T> second_moment, const StepSettings& settings) const;
  double step_with_tensors(at::Tensor& parameters, const at::Tensor& gradient,
                           at::Tensor& first_moment, at::Tensor& second_moment,
                           const StepSettings& settings) const;

  struct Segment {  // neighbouring tensors that share the decay rule
    std::int64_t first = 0;
    std::int64_t last = 0;
    bool decays = false;
  };
  std::vector<Segment> segments_;
  spec::Recipe recipe_;
};

}  // namespace surd::train
