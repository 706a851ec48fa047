#include "law/curvature.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "law/example.hpp"

namespace surd::law {
namespace {

// Counts at their means, so that maxima are where calculus has them.
std::vector<Cell> study(const std::vector<double>& lengths, double (*width)(double), int seeds) {
  std::vector<Cell> cells;
  for (const double length : lengths) {
    for (double hidden = 2; hidden < 5000; hidden *= std::sqrt(2.0)) {
      const double p = 1 / (1 + std::pow(width(length) / hidden, 6));
      cells.push_back({.length = length,
                       .hidden = hidden,
                       .seeds = seeds,
                       .solved = static_cast<int>(std::round(seeds * p))});
    }
  }
  return cells;
}

const std::vector<double> five = {16, 32, 64, 128, 256};

Curvature curvature_of(const std::vector<Cell>& cells) { return curvature(cells, {}, fit(cells)); }

// NumPy: logistic regression on ln d, x and x^2 less its mean; the profile by bisection.
TEST_CASE("the curvature of the reference grid as logistic regression has it") {
  constexpr Options as_they_are{.penalties = false, .lapse = false};
  const auto cells = example::reference();
  const Curvature found = curvature(cells, as_they_are, fit(cells, as_they_are));
  CHECK(*found.gamma == Approx(0.03414444697899397).margin(1e-6));
  CHECK(*found.interval.low == Approx(-0.23841388810234868).margin(1e-6));
  CHECK(*found.interval.high == Approx(0.3070169317964911).margin(1e-6));
  CHECK(found.first->exponent ==
        Approx(0.4340530596797123 - 2 * 0.03414444697899397 * std::log(4)).margin(1e-6));
}

TEST_CASE("a planted curvature is found, and its local exponents") {
  const auto cells = study(
      five,
      [](double L) {
        const double x = std::log(L / 64);
        return 60 * std::exp(0.5 * x - 0.1 * x * x);
      },
      1000);
  const Curvature found = curvature_of(cells);
  REQUIRE(found.gamma);
  CHECK(*found.gamma == Approx(-0.1).margin(0.003));
  CHECK(found.excludes_zero());
  CHECK(found.criterion.dispersion == 1);
  CHECK(found.first->length == 16);
  CHECK(found.first->exponent == Approx(0.5 + 0.2 * std::log(4)).margin(0.01));
  CHECK(found.last->exponent == Approx(0.5 - 0.2 * std::log(4)).margin(0.01));
  CHECK(found.first->interval.contains(0.5 + 0.2 * std::log(4)));
  CHECK(found.words == "the exponent falls from 0.78 at L = 16 to 0.22 at 256");
  CHECK(bend(cells, {}, fit(cells)) == "falls from 0.78 at L = 16 to 0.22 at 256");
}

TEST_CASE("alpha keeps its meaning beside the curvature where lengths are uneven") {
  // p(x) is orthogonal to x over the lengths: the mean exponent of a curve is its least squares'.
  const auto cells = study(
      {16, 24, 64, 256, 400}, [](double L) { return 4 * std::sqrt(L); }, 1000);
  const Curvature found = curvature_of(cells);
  CHECK(*found.gamma == Approx(0).margin(0.003));
  CHECK(found.first->exponent == Approx(0.5).margin(0.01));
  CHECK(found.last->exponent == Approx(0.5).margin(0.01));
  CHECK_FALSE(found.excludes_zero());
  CHECK(bend(cells, {}, fit(cells)).empty());
}

TEST_CASE("the interval of the curvature holds zero where the deviance of none says so") {
  for (const int seeds : {2, 6, 20, 60}) {
    const auto cells = study(
        five, [](double L) { return 150 * L / (L + 64); }, seeds);
    const Fit straight = fit(cells);
    CHECK(curvature(cells, {}, straight).excludes_zero() == !bend(cells, {}, straight).empty());
  }
}

TEST_CASE("two lengths have no curvature, and three no check of it") {
  const auto two = study(
      {16, 64}, [](double L) { return 4 * std::sqrt(L); }, 9);
  CHECK(curvature_of(two).reason.find("two lengths") != std::string::npos);
  const auto three = study(
      {16, 64, 256}, [](double L) { return 150 * L / (L + 64); }, 100);
  CHECK(curvature_of(three).gamma);
  CHECK(curvature_of(three).words.find("three lengths") != std::string::npos);
  CHECK(bend(three, {}, fit(three)).empty());
}

TEST_CASE("without an exponent the curvature gives its reason") {
  const auto cells = example::grid({16, 64}, {8, 16}, {{0, 0}, {0, 0}});
  CHECK(curvature_of(cells).reason == fit(cells).reason);
  CHECK_FALSE(curvature_of(cells).gamma);
}

}  // namespace
}  // namespace surd::law
