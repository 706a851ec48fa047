#include "law/bracketing.hpp"
#include "law/falling.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "base/random.hpp"
#include "law/example.hpp"
#include "law/fit.hpp"
#include "law/simulate.hpp"

namespace surd::law {
namespace {

const std::vector<double> three_lengths = {16, 32, 64};
const std::vector<double> six_widths = {8, 16, 32, 64, 128, 256};

TEST_CASE("success at middle widths only: the wide ones that fail are named") {
  const Falling found = falling(example::grid(
      three_lengths, six_widths, {{0, 0, 3, 3, 0, 0}, {0, 0, 3, 3, 0, 0}, {0, 0, 3, 3, 0, 0}}));
  CHECK(found.found());
  CHECK(found.p < 1e-6);
  CHECK(found.widths == std::vector<double>{128, 256});
  CHECK(found.failed == 18);
  CHECK(found.of == 18);
  CHECK(found.failed_narrower == 0);
  CHECK(found.of_narrower == 18);
}

TEST_CASE("success that falls from the narrowest width on is found") {
  const Falling found = falling(
      example::grid(three_lengths, {8, 16, 32, 64}, {{3, 3, 0, 0}, {3, 3, 0, 0}, {3, 3, 0, 0}}));
  CHECK(found.found());
  CHECK(found.widths == std::vector<double>{32, 64});
}

// The chance of the hump above, by listing all placements in Python for four widths a length, the
// first of which has at most one failure.
TEST_CASE("the first width that most seeds solve counts as chosen for that") {
  const Falling found = falling(
      example::grid(three_lengths, {8, 16, 32, 64}, {{3, 3, 0, 0}, {3, 3, 0, 0}, {3, 3, 0, 0}}));
  CHECK(found.p == Approx(1.0140843333624579e-08).epsilon(1e-9));
}

TEST_CASE("success that rises or stays is no fall, nor is a length without a solved width") {
  CHECK_FALSE(falling(example::reference()).found());
  CHECK_FALSE(falling({}).found());
  CHECK(falling({}).widths.empty());
  const auto none = example::grid(three_lengths, six_widths,
                                  {{0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, {1, 1, 1, 0, 0, 0}});
  CHECK(falling(none).p == 1);
}

// 2,000 studies at a steep threshold and many lapses, where the exact test is least conservative:
// at a rate of .05 more than 130 have a chance of 1e-3.
TEST_CASE("where the law holds a fall is found in at most one study of twenty") {
  RandomStream random(31, Split::test, 0, 0);
  Scenario scenario{.kappa = 20, .lapse_shortest = 0.25, .lapse_longest = 0.25};
  int found = 0;
  for (int study = 0; study < 2000; ++study) found += falling(simulate(scenario, random)).found();
  CHECK(found < 130);
  CHECK(found > 10);
}

TEST_CASE("success that falls to half at the two widest of eight widths is mostly found") {
  RandomStream random(32, Split::test, 0, 0);
  const Scenario scenario{.seeds = 5};
  int found = 0;
  for (int study = 0; study < 200; ++study) {
    auto cells = simulate(scenario, random);
    for (Cell& cell : cells) {
      if (cell.hidden < 512) continue;
      for (int solved = cell.solved; solved > 0; --solved)
        cell.solved -= random.uniform() < 0.5 ? 1 : 0;
    }
    found += falling(cells).found();
  }
  CHECK(found > 160);  // .93 in `surd-bench alarms`
}

TEST_CASE(
    "a length where only wide widths fail does not bracket a threshold, and the words say so") {
  const auto cells =
      example::grid(three_lengths, {8, 16, 32, 64}, {{3, 3, 0, 0}, {3, 3, 0, 0}, {3, 3, 0, 0}});
  const Bracketing found = bracketing(cells);
  CHECK(found.bracketed == 0);
  CHECK(found.open ==
        "success falls with the width at lengths 16, 32, 64: narrow widths are solved, from 32 on "
        "they are not; run more steps or smaller learning rates at the wide ones, and smaller "
        "widths");
  const Fit fit = law::fit(cells);
  CHECK(fit.reason.find("every width") == std::string::npos);
  CHECK(fit.reason.find("around the threshold") == std::string::npos);
}

}  // namespace
}  // namespace surd::law
