#include "law/knowledge.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "law/contrast.hpp"
#include "law/next.hpp"
#include "law/simulate.hpp"

namespace surd::law {
namespace {

Scenario eight_lengths() {
  Scenario scenario;
  scenario.lengths = {16, 24, 36, 54, 81, 122, 182, 273};
  scenario.seeds = 8;
  return scenario;
}

Curve drawn(const Scenario& scenario, RandomStream& random) {
  Curve curve;
  curve.cells = simulate(scenario, random);
  for (const Cell& cell : curve.cells) {
    curve.candidates.push_back({.length = cell.length,
                                .hidden = cell.hidden,
                                .cost = cell.length * cell.hidden * cell.hidden});
  }
  return curve;
}

// Two curves whose thresholds scatter alike, then the second's own.
std::vector<Curve> pair_of(const Scenario& scenario, std::uint32_t study) {
  RandomStream random(701, Split::test, 0, study);
  Scenario shifted = scenario;
  for (std::size_t i = 0; i < scenario.lengths.size(); ++i)
    shifted.shifts.push_back(0.3 * random.normal());
  Scenario baseline = shifted;
  baseline.alpha = 0;
  return {drawn(shifted, random), drawn(baseline, random)};
}

std::unique_ptr<Knowledge> of_difference(const std::vector<Curve>& curves) {
  return knowledge_of_difference(curves, 0, 1, contrast(curves[0].cells, curves[1].cells), {});
}

double half_width(double variance) { return std::sqrt(chi_squared_95 * variance); }

TEST_CASE("the variance of a paired difference is that of its unwidened interval") {
  for (std::uint32_t study = 0; study < 5; ++study) {
    CAPTURE(study);
    const auto curves = pair_of(eight_lengths(), study);
    const Contrast found = contrast(curves[0].cells, curves[1].cells);
    REQUIRE(found.paired);
    const auto knowledge = of_difference(curves);
    REQUIRE(knowledge);
    const double interval = (*found.unwidened.high - *found.unwidened.low) / 2;
    CHECK(half_width(knowledge->variance()) == Approx(interval).epsilon(0.1));
  }
}

TEST_CASE("seeds lower the variance of a difference as was foretold, in any order") {
  for (const std::size_t lengths : {5, 8}) {  // joint, then paired
    CAPTURE(lengths);
    Scenario scenario = eight_lengths();
    scenario.lengths.resize(lengths);
    const auto curves = pair_of(scenario, 9);
    REQUIRE(contrast(curves[0].cells, curves[1].cells).paired == (lengths >= paired_from));
    const auto forth = of_difference(curves);
    const auto back = of_difference(curves);
    REQUIRE(forth);
    const std::vector<std::pair<std::size_t, std::size_t>> seeds = {{0, 3}, {1, 3},  {0, 12},
                                                                    {0, 3}, {1, 20}, {1, 28}};
    double before = forth->variance();
    for (const auto& [curve, candidate] : seeds) {
      const double foretold = forth->variance_with(curve, candidate);
      CHECK(foretold < before);
      forth->add(curve, candidate);
      CHECK(forth->variance() == Approx(foretold).epsilon(1e-9));
      before = foretold;
    }
    for (auto seed = seeds.rbegin(); seed != seeds.rend(); ++seed)
      back->add(seed->first, seed->second);
    CHECK(back->variance() == Approx(before).epsilon(1e-9));
    CHECK(back->variance_with(7, 0) == back->variance());  // of another curve
  }
}

// What is expected of many more seeds, against what they bring: 40 drawn instead of 8.
TEST_CASE("the variance that seeds are expected to leave is near that which they leave") {
  double ratio = 0;
  constexpr int studies = 10;
  for (std::uint32_t study = 0; study < studies; ++study) {
    auto curves = pair_of(eight_lengths(), 20 + study);
    const auto knowledge = of_difference(curves);
    REQUIRE(knowledge);
    RandomStream random(702, Split::test, 0, study);
    RandomStream again(701, Split::test, 0, 20 + study);
    Scenario truth = eight_lengths();
    for (std::size_t i = 0; i < truth.lengths.size(); ++i)
      truth.shifts.push_back(0.3 * again.normal());
    for (std::size_t curve : {0, 1}) {
      if (curve == 1) truth.alpha = 0;
      const Truth chances(truth, random);
      for (std::size_t i = 0; i < curves[curve].cells.size(); ++i) {
        for (int seed = 0; seed < 8; ++seed) {
          knowledge->add(curve, i);
          Cell& cell = curves[curve].cells[i];
          ++cell.seeds;
          cell.solved += chances.draw(cell.length, cell.hidden, random) ? 1 : 0;
        }
      }
    }
    const auto after = of_difference(curves);
    ratio += std::sqrt(knowledge->variance() / after->variance()) / studies;
  }
  CHECK(ratio > 0.8);
  CHECK(ratio < 1.4);  // expected of saturating cells: no more than one observation each
}

TEST_CASE("of one baseline and several others, a seed of the baseline narrows every difference") {
  const auto two = pair_of(eight_lengths(), 40);
  const auto more = pair_of(eight_lengths(), 41);
  const std::vector<Curve> curves = {two[0], more[0], two[1]};  // the baseline comes last
  Search search{.at_once = 32, .budget = 1e12};
  const Proposal alone = propose({two[0], two[1]}, search);
  const Proposal both = propose(curves, search);
  REQUIRE(both.half_width);
  const auto share = [](const Proposal& proposal, std::size_t baseline) {
    int seeds = 0;
    for (const Pick& pick : proposal.picks) seeds += pick.curve == baseline ? pick.seeds : 0;
    return static_cast<double>(seeds) / proposal.seeds;
  };
  CHECK(both.seeds == 32);
  CHECK(*both.half_width >= *alone.half_width - 1e-12);
  CHECK(share(both, 2) > share(alone, 1) * 2 / 3);
  CHECK(*both.half_width_after < *both.half_width);
}

}  // namespace
}  // namespace surd::law
