#include "model/positions.hpp"

#include <ATen/TensorOperators.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <complex>

#include "base/hash.hpp"
#include "model/program.hpp"
#include "model/support.hpp"

using namespace surd;
using namespace surd::model;
using model::test::max_difference;

TEST_CASE("rotary positions turn pairs of features as complex numbers, and leave an odd last one") {
  for (const int d : {1, 2, 3, 6, 7, 24}) {
    const int T = 11;
    const Rotation rotation(T, d, at::kDouble);
    const at::Tensor x = model::test::normal({2, T, d}, 1);
    at::Tensor expected = x.clone();
    const int even = d / 2 * 2;
    for (int g = 0; g < 2; ++g) {
      for (int t = 0; t < T; ++t) {
        for (int p = 0; p < d / 2; ++p) {
          const double angle = t * std::pow(10000.0, -2.0 * p / even);
          const auto turned =
              std::complex(x[g][t][2 * p].item<double>(), x[g][t][2 * p + 1].item<double>()) *
              std::polar(1.0, angle);
          expected[g][t][2 * p] = turned.real();
          expected[g][t][2 * p + 1] = turned.imag();
        }
      }
    }
    INFO("head dimension " << d);
    CHECK(max_difference(rotation.sequence(x), expected) < 1e-13);
    for (int t = 0; t < T; ++t)
      CHECK(max_difference(rotation.at(x.select(1, t), t), expected.select(1, t)) < 1e-13);
  }
}

// Also run as tests of their own under each of MKL's and ATen's instruction sets (CMakeLists.txt):
// no library's choice may reach the tables.
TEST_CASE("bits: tables of positions are the same on every machine") {
  struct Pin {
    std::int64_t L, D;
    std::uint64_t sinusoidal, rotary;
  };
  for (const Pin& pin : {Pin{66, 16, 0x0e990ebf101a9972, 0xdce8373df91cda7c},
                         Pin{81, 32, 0x2a7133d4a200eb1b, 0x88a7f5320d0c1a43},
                         Pin{512, 64, 0x2db748b196b3a761, 0x5b508616816323c5},
                         Pin{700, 7, 0x5c897aee11c01b98, 0x9ca1b970f3af1c4a},
                         Pin{3000, 128, 0x9bac05e060beb716, 0x3d7023f69f6daf32}}) {
    CAPTURE(pin.L, pin.D);
    const std::vector<float> sinusoidal = sinusoidal_table(pin.L, pin.D);
    CHECK(hex(hash64(sinusoidal.data(), sinusoidal.size() * sizeof(float))) == hex(pin.sinusoidal));
    const RotaryTable rotary = rotary_table(pin.L, pin.D);
    std::vector<double> both = rotary.cosine;
    both.insert(both.end(), rotary.sine.begin(), rotary.sine.end());
    CHECK(hex(hash64(both.data(), both.size() * sizeof(double))) == hex(pin.rotary));
    const at::Tensor tensor = sinusoidal_positions(pin.L, pin.D, at::kFloat);
    CHECK(std::equal(sinusoidal.begin(), sinusoidal.end(), tensor.const_data_ptr<float>(),
                     tensor.const_data_ptr<float>() + tensor.numel()));
  }
}

TEST_CASE("products of rotated queries and keys depend on their distance only") {
  const Rotation rotation(40, 8, at::kDouble);
  const at::Tensor q = model::test::normal({1, 8}, 2), k = model::test::normal({1, 8}, 3);
  const auto product = [&](int i, int j) {
    return (rotation.at(q, i) * rotation.at(k, j)).sum().item<double>();
  };
  for (const int shift : {1, 7, 22})
    CHECK(product(12 + shift, 3 + shift) == Approx(product(12, 3)).epsilon(1e-12));
  CHECK(std::abs(product(12, 3) - product(12, 4)) > 1e-3);
}

TEST_CASE(
    "without positions the order of earlier tokens does not matter to one layer, with any kind of "
    "positions it does") {
  for (const std::string& word : words(spec::Position{})) {
    spec::ModelShape shape = model::test::shape("standard", 8, 2, 1, 9, 10);
    shape.settings.position = spec::enum_of<spec::Position>(word);
    const auto program = make_program(shape, spec::Precision::fp64, at::kCPU);
    const at::Tensor parameters = model::test::parameters(shape, 1, 4);
    Batch batch;
    batch.tokens = {1, 2, 3, 4, 5};
    batch.starts = {0, 5};
    const at::Tensor before = program->logits(parameters, 0, batch)[4];
    batch.tokens = {3, 1, 4, 2, 5};
    const double change = max_difference(program->logits(parameters, 0, batch)[4], before);
    INFO(word);
    if (word == "none") {
      CHECK(change < 1e-13);
    } else {
      CHECK(change > 1e-4);
    }
  }
}
