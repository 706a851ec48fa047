#include "law/searched.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "base/error.hpp"
#include "law/simulate.hpp"

namespace surd::law {
namespace {

Scenario of_seven_lengths() {
  Scenario scenario;
  scenario.lengths = {16, 25, 40, 64, 102, 161, 256};
  return scenario;
}

std::vector<Curve> without_seeds_yet(int most, std::size_t curves = 1) {
  Curve curve;
  const Scenario scenario = of_seven_lengths();
  for (const double length : scenario.lengths) {
    for (const double width : scenario.widths) {
      curve.candidates.push_back(
          {.length = length, .hidden = width, .cost = length * width * width, .most = most});
    }
  }
  return std::vector<Curve>(curves, curve);
}

struct Drawn {
  RandomStream random;
  Truth truth;
  explicit Drawn(std::uint64_t seed)
      : random(seed, Split::test, 0, 0), truth(of_seven_lengths(), random) {}
  Draw draw() {
    return [this](std::size_t, const Candidate& candidate) {
      return truth.draw(candidate.length, candidate.hidden, random);
    };
  }
};

int seeds_of(const Curve& curve) {
  int seeds = 0;
  for (const Cell& cell : curve.cells) seeds += cell.seeds;
  return seeds;
}

}  // namespace

TEST_CASE("a search ends with all results known and a look at them that reaches the half-width") {
  const std::uint64_t seed = 631;
  CAPTURE(seed);
  Drawn drawn(seed);
  const Searched found =
      search_through(without_seeds_yet(32), {.at_once = 16, .half_width = 0.4}, drawn.draw());
  CHECK(found.look.reached);
  CHECK(found.look.half_widths[0] <= 0.4);
  CHECK(seeds_of(found.curves[0]) == found.seeds);
  for (const Candidate& candidate : found.curves[0].candidates) CHECK(candidate.running == 0);
  const Look again = look(found.curves, 0.4);
  CHECK(again.alphas[0].value == found.look.alphas[0].value);
  CHECK(found.rounds <= found.seeds);
}

TEST_CASE("a round is proposed while the one before runs, from what was known before that") {
  const std::uint64_t seed = 632;
  CAPTURE(seed);
  Drawn drawn(seed);
  int round = 0;
  int before = 0;  // seeds of the round before
  int known = 0;
  const Searched found =
      search_through(without_seeds_yet(8), {.at_once = 8, .half_width = 0.5}, drawn.draw(),
                     [&](const std::vector<Curve>& curves, const Search& search) {
                       int running = 0;
                       for (const Candidate& candidate : curves[0].candidates)
                         running += candidate.running;
                       CHECK(running == before);
                       CHECK(seeds_of(curves[0]) == known);
                       Proposal proposal = propose(curves, search);
                       CHECK(proposal.seeds <= 8);
                       known += before;
                       before = proposal.seeds;
                       ++round;
                       return proposal;
                     });
  CHECK(round > 3);
  CHECK(found.seeds >= known);
}

TEST_CASE("a search keeps to its budget, to the seeds of a cell, and ends where nothing is left") {
  const std::uint64_t seed = 633;
  CAPTURE(seed);
  Drawn drawn(seed);
  const Searched poor =
      search_through(without_seeds_yet(8), {.at_once = 16, .budget = 5e6}, drawn.draw());
  CHECK(poor.cost > 0);
  CHECK(poor.cost <= 5e6);
  CHECK_FALSE(poor.look.reached);
  const Searched few = search_through(without_seeds_yet(2), {.at_once = 16}, drawn.draw());
  for (const Cell& cell : few.curves[0].cells) CHECK(cell.seeds <= 2);
  CHECK_THROWS_AS(search_through({}, {}, drawn.draw()), InputError);
}

// A small version of `surd-bench search`. 60 studies: with a true coverage of .93 fewer than 47
// hold the truth with a probability of 1e-4; the same of the share that scatters.
TEST_CASE("intervals hold the truth in searches that stop where they are narrow") {
  constexpr int studies = 60;
  const std::uint64_t seed = 634;
  CAPTURE(seed);
  for (const double scatter : {0.0, 0.2}) {
    CAPTURE(scatter);
    int covered = 0;
    int reached = 0;
    for (int study = 0; study < studies; ++study) {
      RandomStream random(seed, Split::test, static_cast<std::uint64_t>(study), 0);
      Scenario scenario = of_seven_lengths();
      scenario.scatter = scatter;
      const Truth truth(scenario, random);
      const Searched found =
          search_through(without_seeds_yet(8), {.at_once = 16, .half_width = 0.3},
                         [&](std::size_t, const Candidate& candidate) {
                           return truth.draw(candidate.length, candidate.hidden, random);
                         });
      covered += found.look.alphas[0].interval.contains(scenario.alpha);
      reached += found.look.reached;
    }
    CHECK(covered >= 47);
    CHECK(reached > studies / 4);
  }
}

}  // namespace surd::law
