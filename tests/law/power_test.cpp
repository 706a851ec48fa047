#include "law/power.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <utility>

#include "base/error.hpp"

namespace surd::law {
namespace {

// The planner's table of statistics.md: SE(alpha) for m 5, L 16..256 with 2, 3 and 5 seeds, width
// ratio 2 and sqrt 2.
TEST_CASE("the spread of alpha over simulated studies is that of the planner's formula") {
  std::vector<double> fine;
  for (int i = 0; i < 15; ++i) fine.push_back(8 * std::pow(2.0, i / 2.0));
  const std::vector<std::tuple<bool, int, double>> table = {
      {false, 2, 0.123}, {false, 3, 0.102}, {false, 5, 0.076}, {true, 3, 0.079}};
  for (const auto& [is_fine, seeds, expected] : table) {
    CAPTURE(is_fine, seeds);
    Experiment experiment{.jitter = 0.35, .studies = 400, .seed = 601};
    experiment.scenario.seeds = seeds;
    if (is_fine) experiment.scenario.widths = fine;
    const Power power = power_of(experiment);
    CHECK(power.alpha.studies == 400);
    CHECK(power.alpha.standard_deviation ==
          Approx(expected).epsilon(0.15));  // four standard errors of 400 studies
    CHECK(power.alpha.half_width > 1.9 * expected);
    CHECK(power.alpha.coverage->value > 0.92);
  }
}

TEST_CASE("threads have no influence, and the chances of the verdicts sum to one") {
  Experiment experiment{.studies = 40, .seed = 602};
  experiment.scenario.seeds = 10;
  experiment.baseline.emplace().alpha = 0;
  experiment.baseline->seeds = 10;
  const Power one = power_of(experiment);
  experiment.threads = 3;
  const Power three = power_of(experiment);
  CHECK(one.alpha.bias == three.alpha.bias);
  CHECK(one.delta->half_width == three.delta->half_width);
  double sum = 0;
  for (const auto& [verdict, share] : one.verdicts) sum += share.value;
  CHECK(sum == Approx(1));
  CHECK(one.verdicts.at(Verdict::sqrt).value > 0.3);  // five lengths: .25 or .75 often remains
  CHECK(one.delta->truth == 0.5);
  CHECK(std::abs(one.delta->bias) < 0.05);
}

TEST_CASE(
    "a design of both draws a study and its baseline together, and is not asked where there is "
    "none") {
  Experiment experiment{.jitter = 0.3, .studies = 10, .seed = 605};
  experiment.baseline.emplace().alpha = 0;
  const Power apart = power_of(experiment);
  int asked = 0;
  experiment.design_of_both = [&](const Scenario& scenario, const Scenario& baseline,
                                  RandomStream& random) {
    ++asked;
    CHECK(scenario.alpha == 0.5);
    CHECK(baseline.alpha == 0);
    auto cells = simulate(scenario, random);
    return std::pair(std::move(cells), simulate(baseline, random));
  };
  const Power together = power_of(experiment);
  CHECK(asked == 10);
  CHECK(together.delta->bias == apart.delta->bias);
  CHECK(together.alpha.width == apart.alpha.width);
  CHECK(&together.primary() == &*together.delta);
  experiment.baseline.reset();
  const Power alone = power_of(experiment);
  CHECK(asked == 10);
  CHECK(&alone.primary() == &alone.alpha);
}

TEST_CASE("without a baseline sqrt is never a verdict, and nothing solved is inconclusive") {
  Experiment experiment{.studies = 20, .seed = 603};
  experiment.scenario.seeds = 10;
  const Power alone = power_of(experiment);
  CHECK(alone.verdicts.at(Verdict::sqrt).value == 0);
  CHECK_FALSE(alone.delta);
  experiment.scenario.threshold = 1e6;
  const Power nothing = power_of(experiment);
  CHECK(nothing.alpha.studies == 0);
  CHECK_FALSE(nothing.alpha.coverage);
  CHECK(nothing.verdicts.at(Verdict::inconclusive).value == 1);
}

TEST_CASE("the seeds for a half-width are the fewest that reach it") {
  Experiment experiment{.studies = 60, .seed = 604};
  const std::optional<int> seeds = seeds_for(experiment, 0.15, 64);
  REQUIRE(seeds);
  const auto half_width = [&](int count) {
    experiment.scenario.seeds = count;
    return power_of(experiment).alpha.half_width;
  };
  CHECK(half_width(*seeds) <= 0.15);
  CHECK(half_width(*seeds - 1) > 0.15);
  CHECK_FALSE(seeds_for(experiment, 0.001, 4));
}

TEST_CASE("errors inside a simulated study come out, whatever thread they are thrown in") {
  Experiment experiment{.studies = 4, .threads = 2};
  experiment.design = [](const Scenario&, RandomStream&) -> std::vector<Cell> {
    throw InputError({.what = "no design", .where = "here", .got = "nothing"});
  };
  CHECK_THROWS_AS(power_of(experiment), InputError);
  experiment.studies = 0;
  CHECK_THROWS_AS(power_of(experiment), InputError);
}

}  // namespace
}  // namespace surd::law
