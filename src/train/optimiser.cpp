#include "train/optimiser.hpp"

#include <ATen/core/Tensor.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.hpp"
#include "base/portable.hpp"

namespace surd::train {
namespace {

// Double sums in eight fixed strands: the compiler can use SIMD and the order never changes.
template <typename T>
double squared_norm(std::span<const T> values) {
  std::array<double, 8> sums{};
  std::size_t i = 0;
  for (; i + 8 <= values.size(); i += 8) {
    for (std::size_t strand = 0; strand < 8; ++strand) {
      const auto value = static_cast<double>(values[i + strand]);
      sums[strand] += value * value;
    }
  }
  for (; i < values.size(); ++i)
    sums[0] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

double clip_factor(double norm, double clip) {
  return clip > 0 ? std::min(1.0, clip / (norm + 1e-6)) : 1.0;
}

}  // namespace

Optimiser::Optimiser(const spec::ParameterLayout& layout, const spec::Recipe& recipe)
    : recipe_(recipe) {
  for (const spec::Parameter& parameter : layout.parameters) {
    if (!segments_.empty() && segments_.back().decays == parameter.decays()) {
      segments_.back().last = parameter.offset + parameter.size();
    } else {
      segments_.push_back(
          {parameter.offset, parameter.offset + parameter.size(), parameter.decays()});
    }
  }
}

template <typename T>
double Optimiser::step_on_host(std::span<T> parameters, std::span<T> gradient,
                               std::span<T> first_moment, std::span<T> second_moment,
                               const StepSettings& settings) const {
  const double norm =
      std::sqrt(squared_norm(std::span<const T>(gradient))) * std::abs(settings.gradient_scale);
  if (!std::isfinite(norm)) return norm;
  const T scale = static_cast<T>(settings.gradient_scale * clip_factor(norm, recipe_.clip));
  const T beta1 = static_cast<T>(recipe_.beta1), beta2 = static_cast<T>(recipe_.beta2);
  const T rest1 = static_cast<T>(1 - recipe_.beta1), rest2 = static_cast<T>(1 - recipe_.beta2);
  const T rate =
      static_cast<T>(settings.learning_rate / (1 - portable::power(recipe_.beta1, settings.step)));
  const T root = static_cast<T>(1 / std::sqrt(1 - portable::power(recipe_.beta2, settings.step)));
  const T epsilon = static_cast<T>(recipe_.epsilon);
  for (const Segment& segment : segments_) {
    const T keep =
        segment.decays ? static_cast<T>(1 - settings.learning_rate * recipe_.weight_decay) : T{1};
    T* __restrict p = parameters.data();
    const T* __restrict g = gradient.data();
    T* __restrict m = first_moment.data();
    T* __restrict v = second_moment.data();
    for (std::int64_t i = segment.first; i < segment.last; ++i) {
      const T slope = g[i] * scale;
      m[i] = beta1 * m[i] + rest1 * slope;
      v[i] = beta2 * v[i] + rest2 * slope * slope;
      p[i] = keep * p[i] - rate * m[i] / (std::sqrt(v[i]) * root + epsilon);
    }
  }
  return norm;
}

double Optimiser::step_with_tensors(at::Tensor& parameters, const at::Tensor& gradient,
                                    at::Tensor& first_moment, at::Tensor& second_moment,
                                    const StepSettings& settings) const {
  const double norm =
      gradient.to(at::kDouble).norm().item<double>() * std::abs(settings.gradient_scale);
  if (!std::isfinite(norm)) return norm;
  const at::Tensor slope = gradient * (settings.gradient_scale * clip_factor(norm, recipe_.clip));
  first_moment.mul_(recipe_.beta1).add_(slope, 1 - recipe_.beta1);
  second_moment.mul_(recipe_.beta2).addcmul_(slope, slope, 1 - recipe_.beta2);
  for (const Segment& segment : segments_) {
    if (segment.decays)
      parameters.narrow(0, segment.first, segment.last - segment.first)
          .mul_(1 - settings.learning_rate * recipe_.weight_decay);
  }
  const at::Tensor denominator =
      second_moment.sqrt()
          .mul_(1 / std::sqrt(1 - portable::power(recipe_.beta2, settings.step)))
          .add_(recipe_.epsilon);
  parameters.addcdiv_(
      first_moment, denominator,
      -settings.learning_rate / (1 - portable::power(recipe_.beta1, settings.step)));
  return norm;
}

double Optimiser::step(at::Tensor parameters, at::Tensor gradient, at::Tensor first_moment,
                       at::Tensor second_moment, const StepSettings& settings) const {
  if (!parameters.is_cpu())
    return step_with_tensors(parameters, gradient, first_moment, second_moment, settings);
  const auto on_host = [&]<typename T>(T) {
    const auto row = [](at::Tensor& tensor) {
      return std::span<T>(tensor.data_ptr<T>(), static_cast<std::size_t>(tensor.numel()));
    };
    return step_on_host<T>(row(parameters), row(gradient), row(first_moment), row(second_moment),
                           settings);
  };
  if (parameters.scalar_type() == at::kFloat) return on_host(float{});
  if (parameters.scalar_type() == at::kDouble) return on_host(double{});
  throw Error(Report{.what = "optimiser: unsupported type", .expected = "fp32 or fp64"});
}

}  // namespace surd::train
