#include "train/optimiser.hpp"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "train/example.hpp"

using namespace surd;
using namespace surd::train;

namespace {

// torch.optim.AdamW and torch.nn.utils.clip_grad_norm_ as their documentation states them, one number at a time, in double.
struct Reference {
  std::vector<double> p, m, v;
  void step(std::vector<double> g, const std::vector<bool>& decays, const spec::Recipe& recipe, double rate, int t) {
    double squares = 0;
    for (const double x : g) squares += x * x;
    const double norm = std::sqrt(squares);
    if (recipe.clip > 0 && norm > recipe.clip) {
      for (double& x : g) x *= recipe.clip / (norm + 1e-6);
    }
    for (std::size_t i = 0; i < p.size(); ++i) {
      if (decays[i]) p[i] -= rate * recipe.weight_decay * p[i];
      m[i] = recipe.beta1 * m[i] + (1 - recipe.beta1) * g[i];
      v[i] = recipe.beta2 * v[i] + (1 - recipe.beta2) * g[i] * g[i];
      const double m_hat = m[i] / (1 - std::pow(recipe.beta1, t));
      const double v_hat = v[i] / (1 - std::pow(recipe.beta2, t));
      p[i] -= rate * m_hat / (std::sqrt(v_hat) + recipe.epsilon);
    }
  }
};

}  // namespace

TEST_CASE("AdamW with clipping agrees with its definition for a thousand steps, in fp64 to 1e-10") {
  const spec::Trial trial = example::trial(1e-2, 1);
  const spec::ParameterLayout layout = spec::parameter_layout(spec::shape(trial));
  spec::Recipe recipe = trial.recipe;
  recipe.weight_decay = 0.1;
  const Optimiser optimiser(layout, recipe);
  const auto size = static_cast<std::size_t>(layout.padded_size);
  std::vector<bool> decays(size, false);
  std::vector<bool> used(size, false);
  for (const spec::Parameter& parameter : layout.parameters) {
    for (std::int64_t i = parameter.offset; i < parameter.offset + parameter.size(); ++i) {
      decays[static_cast<std::size_t>(i)] = parameter.kind != spec::ParameterKind::bias;
      used[static_cast<std::size_t>(i)] = true;
    }
  }
  Reference reference{std::vector<double>(size), std::vector<double>(size), std::vector<double>(size)};
  RandomStream stream(11, Split::init, 0, 0);
  for (std::size_t i = 0; i < size; ++i) reference.p[i] = used[i] ? stream.normal() : 0;
  at::Tensor rows = at::zeros({3, layout.padded_size}, at::kDouble);
  rows[0].copy_(at::from_blob(reference.p.data(), {layout.padded_size}, at::kDouble));
  for (int t = 1; t <= 1000; ++t) {
    const double rate = 1e-2 / t;
    const double size_of_gradient = t % 3 == 0 ? 1e-4 : 1.0;  // some steps are clipped, some are not
    std::vector<double> gradient(size);
    for (std::size_t i = 0; i < size; ++i) gradient[i] = used[i] ? size_of_gradient * stream.normal() : 0;
    at::Tensor scaled = at::from_blob(gradient.data(), {layout.padded_size}, at::kDouble) * 7.0;
    reference.step(gradient, decays, recipe, rate, t);
    optimiser.step(rows[0], scaled, rows[1], rows[2], {.learning_rate = rate, .step = t, .gradient_scale = 1.0 / 7});
  }
  const at::Tensor wanted = at::from_blob(reference.p.data(), {layout.padded_size}, at::kDouble);
  CHECK((rows[0] - wanted).abs().max().item<double>() < 1e-10);
}

TEST_CASE("a gradient that is not finite changes nothing") {
  const spec::Trial trial = example::trial(1e-2, 1);
  const spec::ParameterLayout layout = spec::parameter_layout(spec::shape(trial));
  const Optimiser optimiser(layout, trial.recipe);
  at::Tensor rows = at::ones({3, layout.padded_size});
  at::Tensor gradient = at::ones({layout.padded_size});
  gradient[5] = std::nan("");
  const double norm = optimiser.step(rows[0], gradient, rows[1], rows[2], {.learning_rate = 1, .step = 1, .gradient_scale = 1});
  CHECK_FALSE(std::isfinite(norm));
  CHECK(at::equal(rows, at::ones_like(rows)));
}
