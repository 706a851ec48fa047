#include "law/compute.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/error.hpp"
#include "law/example.hpp"
#include "law/thresholds.hpp"

namespace surd::law {
namespace {

std::vector<Price> prices(const std::vector<Cell>& cells,
                          double (*flops)(double length, double hidden)) {
  std::vector<Price> all;
  for (const Cell& cell : cells)
    all.push_back({cell.length, cell.hidden, flops(cell.length, cell.hidden)});
  return all;
}

std::vector<Cell> flat() {
  return example::grid({16, 32, 64, 128, 256}, {8, 16, 32, 64, 128, 256, 512, 1024},
                       {{0, 1, 3, 3, 3, 3, 3, 3},
                        {0, 0, 3, 3, 3, 3, 3, 3},
                        {0, 1, 2, 3, 3, 3, 3, 3},
                        {0, 0, 2, 3, 3, 3, 3, 3},
                        {0, 1, 2, 3, 3, 3, 3, 3}});
}

// FLOPs = d^2 L at d ~ L^alpha grow as L^(1 + 2 alpha), and so do the ends of the interval.
TEST_CASE("compute to solve grows with the exponent of the width times that of the price") {
  const auto cells = example::reference();
  const Fit found = fit(cells);
  const Compute compute = compute_to_solve(
      cells, {}, found, Prices(prices(cells, [](double L, double d) { return 7 * L * d * d; })));
  REQUIRE(compute.gamma);
  CHECK(*compute.gamma == Approx(1 + 2 * *found.alpha).margin(1e-9));
  CHECK(*compute.interval.low == Approx(1 + 2 * *found.interval.low).margin(1e-6));
  CHECK(*compute.interval.high == Approx(1 + 2 * *found.interval.high).margin(1e-6));
  CHECK(*compute.flops ==
        Approx(7 * 256 * std::pow(*predict(cells, {}, found, 256).width, 2)).epsilon(1e-9));
}

TEST_CASE("the ratio of two architectures of one price is that of their widths, squared") {
  const auto ours = example::reference();
  const auto theirs = flat();
  const Contrast difference = contrast(ours, theirs);
  const Prices price(prices(ours, [](double L, double d) { return L * d * d; }));
  const Saving found = saving(difference, price, price);
  REQUIRE(found.ratio);
  CHECK(found.length == 256);
  const Fit fit_ours = fit(ours);
  const Fit fit_theirs = fit(theirs);
  const Point a = predict(ours, {}, fit_ours, 256);
  const Point b = predict(theirs, {}, fit_theirs, 256);
  CHECK(*found.ratio == Approx(std::pow(*a.width / *b.width, 2)).epsilon(1e-5));
  // Independent data: half-widths in the logarithm add as squares, nearly, where the profile is
  // nearly a parabola.
  const double expected =
      2 * std::hypot(std::log(*a.interval.high / *a.width), std::log(*b.width / *b.interval.low));
  CHECK(std::log(*found.interval.high / *found.ratio) == Approx(expected).epsilon(0.15));
  CHECK(found.words == "costs more compute at L = 256");

  // A price that is a hundredth turns the answer round.
  const Saving cheap = saving(
      difference, Prices(prices(ours, [](double L, double d) { return L * d * d / 100; })), price);
  CHECK(*cheap.ratio == Approx(*found.ratio / 100).epsilon(1e-9));
  CHECK(cheap.words == "saves compute at L = 256");
  const Saving self = saving(contrast(ours, ours), price, price);
  CHECK(*self.ratio == Approx(1).margin(1e-6));
  CHECK(self.words.starts_with("neither"));
}

TEST_CASE(
    "prices between and beyond the widths that have one follow straight lines of logarithms") {
  const Prices found({{16, 8, 100}, {16, 16, 400}, {16, 32, 3200}});
  CHECK(std::exp(found.at(16, std::log(8.0)).log_flops) == Approx(100));
  CHECK(std::exp(found.at(16, std::log(std::sqrt(8 * 16.0))).log_flops) == Approx(200));
  CHECK(found.at(16, std::log(20.0)).slope == Approx(3));
  CHECK(std::exp(found.at(16, std::log(64.0)).log_flops) == Approx(25600));
  CHECK(std::exp(found.at(16, std::log(4.0)).log_flops) == Approx(25));
  CHECK_FALSE(found.covers(32));
  CHECK_THROWS_AS(found.at(32, 1), Error);
  CHECK_THROWS_AS(Prices({{16, 8, 0}}), InputError);
  CHECK_THROWS_AS(Prices({{16, 8, 1}, {16, 8, 2}}), InputError);
}

TEST_CASE("FLOPs that are the same at every width say nothing of the width needed") {
  const auto cells = example::reference();
  const Prices price(prices(cells, [](double L, double) { return 1000 * L; }));
  const Compute compute = compute_to_solve(cells, {}, fit(cells), price);
  CHECK_FALSE(compute.gamma);
  CHECK(compute.reason.find("same at every width") != std::string::npos);
  CHECK(saving(contrast(cells, flat()), price, price).reason.find("same at every width") !=
        std::string::npos);
}

TEST_CASE("where FLOPs or an exponent are missing the reason says so") {
  const auto cells = example::reference();
  const Compute unpriced = compute_to_solve(cells, {}, fit(cells), Prices({}));
  CHECK_FALSE(unpriced.gamma);
  CHECK(unpriced.reason.find("length 16 are not known") != std::string::npos);
  const auto unsolved = example::grid({16, 64}, {8, 16}, {{0, 0}, {0, 0}});
  CHECK(compute_to_solve(unsolved, {}, fit(unsolved), Prices({})).reason == fit(unsolved).reason);
  CHECK(saving(contrast(cells, unsolved), Prices({}), Prices({}))
            .reason.find("baseline has no exponent") != std::string::npos);
}

}  // namespace
}  // namespace surd::law
