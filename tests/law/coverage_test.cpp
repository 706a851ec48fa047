// The coverage study in small: `surd-bench coverage` is the large one.
#include <catch2/catch.hpp>
#include <cmath>

#include "base/random.hpp"
#include "law/contrast.hpp"
#include "law/power.hpp"
#include "law/simulate.hpp"

namespace surd::law {
namespace {

// 200 studies: a binomial with p = .95 has sd 3.1, so below 178 has probability 1e-4 and says that
// the interval is wrong.
constexpr int simulated = 200;
constexpr double least = 178.0 / simulated;
const double half_an_octave = std::log(2.0) / 2;

TEST_CASE("95 % intervals cover the true exponent in simulated studies of the base scenario") {
  for (const double alpha : {0.0, 0.5, 1.0}) {
    Experiment experiment{.jitter = half_an_octave, .studies = simulated, .seed = 402};
    CAPTURE(experiment.seed, alpha);
    experiment.scenario.alpha = alpha;
    const Power power = power_of(experiment);
    REQUIRE(power.alpha.studies == simulated);
    CHECK(power.alpha.coverage->value >= least);
    CHECK(std::abs(power.alpha.bias) < 0.03);  // four standard errors
    CHECK(power.alpha.standard_deviation ==
          Approx(0.102).margin(0.03));  // the standard error with 3 seeds
  }
}

TEST_CASE("thresholds that scatter about the law are covered by the widened interval only") {
  Experiment experiment{.jitter = half_an_octave, .studies = simulated, .seed = 404};
  CAPTURE(experiment.seed);
  experiment.scenario.scatter = 0.4;
  const Power power = power_of(experiment);
  CHECK(power.alpha.coverage->value >= least);
  CHECK(power.alpha.coverage_unwidened->value < 0.85);
}

TEST_CASE("a lapse that grows with the length is covered, and hardly biases the exponent") {
  Experiment experiment{.jitter = half_an_octave, .studies = simulated, .seed = 405};
  CAPTURE(experiment.seed);
  experiment.scenario.lapse_shortest = 0.02;
  experiment.scenario.lapse_longest = 0.40;
  const Power power = power_of(experiment);
  CHECK(power.alpha.coverage->value >= least);
  CHECK(std::abs(power.alpha.bias) < 0.06);
}

TEST_CASE("95 % intervals of the difference cover the true one") {
  Experiment experiment{.jitter = half_an_octave, .studies = 100, .seed = 403};
  experiment.baseline.emplace().alpha = 0.1;
  CAPTURE(experiment.seed);
  const Power power = power_of(experiment);
  REQUIRE(power.delta);
  REQUIRE(power.delta->studies == 100);
  CHECK(power.delta->coverage->value >= 0.86);  // probability 1e-4 below
}

TEST_CASE("95 % intervals of the ratio of two widths cover the true one") {
  constexpr int pairs = 100;
  const Scenario efficient{.alpha = 0.5, .threshold = 90.5};
  const Scenario baseline{.alpha = 0.1, .threshold = 45.25};
  const double factor = 256 / 64.0;  // the largest length over the geometric mean
  int covered = 0;
  double bias = 0;
  for (std::uint32_t i = 0; i < pairs; ++i) {
    RandomStream random(406, Split::test, 0, i);
    const auto shifted = [&](Scenario one) {
      one.threshold *= std::exp(half_an_octave * (2 * random.uniform() - 1));
      return one;
    };
    const Scenario ours = shifted(efficient);
    const Scenario theirs = shifted(baseline);
    const double truth =
        ours.threshold / theirs.threshold * std::pow(factor, efficient.alpha - baseline.alpha);
    const auto our_cells = simulate(ours, random);
    const WidthRatio found = width_ratio(contrast(our_cells, simulate(theirs, random)));
    REQUIRE(found.length == 256);
    bias += std::log(*found.ratio / truth) / pairs;
    covered += found.interval.contains(truth) ? 1 : 0;
  }
  CHECK(std::abs(bias) < 0.15);  // four standard errors of .36 in one study
  CHECK(covered >= 86);          // probability 1e-4 below, were each 95 %
  CHECK(covered < pairs);        // an interval that holds everything says nothing
}

}  // namespace
}  // namespace surd::law
