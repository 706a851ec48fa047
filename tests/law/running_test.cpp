// Proposals while seeds run, and of candidates of which few seeds are left.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "base/error.hpp"
#include "law/next.hpp"
#include "law/simulate.hpp"

namespace surd::law {
namespace {

Curve unrun(const Scenario& scenario) {
  Curve curve;
  for (const double length : scenario.lengths) {
    for (const double width : scenario.widths) {
      curve.cells.push_back({.length = length, .hidden = width});
      curve.candidates.push_back(
          {.length = length, .hidden = width, .cost = length * width * width});
    }
  }
  return curve;
}

Curve with_results(std::uint64_t seed, int seeds = 3) {
  RandomStream random(seed, Split::test, 0, 0);
  Scenario scenario;
  scenario.seeds = seeds;
  Curve curve = unrun(scenario);
  curve.cells = simulate(scenario, random);
  return curve;
}

Search of(int at_once, std::optional<double> half_width = {}) {
  return {.at_once = at_once, .budget = 1e12, .half_width = half_width};
}

void start(Curve& curve, const Proposal& proposal) {
  for (const Pick& pick : proposal.picks) curve.candidates[pick.candidate].running += pick.seeds;
}

TEST_CASE("at the smallest width seeds that disagree get further ones until they tip") {
  const auto column = [](int seeds, int solved, int running = 0) {
    Column one{.length = 16, .places = {}};
    one.places.push_back({.log_hidden = std::log(4.0),
                          .seeds = seeds,
                          .solved = solved,
                          .candidate = 0,
                          .cost = 1,
                          .running = running});
    one.places.push_back({.log_hidden = std::log(8.0), .candidate = 1, .cost = 4});
    return one;
  };
  const auto tried = [&](const Column& one) {
    return places_to_try(one, boundaries({one}).front());
  };
  using Places = std::vector<std::size_t>;
  CHECK(tried(column(2, 1)) == Places{0});  // as likely solved as not, and nothing is below
  CHECK(tried(column(2, 1, 1)).empty());    // one runs
  CHECK(tried(column(3, 1)) == Places{1});  // most are unsolved: the end above is looked for
  CHECK(tried(column(8, 4)).empty());       // they do not tip
}

}  // namespace

TEST_CASE("no more seeds are proposed of a candidate than are left of it") {
  Curve curve = with_results(611);
  for (Candidate& candidate : curve.candidates) candidate.most = candidate.hidden == 128 ? 0 : 2;
  for (const Strategy strategy : {Strategy::per_flop, Strategy::replicates}) {
    Search search = of(64);
    search.strategy = strategy;
    const Proposal proposal = propose({curve}, search);
    REQUIRE(proposal.seeds > 0);
    for (const Pick& pick : proposal.picks) {
      CHECK(curve.candidates[pick.candidate].hidden != 128);
      CHECK(pick.seeds <= 2);
    }
  }
  for (Candidate& candidate : curve.candidates) candidate.most = 0;
  const Proposal none = propose({curve}, of(64));
  CHECK(none.picks.empty());
  CHECK(none.reason == "every seed that may be run was run: allow more, or add widths");
}

TEST_CASE("bisection waits for the place that runs, and goes deeper where that is cheap") {
  Curve curve = unrun({});
  const Proposal first = propose({curve}, of(1000));
  start(curve, first);
  const Proposal second = propose({curve}, of(1000));
  for (const Pick& pick : second.picks) {
    CAPTURE(curve.candidates[pick.candidate].length, curve.candidates[pick.candidate].hidden);
    CHECK(curve.candidates[pick.candidate].running == 0);
  }
  // Where all that was useful runs, nothing more is, and what is waited for is said.
  start(curve, second);
  const Proposal third = propose({curve}, of(1000));
  CHECK(third.picks.empty());
  CHECK(third.reason == "what runs now decides where further seeds are useful");
  CHECK(second.cost < first.cost);
}

TEST_CASE("an expensive untried width between two that run is not tried before they tell") {
  Curve curve;
  for (const double width : {8.0, 16.0, 32.0, 64.0, 128.0}) {
    curve.candidates.push_back({.length = 16, .hidden = width, .cost = width * width});
  }
  curve.candidates[2].running = 1;
  const Proposal proposal = propose({curve}, of(16));
  for (const Pick& pick : proposal.picks) CHECK(curve.candidates[pick.candidate].hidden < 32);
}

TEST_CASE("a boundary is not bracketed while an untried width between runs") {
  Curve curve;
  for (const double length : {16.0, 64.0}) {
    for (const double width : {8.0, 16.0, 32.0}) {
      const int seeds = width == 16 ? 0 : 2;
      curve.cells.push_back(
          {.length = length, .hidden = width, .seeds = seeds, .solved = width > 16 ? seeds : 0});
      curve.candidates.push_back(
          {.length = length, .hidden = width, .cost = 1, .most = 0, .running = width == 16});
    }
  }
  CHECK(propose({curve}, of(8)).open.size() == 2);
  for (Candidate& candidate : curve.candidates) candidate.running = 0;  // and none is left
  CHECK(propose({curve}, of(8)).open.empty());
}

TEST_CASE("beside a width whose seeds disagree the other end of the bracket is tried") {
  // Solved at 32, and by one of two seeds at 16: whether 8 is unsolved is not known.
  Curve curve;
  for (const double length : {16.0, 64.0}) {
    for (const double width : {8.0, 16.0, 32.0}) {
      const int seeds = width == 8 ? 0 : 2;
      curve.cells.push_back(
          {.length = length, .hidden = width, .seeds = seeds, .solved = width == 16 ? 1 : seeds});
      curve.candidates.push_back({.length = length, .hidden = width, .cost = 1});
    }
  }
  const Proposal proposal = propose({curve}, of(2));
  CHECK(proposal.open.empty());
  REQUIRE(proposal.picks.size() == 2);
  for (const Pick& pick : proposal.picks) {
    CHECK(curve.candidates[pick.candidate].hidden == 8);
    CHECK(pick.purpose == Purpose::bracket);
  }
  start(curve, proposal);
  CHECK(propose({curve}, of(2)).picks.empty());
}

TEST_CASE("what runs counts as run: further seeds go on from there") {
  Curve curve = with_results(612, 8);
  const Proposal first = propose({curve}, of(8));
  REQUIRE(first.seeds == 8);
  start(curve, first);
  const Proposal second = propose({curve}, of(8));
  REQUIRE(second.seeds > 0);
  REQUIRE(first.half_width);
  CHECK(*second.half_width == Approx(*first.half_width));
  CHECK(*second.half_width_after < *first.half_width_after);
  // As if they had been asked for at once.
  Curve before = with_results(612, 8);
  const Proposal both = propose({before}, of(8 + second.seeds));
  std::map<std::size_t, int> seeds;
  for (const Pick& pick : both.picks) seeds[pick.candidate] += pick.seeds;
  for (const Proposal& part : {first, second}) {
    for (const Pick& pick : part.picks) seeds[pick.candidate] -= pick.seeds;
  }
  for (const auto& [candidate, left] : seeds) CHECK(left == 0);
  // Where what runs is expected to reach the half-width nothing is added.
  const Proposal enough = propose({curve}, of(8, *first.half_width_after * 1.001));
  CHECK(enough.picks.empty());
  CHECK(enough.reason == "what runs is expected to reach the half-width");
}

TEST_CASE("what is expected is in proportion to the half-width that is reported") {
  const Curve curve = with_results(613);
  const Proposal unwidened = propose({curve}, of(8));
  REQUIRE(unwidened.half_width);
  Look seen = look({curve}, {});
  seen.half_widths = {2 * *unwidened.half_width};
  Search search = of(8);
  search.look = &seen;
  const Proposal widened = propose({curve}, search);
  CHECK(*widened.half_width == Approx(2 * *unwidened.half_width));
  CHECK(*widened.half_width_after == Approx(2 * *unwidened.half_width_after));
  search.half_width = *unwidened.half_width * 1.01;  // would be reached, but for the widening
  CHECK(propose({curve}, search).seeds > 0);
  seen.half_widths = {INFINITY};
  CHECK_FALSE(propose({curve}, search).half_width.has_value());
  CHECK(propose({curve}, search).seeds > 0);
  CHECK_THROWS_AS(propose({curve, curve, curve}, search), InputError);
}

TEST_CASE("fewer than no seeds running or left are refused") {
  Curve curve = unrun({});
  curve.candidates[1].running = -1;
  CHECK_THROWS_AS(propose({curve}, of(1)), InputError);
  curve.candidates[1].running = 0;
  curve.candidates[1].most = -1;
  CHECK_THROWS_AS(propose({curve}, of(1)), InputError);
}

}  // namespace surd::law
