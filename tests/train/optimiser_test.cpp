#include "train/optimiser.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adamw.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "train/example.hpp"

using namespace surd;
using namespace surd::train;

namespace {

// A row of the layout: normal numbers where parameters are, zero in the gaps.
at::Tensor random_row(const spec::ParameterLayout& layout, RandomStream& stream, double scale) {
  at::Tensor row = at::zeros({layout.padded_size}, at::kDouble);
  for (const spec::Parameter& parameter : layout.parameters) {
    for (std::int64_t i = 0; i < parameter.size(); ++i)
      row.mutable_data_ptr<double>()[parameter.offset + i] = scale * stream.normal();
  }
  return row;
}

// The same thousand steps by our optimiser and by PyTorch's own AdamW and clip_grad_norm_, compared
// at every step. Returns how many were clipped.
int compare_with_pytorch(const spec::Recipe& recipe) {
  const spec::Trial trial = example::trial(1e-2, 1);
  const spec::ParameterLayout layout = spec::parameter_layout(spec::shape(trial));
  RandomStream stream(11, Split::init, 0, 0);
  at::Tensor rows = at::zeros({3, layout.padded_size}, at::kDouble);
  rows[0].copy_(random_row(layout, stream, 1));
  const Optimiser optimiser(layout, recipe);

  const auto part = [](const at::Tensor& row, const spec::Parameter& parameter) {
    return row.narrow(0, parameter.offset, parameter.size());
  };
  std::vector<at::Tensor> theirs, decaying, plain;
  for (const spec::Parameter& parameter : layout.parameters) {
    theirs.push_back(part(rows[0], parameter).clone().set_requires_grad(true));
    (parameter.kind == spec::ParameterKind::bias ? plain : decaying).push_back(theirs.back());
  }
  const auto options = [&](double decay) {
    return std::make_unique<torch::optim::AdamWOptions>(torch::optim::AdamWOptions(0)
                                                            .betas({recipe.beta1, recipe.beta2})
                                                            .eps(recipe.epsilon)
                                                            .weight_decay(decay));
  };
  torch::optim::AdamW pytorch(std::vector<torch::optim::OptimizerParamGroup>{
      {decaying, options(recipe.weight_decay)}, {plain, options(0)}});

  int clipped = 0;
  double difference = 0, norm_difference = 0;
  for (int step = 0; step < 1000; ++step) {
    const double rate = spec::learning_rate_at(recipe, 1e-2, step);
    const at::Tensor gradient = random_row(
        layout, stream, step % 3 == 0 ? 1e-3 : 1.0);  // some steps are clipped, some are not
    for (std::size_t i = 0; i < theirs.size(); ++i)
      theirs[i].mutable_grad() = part(gradient, layout.parameters[i]).clone();
    const double norm =
        torch::nn::utils::clip_grad_norm_(theirs, recipe.clip > 0 ? recipe.clip : 1e300);
    for (auto& group : pytorch.param_groups()) group.options().set_lr(rate);
    pytorch.step();

    at::Tensor over_tokens = gradient * 7.0;  // a sum, as training hands it over
    const double ours =
        optimiser.step(rows[0], over_tokens, rows[1], rows[2],
                       {.learning_rate = rate, .step = step + 1, .gradient_scale = 1.0 / 7});
    clipped += recipe.clip > 0 && norm > recipe.clip ? 1 : 0;
    norm_difference = std::max(norm_difference, std::abs(ours - norm) / norm);
    for (std::size_t i = 0; i < theirs.size(); ++i) {
      const auto& state = static_cast<const torch::optim::AdamWParamState&>(
          *pytorch.state().at(theirs[i].unsafeGetTensorImpl()));
      const at::Tensor wanted[] = {theirs[i].detach(), state.exp_avg(), state.exp_avg_sq()};
      for (int row = 0; row < 3; ++row) {
        difference = std::max(
            difference,
            (part(rows[row], layout.parameters[i]) - wanted[row]).abs().max().item<double>());
      }
    }
  }
  CHECK(difference < 1e-10);
  CHECK(norm_difference < 1e-10);
  // The gaps between parameters stay zero.
  for (const spec::Parameter& parameter : layout.parameters)
    rows.narrow(1, parameter.offset, parameter.size()).zero_();
  CHECK(rows.abs().max().item<double>() == 0);
  return clipped;
}

}  // namespace

TEST_CASE("AdamW with clipping is PyTorch's for a thousand steps, in fp64 to 1e-10") {
  spec::Recipe recipe;
  recipe.weight_decay = 0.1;
  CHECK(compare_with_pytorch(recipe) == 666);
}

TEST_CASE(
    "AdamW of the predecessor's recipe is PyTorch's for a thousand steps, the first of them at "
    "rate zero, in fp64 to 1e-10") {
  const spec::Recipe recipe = {.batch_sequences = 10,
                               .training_set = 500,
                               .warmup = 100,
                               .schedule = spec::Schedule::linear_by_epoch,
                               .final_lr = 0,
                               .clip = 0,
                               .beta2 = 0.999};
  CHECK(compare_with_pytorch(recipe) == 0);
}

TEST_CASE("a gradient that is not finite changes nothing") {
  const spec::Trial trial = example::trial(1e-2, 1);
  const spec::ParameterLayout layout = spec::parameter_layout(spec::shape(trial));
  const Optimiser optimiser(layout, trial.recipe);
  at::Tensor rows = at::ones({3, layout.padded_size});
  at::Tensor gradient = at::ones({layout.padded_size});
  gradient[5] = std::nan("");
  const double norm = optimiser.step(rows[0], gradient, rows[1], rows[2],
                                     {.learning_rate = 1, .step = 1, .gradient_scale = 1});
  CHECK_FALSE(std::isfinite(norm));
  CHECK(at::equal(rows, at::ones_like(rows)));
}
