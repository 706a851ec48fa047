#include "law/rates.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <vector>

#include "base/random.hpp"
#include "law/simulate.hpp"

namespace surd::law {
namespace {

// Trials of the base grid: each solves with the law's chance, halved for every factor 2 that its
// rate is off `best`.
Series series_of(const std::vector<double>& rates,
                 const std::function<double(double length, double width)>& best,
                 RandomStream& random, int seeds = 5) {
  const Scenario scenario{.seeds = seeds};
  const Truth truth(scenario, random);
  std::vector<Trial> trials;
  for (const double length : scenario.lengths) {
    for (const double width : scenario.widths) {
      for (int seed = 0; seed < seeds; ++seed) {
        for (const double rate : rates) {
          const double off = std::abs(std::log2(rate / best(length, width)));
          Trial trial;
          trial.task = "t";
          trial.architecture = "a";
          trial.length = length;
          trial.hidden = width;
          trial.seed = seed;
          trial.learning_rate = rate;
          trial.accuracy_validation = trial.accuracy_test =
              random.uniform() < truth.probability(length, width) * std::exp2(-off) ? 0.99 : 0.3;
          trials.push_back(trial);
        }
      }
    }
  }
  return collect(trials, 0.9).series.at(0);
}

TEST_CASE("of two rates the higher one is best at short lengths, the lower one at long ones") {
  RandomStream random(5, Split::test, 0, 0);
  const auto drift = rate_drift(series_of(
      {.01, .02}, [](double length, double) { return length < 64 ? .02 : .01; }, random));
  REQUIRE(drift);
  CHECK(drift->along == Along::length);
  CHECK(drift->p < rate_drift_level);
  CHECK(drift->until == 32);
  CHECK(drift->from == 128);
  CHECK(drift->rate_until == .02);
  CHECK(drift->rate_from == .01);
  CHECK(drift->end_until);
  CHECK(drift->end_from);
}

TEST_CASE("a drift with the width is told from one with the length") {
  RandomStream random(6, Split::test, 0, 0);
  const auto drift = rate_drift(series_of(
      {.005, .01, .02}, [](double, double width) { return width < 200 ? .01 : .005; }, random, 12));
  REQUIRE(drift);
  CHECK(drift->along == Along::width);
  CHECK(drift->rate_until == .01);
  CHECK_FALSE(drift->end_until);
  CHECK(drift->rate_from == .005);
  CHECK(drift->end_from);
}

TEST_CASE("one rate or counted seeds: nothing is asked") {
  RandomStream random(7, Split::test, 0, 0);
  CHECK_FALSE(rate_drift(series_of(
      {.01}, [](double, double) { return .01; }, random)));
  CHECK_FALSE(rate_drift(Series{}));
}

// 300 studies each; at a rate of .05 more than 29 have a chance of 1e-3.
TEST_CASE("a best rate that stays is seldom said to drift and one that drifts mostly is") {
  RandomStream random(8, Split::test, 0, 0);
  int at_end = 0;
  int between = 0;
  int drifting = 0;
  for (int study = 0; study < 300; ++study) {
    at_end += rate_drift(series_of(
                  {.01, .02}, [](double, double) { return .02; }, random))
                  ? 1
                  : 0;
    between += rate_drift(series_of(
                   {.01, .02}, [](double, double) { return .0141; }, random))
                   ? 1
                   : 0;
    drifting +=
        rate_drift(series_of(
            {.01, .02}, [](double length, double) { return .02 * std::sqrt(16 / length); }, random))
            ? 1
            : 0;
  }
  CHECK(at_end < 30);
  CHECK(between < 30);
  CHECK(drifting > 200);
}

}  // namespace
}  // namespace surd::law
