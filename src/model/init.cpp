#include "model/init.hpp"

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "base/random.hpp"

namespace surd::model {

namespace {

constexpr double gpt2_deviation = 0.02;

double fan_in(const spec::Parameter& matrix) { return static_cast<double>(matrix.shape.back()); }

}  // namespace

void initialise(const spec::ModelShape& shape, std::uint64_t seed, std::span<double> lane) {
  const spec::ParameterLayout layout = spec::parameter_layout(shape);
  if (std::ssize(lane) != layout.padded_size) {
    throw Error({.what = "a lane to initialise has the wrong size",
                 .expected = std::to_string(layout.padded_size),
                 .got = std::to_string(lane.size())});
  }
  std::fill(lane.begin(), lane.end(), 0.0);
  const bool pytorch = shape.settings.init == spec::Init::pytorch;
  const spec::Parameter* previous = nullptr;  // a bias follows the weight that it belongs to
  for (std::size_t number = 0; number < layout.parameters.size(); ++number) {
    const spec::Parameter& parameter = layout.parameters[number];
    const std::span<double> values = lane.subspan(static_cast<std::size_t>(parameter.offset),
                                                  static_cast<std::size_t>(parameter.size()));
    RandomStream stream(seed, Split::init, 0, static_cast<std::uint32_t>(number));
    const auto normal = [&](double deviation) {
      std::generate(values.begin(), values.end(), [&] { return deviation * stream.normal(); });
    };
    const auto uniform = [&](double bound) {
      std::generate(values.begin(), values.end(),
                    [&] { return bound * (2 * stream.uniform() - 1); });
    };
    switch (parameter.kind) {
      case spec::ParameterKind::token_embedding:
        normal(pytorch ? 1 : gpt2_deviation);
        std::fill_n(values.begin(), shape.hidden, 0.0);  // the pad row
        break;
      case spec::ParameterKind::position_embedding: normal(pytorch ? 1 : gpt2_deviation); break;
      case spec::ParameterKind::norm_weight: std::fill(values.begin(), values.end(), 1.0); break;
      case spec::ParameterKind::matrix:
        if (pytorch) {
          uniform(1 / std::sqrt(fan_in(parameter)));
        } else {
          normal(gpt2_deviation);
        }
        break;
      case spec::ParameterKind::bias:
        if (pytorch && previous != nullptr && previous->kind == spec::ParameterKind::matrix)
          uniform(1 / std::sqrt(fan_in(*previous)));
        break;
    }
    previous = &parameter;
  }
}

}  // namespace surd::model
