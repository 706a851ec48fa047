#include "law/look.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/error.hpp"
#include "law/contrast.hpp"
#include "law/fit.hpp"
#include "law/simulate.hpp"

namespace surd::law {
namespace {

Scenario of_lengths(std::vector<double> lengths, double alpha) {
  Scenario scenario;
  scenario.lengths = std::move(lengths);
  scenario.seeds = 12;
  scenario.alpha = alpha;
  return scenario;
}

Curve grid_of(const Scenario& scenario, std::uint64_t seed) {
  RandomStream random(seed, Split::test, 0, 0);
  return {.cells = simulate(scenario, random), .candidates = {}};
}

}  // namespace

TEST_CASE("a look says what the fit and the comparison would report") {
  const std::vector<double> lengths = {16, 28, 48, 84, 147, 256};
  const std::vector<Curve> curves = {grid_of(of_lengths(lengths, 0.5), 621),
                                     grid_of(of_lengths(lengths, 0), 622)};
  const Look seen = look(curves, {});
  REQUIRE(seen.alphas.size() == 2);
  REQUIRE(seen.deltas.size() == 1);
  const Fit found = fit(curves[0].cells);
  CHECK(seen.alphas[0].value == found.alpha);
  CHECK(seen.alphas[0].interval.low == found.interval.low);
  CHECK(seen.alphas[0].lengths == 6);
  const Contrast difference = contrast(curves[0].cells, curves[1].cells);
  CHECK(seen.deltas[0].value == difference.delta);
  CHECK(seen.deltas[0].interval.high == difference.interval.high);
  CHECK(seen.deltas[0].lengths == 6);
  CHECK(seen.half_widths.size() == 1);
  CHECK_FALSE(seen.reached);
  CHECK(look(curves, 2.0).reached);
  CHECK_FALSE(look(curves, 0.01).reached);
  CHECK(look({curves[0]}, {}).half_widths.size() == 1);
}

TEST_CASE("no half-width is reached with fewer than six lengths that bracket") {
  const Scenario five = of_lengths({16, 32, 64, 128, 256}, 0.5);
  CHECK_FALSE(look({grid_of(five, 623)}, 2.0).reached);
  const Scenario six = of_lengths({16, 28, 48, 84, 147, 256}, 0.5);
  CHECK(look({grid_of(six, 623)}, 2.0).reached);
  CHECK_FALSE(look({grid_of(six, 623), grid_of(five, 624)}, 2.0).reached);
}

TEST_CASE("a search goes by more than the interval where this is not widened or seeds are few") {
  const Scenario scenario = of_lengths({16, 28, 48, 84, 147, 256}, 0.5);
  const auto half = [](const Interval& interval) { return (*interval.high - *interval.low) / 2; };
  int widened = 0;
  int not_widened = 0;
  for (std::uint64_t seed = 640; seed < 650; ++seed) {
    CAPTURE(seed);
    const Curve curve = grid_of(scenario, seed);
    const Look seen = look({curve}, {});
    const Fit found = fit(curve.cells);
    const bool widens = found.criterion.dispersion > 1;
    ++(widens ? widened : not_widened);
    // F(.95; 1, 4) = 7.709.
    const double factor = widens ? 1 : std::sqrt(7.709 / chi_squared_95);
    CHECK(seen.half_widths[0] == Approx(factor * half(seen.alphas[0].interval)).epsilon(1e-3));
  }
  CHECK(widened > 0);
  CHECK(not_widened > 0);
  Curve few;  // two seeds a length, of 8
  for (const double length : scenario.lengths) {
    few.cells.push_back({.length = length, .hidden = 32, .seeds = 1, .solved = 0});
    few.cells.push_back({.length = length, .hidden = 64, .seeds = 1, .solved = 1});
  }
  const Look seen = look({few}, {});
  REQUIRE(seen.alphas[0].interval.closed());
  CHECK(
      seen.half_widths[0] ==
      Approx(2 * std::sqrt(7.709 / chi_squared_95) * half(seen.alphas[0].interval)).epsilon(1e-3));
}

TEST_CASE("curves without results have no numbers and reasons for it") {
  const Look seen = look({Curve{}, Curve{}}, 0.5);
  CHECK_FALSE(seen.alphas[0].value);
  CHECK_FALSE(seen.alphas[0].reason.empty());
  CHECK_FALSE(seen.deltas[0].value);
  CHECK_FALSE(seen.deltas[0].reason.empty());
  CHECK(std::isinf(seen.half_widths[0]));
  CHECK_FALSE(seen.reached);
  CHECK_THROWS_AS(look({}, 0.5), InputError);
  CHECK_THROWS_AS(look({Curve{}}, 0.0), InputError);
}

}  // namespace surd::law
