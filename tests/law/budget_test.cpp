#include "law/budget.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/random.hpp"
#include "law/logistic.hpp"

namespace surd::law {
namespace {

// ln(threshold) = ln d_inf + slope ln(1 + (S0 / S)^b) with S0 = steps at the longest length.
struct WithBudget {
  double alpha = 0.5;
  double b = 2;
  double growth = 1;
  double steps = 2;
  Unit unit{};

  double log_threshold(double length, double budget) const {
    const double steps_here = steps * std::pow(length / 512, growth);
    return std::log(90.5) + alpha * std::log(length / 90.51) +
           unit.slope * std::log1p(std::pow(steps_here / budget, b));
  }
};

constexpr int many_seeds = 20'000;  // seeds a cell: no noise but rounding

// Solved as often as the law says; kappa 6 of a width, lapse .05.
std::vector<AtBudget> expected_of(const WithBudget& law, const std::vector<double>& budgets,
                                  int seeds = many_seeds) {
  std::vector<AtBudget> all;
  for (const double budget : budgets) {
    AtBudget& at = all.emplace_back();
    at.budget = budget;
    for (double length = 16; length <= 512; length *= 2) {
      for (double width = 4; width <= 8192; width *= 2) {
        const double above = law.unit.slope * std::log(width) - law.log_threshold(length, budget);
        const double p = 0.95 * logistic(6 / law.unit.slope * above);
        at.cells.push_back({.length = length,
                            .hidden = std::pow(width, law.unit.slope),
                            .seeds = seeds,
                            .solved = static_cast<int>(std::lround(p * seeds)),
                            .width = law.unit.slope == 1 ? 0 : width,
                            .unit = law.unit});
      }
    }
  }
  return all;
}

std::string all_words(const BudgetFit& fit) {
  std::string text;
  for (const std::string& one : fit.too_short) text += one + "\n";
  return text;
}

TEST_CASE("gradient and Hessian of the law with budgets equal finite differences") {
  const std::uint64_t seed = 20261130;
  CAPTURE(seed);
  RandomStream random(seed, Split::test, 0, 0);
  const auto cells = expected_of({}, {1, 2, 4}, 3);
  for (const auto limit : {BudgetLaw::Limit::power, BudgetLaw::Limit::free}) {
    for (const bool lapse : {true, false}) {
      const BudgetLaw law(cells, {.penalties = lapse, .lapse = lapse}, limit);
      const Eigen::VectorXd beta =
          Eigen::VectorXd::Constant(law.log_b(), limit == BudgetLaw::Limit::power ? 1.0 : 4.5);
      for (int repeat = 0; repeat < 3; ++repeat) {
        Eigen::VectorXd theta = law.start(beta, 0.5, -0.3, 0.8);
        for (double& value : theta) value += 0.3 * random.normal();
        Eigen::VectorXd gradient;
        Hessian hessian;
        const double value = law.value(theta, gradient, hessian);
        CHECK(value == Approx(law.value(theta)).epsilon(1e-13));
        const Eigen::MatrixXd dense = hessian.dense();
        constexpr double h = 1e-5;
        for (int i = 0; i < law.size(); ++i) {
          Eigen::VectorXd above = theta;
          Eigen::VectorXd below = theta;
          above[i] += h;
          below[i] -= h;
          Eigen::VectorXd up;
          Eigen::VectorXd down;
          Hessian unused;
          const double slope =
              (law.value(above, up, unused) - law.value(below, down, unused)) / (2 * h);
          CHECK(gradient[i] == Approx(slope).epsilon(1e-5).margin(1e-5));
          const Eigen::VectorXd column = (up - down) / (2 * h);
          CHECK((dense.col(i) - column).cwiseAbs().maxCoeff() <
                1e-5 * (1 + column.cwiseAbs().maxCoeff()));
        }
      }
    }
  }
}

TEST_CASE("a law with budgets is found again where there is no noise") {
  for (const double b : {1.0, 2.0, 4.0}) {
    for (const double growth : {0.0, 1.0}) {
      CAPTURE(b, growth);
      const BudgetFit fit = fit_budgets(expected_of({.b = b, .growth = growth}, {1, 2, 4}));
      REQUIRE(fit.alpha);
      CHECK(*fit.alpha == Approx(0.5).margin(0.01));
      CHECK(fit.interval.contains(0.5));
      CHECK(*fit.rate == Approx(b).epsilon(0.1));
      CHECK(*fit.steps == Approx(2).epsilon(0.1));
      CHECK(*fit.steps_exponent == Approx(growth).margin(0.05));
      CHECK(*fit.excess == Approx(1 + std::pow(0.5, b)).epsilon(0.05));
      REQUIRE(fit.fits.size() == 3);
      if (growth > 0) CHECK(*fit.fits.front().alpha > 0.6);
    }
  }
}

TEST_CASE("sizes in another unit have the law of the width in that unit") {
  const WithBudget law{.alpha = 1, .unit = {.noun = "parameters", .slope = 2, .growth = 0}};
  const BudgetFit fit = fit_budgets(expected_of(law, {1, 2, 4}));
  REQUIRE(fit.alpha);
  CHECK(*fit.alpha == Approx(1).margin(0.02));
  CHECK(*fit.rate == Approx(2).epsilon(0.1));
}

TEST_CASE("budgets in any order and unit give the same exponent") {
  auto cells = expected_of({}, {1, 2, 4}, 3);
  const BudgetFit fit = fit_budgets(cells);
  for (AtBudget& one : cells) one.budget *= 1000;
  std::swap(cells[0], cells[2]);
  const BudgetFit again = fit_budgets(cells);
  CHECK(again.budgets == std::vector<double>{1000, 2000, 4000});
  REQUIRE(again.alpha);
  CHECK(*again.alpha == Approx(*fit.alpha).epsilon(1e-6));
  CHECK(*again.steps == Approx(1000 * *fit.steps).epsilon(1e-4));
}

TEST_CASE("thresholds that no longer fall leave the exponent of every budget") {
  const BudgetFit fit = fit_budgets(expected_of({.steps = 0.01}, {1, 2, 4}, 100));
  CHECK(fit.tells());
  CHECK(*fit.alpha == Approx(0.5).margin(0.05));
  CHECK_THAT(fit.words, Catch::StartsWith("the exponent that remains with more steps is 0.5"));
}

TEST_CASE("budgets that are too short say so and by what") {
  SECTION("the largest is far from the limit at the longest length") {
    const BudgetFit fit = fit_budgets(expected_of({.steps = 8}, {1, 2, 4}, 10));
    CHECK_FALSE(fit.tells());
    CHECK_THAT(all_words(fit), Catch::Contains("times what would remain") &&
                                   Catch::Contains("still fell by a factor"));
    CHECK_THAT(fit.words, Catch::StartsWith("the budgets are too short to tell"));
  }
  SECTION("no limit is seen at any length") {
    const BudgetFit fit =
        fit_budgets(expected_of({.b = 1, .growth = 0, .steps = 400}, {1, 2, 4}, 10));
    CHECK_FALSE(fit.tells());
  }
}

TEST_CASE("what is missing for an exponent that remains is said") {
  CHECK_THAT(fit_budgets(expected_of({}, {1})).reason, Catch::Contains("two budgets"));
  auto unsolved = expected_of({}, {1, 2});
  for (Cell& cell : unsolved[1].cells) cell.solved = 0;
  const BudgetFit fit = fit_budgets(unsolved);
  CHECK_FALSE(fit.alpha);
  CHECK_THAT(fit.reason, Catch::StartsWith("there is no exponent at the largest budget, 2: "));
  CHECK(fit.fits.front().alpha);
  CHECK(fit_budgets({}).fits.empty());
  CHECK_THROWS_AS(fit_budgets(expected_of({}, {1, 1})), InputError);
  CHECK_THROWS_AS(fit_budgets(expected_of({}, {0, 1})), InputError);
}

}  // namespace
}  // namespace surd::law
