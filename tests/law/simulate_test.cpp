#include "law/simulate.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/error.hpp"

namespace surd::law {
namespace {

TEST_CASE("a simulated cell is solved as often as the model says") {
  const std::uint64_t seed = 501;
  CAPTURE(seed);
  RandomStream random(seed, Split::test, 0, 0);
  // ln d - c - alpha x = 0 at the threshold, so p = (1 - lapse) / 2 there; 10,000 seeds have a
  // standard deviation of at most .005.
  const Scenario scenario{.lengths = {16, 64, 256},
                          .widths = {16, 32, 64},
                          .seeds = 10000,
                          .alpha = 0.5,
                          .threshold = 32,
                          .kappa = 3,
                          .lapse_shortest = 0.02,
                          .lapse_longest = 0.4};
  const auto cells = simulate(scenario, random);
  REQUIRE(cells.size() == 9);
  const auto share = [&](std::size_t i) {
    return static_cast<double>(cells[i].solved) / cells[i].seeds;
  };
  CHECK(share(0) ==
        Approx(0.98 / 2).margin(0.025));  // length 16, width 16: the threshold is 32 / 2
  CHECK(share(8) == Approx(0.60 / 2).margin(0.025));  // length 256, width 64
  const double lapse = 1 / (1 + std::exp(-(std::log(0.02 / 0.98) + std::log(0.4 / 0.6)) / 2));
  CHECK(share(4) == Approx((1 - lapse) / 2).margin(0.025));
  CHECK(share(5) ==
        Approx((1 - lapse) / (1 + std::pow(2.0, -3))).margin(0.025));  // kappa 3, one octave above
}

TEST_CASE("scatter moves the thresholds of a study about the law") {
  const std::uint64_t seed = 502;
  CAPTURE(seed);
  RandomStream random(seed, Split::test, 0, 0);
  double sum = 0, squares = 0;
  constexpr int studies = 4000;
  for (int i = 0; i < studies; ++i) {
    const Truth truth({.alpha = 1, .threshold = 64, .scatter = 0.3}, random);
    const double deviation = truth.log_threshold(256) - std::log(64.0) - std::log(4.0);
    sum += deviation;
    squares += deviation * deviation;
  }
  CHECK(sum / studies == Approx(0).margin(0.025));
  CHECK(std::sqrt(squares / studies) == Approx(0.3).margin(0.02));
}

TEST_CASE("a scenario that cannot be drawn is refused") {
  RandomStream random(503, Split::test, 0, 0);
  CHECK_THROWS_AS(simulate({.lengths = {}}, random), InputError);
  CHECK_THROWS_AS(simulate({.lengths = {32, 16}}, random), InputError);
  CHECK_THROWS_AS(simulate({.widths = {8, 8}}, random), InputError);
  CHECK_THROWS_AS(simulate({.seeds = 0}, random), InputError);
  CHECK_THROWS_AS(simulate({.kappa = 0}, random), InputError);
  CHECK_THROWS_AS(simulate({.lapse_longest = 1}, random), InputError);
  CHECK_THROWS_AS(Truth({}, random).probability(17, 8), Error);
}

}  // namespace
}  // namespace surd::law
