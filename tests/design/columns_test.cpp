#include "design/columns.hpp"

#include <catch2/catch.hpp>
#include <numeric>
#include <random>

#include "base/error.hpp"
#include "schedule/studies.hpp"

namespace surd::design {
namespace {

namespace test = schedule::test;
using schedule::test::Cells;
using schedule::test::make_study;
using schedule::test::Plan;
using schedule::test::trials_of;

// The rule written out the slow way over complete knowledge: a second, independent reading of the
// design.
Indexed<CellIndex, bool> cells_that_run(const grid::Study& study,
                                        const Indexed<TrialIndex, double>& accuracy) {
  Indexed<CellIndex, bool> runs(study.cells.size(), true);
  for (std::size_t column = 0; column < study.columns; ++column) {
    std::vector<CellIndex> cells;
    for (const CellIndex cell : study.cells.places()) {
      if (study.cells[cell].column == column) cells.push_back(cell);
    }
    std::sort(cells.begin(), cells.end(),
              [&](auto a, auto b) { return study.cells[a].hidden < study.cells[b].hidden; });
    int in_a_row = 0;
    for (const CellIndex cell : cells) {
      runs[cell] = in_a_row < 2;
      bool is_solved = true;
      for (const std::uint64_t seed : study.seeds) {
        double best = 0;
        for (const TrialIndex trial : trials_of(study, cell)) {
          if (study.trials[trial].seed == seed) best = std::max(best, accuracy[trial]);
        }
        is_solved = is_solved && best >= study.fit.tau;
      }
      if (runs[cell]) in_a_row = is_solved ? in_a_row + 1 : 0;
    }
  }
  return runs;
}

TEST_CASE("ascend opens the two smallest widths of every column") {
  Columns columns(make_study({.lengths = {16, 24}, .architectures = {"standard", "linear"}}));
  const Columns::Change change = columns.start();
  CHECK(change.opened == Cells{0, 2, 1, 3, 8, 10, 9, 11});  // column by column
  CHECK(change.skipped.empty());
}

TEST_CASE("grid opens everything") {
  const grid::Study study = make_study({.design = grid::Design::grid});
  Columns columns(study);
  CHECK(columns.start().opened == Cells{0, 1, 2, 3});
  for (const TrialIndex trial : study.trials.places())
    CHECK(columns.settle(trial, 1.0).skipped.empty());
}

TEST_CASE(
    "two solved widths in a row skip the larger ones, as soon as every seed has one solved rate") {
  Columns columns(
      make_study({}));  // trials of a cell: seed 1 with two rates, seed 2 with two rates
  columns.start();
  CHECK(columns.settle({0}, 0.95).skipped.empty());
  CHECK(columns.settle({2}, 0.90).skipped.empty());
  CHECK(columns.verdict({0}) == Verdict::solved);  // 0.9 is tau; the other rates are still to come
  CHECK(columns.settle({4}, 1.0).skipped.empty());
  const Columns::Change change = columns.settle({7}, 1.0);
  CHECK(change.opened.empty());
  CHECK(change.skipped == Cells{2, 3});
  for (const std::size_t late : {1UL, 3UL, 5UL, 6UL})
    CHECK(columns.settle({late}, 0).opened.empty());
}

TEST_CASE("a width opens when one of the two below it is known to be unsolved") {
  Columns columns(make_study({}));
  columns.start();
  CHECK(columns.settle({4}, 0.2).opened.empty());
  CHECK(columns.verdict({1}) == Verdict::unknown);
  // One seed without a solved rate decides the width. It is a neighbour of width 2 and of width 3.
  CHECK(columns.settle({5}, 0.899).opened == Cells{2, 3});
  CHECK(columns.verdict({1}) == Verdict::unsolved);
}

TEST_CASE("an unsolved smallest width opens one more, not two") {
  Columns columns(make_study({}));
  columns.start();
  columns.settle({0}, 0);
  CHECK(columns.settle({1}, 0).opened == Cells{2});
}

TEST_CASE("one solved width between unsolved ones does not stop a column") {
  const grid::Study study = make_study({.seeds = 1, .learning_rates = 1});
  Columns columns(study);
  columns.start();
  CHECK(columns.settle({0}, 1).opened.empty());
  CHECK(columns.settle({1}, 0).opened == Cells{2, 3});
}

TEST_CASE("a diverged trial counts as accuracy 0") {
  spec::TrialResult result = test::result_of(0.99);
  CHECK(judged_accuracy(result) == 0.99);
  result.outcome = spec::Outcome::diverged;
  CHECK(judged_accuracy(result) == 0);
}

TEST_CASE("a trial that ends twice is an error") {
  Columns columns(make_study({}));
  columns.settle({0}, 1);
  CHECK_THROWS_AS(columns.settle({0}, 1), Error);
}

TEST_CASE("standings of a half-done study") {
  const grid::Study study =
      make_study({.widths = {4, 8, 16, 32, 64}, .seeds = 1, .learning_rates = 1});
  using enum Standing;
  Indexed<TrialIndex, std::optional<double>> accuracy(5);
  CHECK(standings(study, accuracy) == std::vector{ready, ready, waiting, waiting, waiting});
  accuracy[0] = 0.1;
  CHECK(standings(study, accuracy) == std::vector{settled, ready, ready, waiting, waiting});
  accuracy[1] = accuracy[2] = 1.0;
  CHECK(standings(study, accuracy) == std::vector{settled, settled, settled, skipped, skipped});
  accuracy[4] = 0.3;  // from an earlier run of the full grid
  CHECK(standings(study, accuracy) == std::vector{settled, settled, settled, skipped, settled});
  CHECK_THROWS_AS(standings(study, Indexed<TrialIndex, std::optional<double>>(4)), Error);
}

TEST_CASE("results in any order open the same cells as the rule over complete knowledge") {
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    const grid::Study study = make_study({.lengths = {16, 24, 32},
                                          .widths = {4, 6, 8, 12, 16, 24, 32},
                                          .architectures = {"standard", "linear"},
                                          .seeds = 1 + static_cast<int>(random() % 3),
                                          .learning_rates = 1 + static_cast<int>(random() % 2)});
    Indexed<TrialIndex, double> accuracy(study.trials.size());
    const double share_solved = std::uniform_real_distribution<>(0.3, 0.95)(random);
    for (double& a : accuracy) a = std::bernoulli_distribution(share_solved)(random) ? 1.0 : 0.0;
    const Indexed<CellIndex, bool> expected = cells_that_run(study, accuracy);

    Columns columns(study);
    Indexed<CellIndex, bool> ran(study.cells.size(), false);
    Indexed<CellIndex, bool> skipped(study.cells.size(), false);
    std::vector<TrialIndex> pool;
    const auto apply = [&](const Columns::Change& change) {
      for (const CellIndex cell : change.skipped) skipped[cell] = true;
      for (const CellIndex cell : change.opened) {
        ran[cell] = true;
        for (const TrialIndex trial : trials_of(study, cell)) pool.push_back(trial);
      }
    };
    apply(columns.start());
    while (!pool.empty()) {
      std::swap(pool[random() % pool.size()], pool.back());
      const TrialIndex trial = pool.back();
      pool.pop_back();
      apply(columns.settle(trial, accuracy[trial]));
    }
    REQUIRE(ran == expected);
    skipped.flip();
    REQUIRE(skipped == expected);
  }
}

}  // namespace
}  // namespace surd::design
