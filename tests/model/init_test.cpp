#include "model/init.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/hash.hpp"
#include "model/support.hpp"

using namespace surd;
using namespace surd::model;

namespace {

struct Moments {
  double mean = 0, deviation = 0, largest = 0;
};

Moments moments(const std::vector<double>& lane, const spec::Parameter& parameter,
                std::int64_t skip = 0) {
  Moments m;
  const auto n = static_cast<double>(parameter.size() - skip);
  for (std::int64_t i = skip; i < parameter.size(); ++i) {
    const double value = lane[static_cast<std::size_t>(parameter.offset + i)];
    m.mean += value / n;
    m.deviation += value * value / n;
    m.largest = std::max(m.largest, std::abs(value));
  }
  m.deviation = std::sqrt(std::max(0.0, m.deviation - m.mean * m.mean));
  return m;
}

std::vector<double> initial(const spec::ModelShape& shape, std::uint64_t seed) {
  std::vector<double> lane(static_cast<std::size_t>(spec::parameter_layout(shape).padded_size),
                           7.0);
  initialise(shape, seed, lane);
  return lane;
}

}  // namespace

TEST_CASE(
    "pytorch initialisation has the distributions of nn.Linear, nn.Embedding and nn.LayerNorm") {
  const spec::ModelShape shape = model::test::shape("standard", 48, 2, 2, 60, 70);
  const spec::ParameterLayout layout = spec::parameter_layout(shape);
  const std::vector<double> lane = initial(shape, 11);

  for (const spec::Parameter& parameter : layout.parameters) {
    INFO(parameter.name);
    const std::int64_t skip =
        parameter.kind == spec::ParameterKind::token_embedding ? shape.hidden : 0;
    const Moments m = moments(lane, parameter, skip);
    const double n = static_cast<double>(parameter.size() - skip);
    const bool norm = parameter.name.find("ln_") != std::string::npos ||
                      parameter.name.find("norm") != std::string::npos;
    if (norm) {
      CHECK(m.mean == Approx(parameter.kind == spec::ParameterKind::bias ? 0.0 : 1.0));
      CHECK(m.deviation == Approx(0).margin(1e-7));
    } else if (skip > 0 || parameter.kind == spec::ParameterKind::position_embedding) {
      CHECK(std::abs(m.mean) < 5 / std::sqrt(n));
      CHECK(std::abs(m.deviation - 1) < 5 / std::sqrt(2 * n));
    } else {  // fan in is 48 everywhere but in mlp.c_proj
      const double bound =
          1 / std::sqrt(parameter.name.find("mlp.c_proj") != std::string::npos ? 192.0 : 48.0);
      CHECK(m.largest <= bound);
      CHECK(m.largest > (1 - 10 / n) * bound);
      CHECK(std::abs(m.mean) < 5 * bound / std::sqrt(3 * n));
      CHECK(std::abs(m.deviation - bound / std::sqrt(3)) < 5 * bound / std::sqrt(n));
    }
  }
}

TEST_CASE("gpt2 initialisation is N(0, .02) with zero biases") {
  spec::ModelShape shape = model::test::shape("linear", 32, 2, 1, 60, 70);
  shape.settings.init = spec::Init::gpt2;
  const std::vector<double> lane = initial(shape, 12);

  for (const spec::Parameter& parameter : spec::parameter_layout(shape).parameters) {
    INFO(parameter.name);
    const Moments m = moments(
        lane, parameter, parameter.kind == spec::ParameterKind::token_embedding ? shape.hidden : 0);
    if (parameter.kind == spec::ParameterKind::bias) {
      CHECK(m.largest == 0);
    } else if (parameter.kind == spec::ParameterKind::norm_weight) {
      CHECK(m.mean == 1);
    } else {
      CHECK(std::abs(m.deviation - 0.02) < 0.002);
    }
  }
}

TEST_CASE("initial parameters depend on the seed alone; pad row and gaps are zero") {
  const spec::ModelShape shape =
      model::test::shape("standard", 6, 1, 1, 7, 9);  // sizes that leave gaps
  const spec::ParameterLayout layout = spec::parameter_layout(shape);
  const std::vector<double> lane = initial(shape, 5);

  CHECK(lane == initial(shape, 5));
  CHECK(lane != initial(shape, 6));
  std::vector<bool> used(lane.size(), false);
  for (const spec::Parameter& parameter : layout.parameters) {
    std::fill_n(used.begin() + parameter.offset, parameter.size(), true);
  }
  for (std::size_t i = 0; i < lane.size(); ++i) {
    if (!used[i]) CHECK(lane[i] == 0);
  }
  CHECK(std::all_of(lane.begin(), lane.begin() + shape.hidden,
                    [](double value) { return value == 0; }));
  std::vector<double> wrong(lane.size() + 1);
  CHECK_THROWS_AS(initialise(shape, 1, wrong), Error);
}

// Also run under each of MKL's and ATen's instruction sets (CMakeLists.txt).
TEST_CASE("bits: initial parameters are the same on every machine") {
  struct Pin {
    const char* architecture;
    int hidden, layers;
    spec::Init init;
    std::uint64_t bits;
  };
  for (const Pin& pin : {Pin{"standard", 32, 2, spec::Init::pytorch, 0x335cc97363f86f63},
                         Pin{"linear", 24, 1, spec::Init::gpt2, 0xe6d7e9eb3aa85a8d},
                         Pin{"gated_linear", 16, 3, spec::Init::pytorch, 0x1097a7c7e49c40fd},
                         Pin{"delta", 64, 1, spec::Init::gpt2, 0xc965dbd17eab2b9e}}) {
    spec::ModelShape shape =
        model::test::shape(pin.architecture, pin.hidden, 2, pin.layers, 60, 500);
    shape.settings.init = pin.init;
    const std::vector<double> lane = initial(shape, 17);
    CAPTURE(pin.architecture, pin.hidden, pin.layers);
    CHECK(hex(hash64(lane.data(), lane.size() * sizeof(double))) == hex(pin.bits));
  }
}
