// Which learning rate stands for a cell, which width for a task, and what is counted until a trial
// is solved.
#include "analysis/findings/steps.hpp"
#include "analysis/report/steps_output.hpp"

#include <catch2/catch.hpp>

namespace surd::analysis {
namespace {

// A trial of lookup 8 that trained 1,000 steps of 10 tokens in 100 s.
store::ResultRow row(int hidden, double learning_rate, int seed, int steps_to_solve,
                     double accuracy) {
  store::ResultRow row;
  row.task = "lookup";
  row.size = 8;
  row.length = 16;
  row.architecture = "standard";
  row.hidden = hidden;
  row.learning_rate = learning_rate;
  row.seed = seed;
  row.status = "finished";
  row.steps = 1000;
  row.steps_to_solve = steps_to_solve;
  row.tokens = 10'000;
  row.seconds = 100;
  row.accuracy_validation = row.accuracy_test = accuracy;
  return row;
}

TEST_CASE("steps: a cell is shown at the rate that solves most seeds, then in the fewest steps") {
  const std::vector<store::ResultRow> rows = {row(8, 1e-2, 0, 400, 1), row(8, 1e-2, 1, 600, 1),
                                              row(8, 2e-2, 0, 300, 1), row(8, 2e-2, 1, -1, 0.5),
                                              row(8, 3e-2, 0, 500, 1), row(8, 3e-2, 1, 700, 1)};
  const auto cells = steps_to_solve(rows);
  REQUIRE(cells.size() == 1);
  CHECK(cells[0].learning_rate == 1e-2);
  CHECK(cells[0].solved == 2);
  CHECK(cells[0].seeds == 2);
  CHECK(cells[0].steps == 500);
  CHECK(cells[0].tokens == 5000);
  CHECK(cells[0].seconds == Approx(50));
}

TEST_CASE("steps: an unsolved cell is shown at its most accurate rate and has no steps") {
  const auto cells = steps_to_solve(
      std::vector{row(8, 1e-2, 0, -1, 0.2), row(8, 2e-2, 0, -1, 0.7), row(8, 3e-2, 0, -1, 0.4)});
  REQUIRE(cells.size() == 1);
  CHECK(cells[0].learning_rate == 2e-2);
  CHECK(cells[0].solved == 0);
  CHECK_FALSE(cells[0].steps);
  CHECK(to_json(cells)["cells"][0]["steps"].is_null());
}

TEST_CASE("steps: trials without a result do not count, diverged ones do") {
  std::vector<store::ResultRow> rows = {row(8, 1e-2, 0, 400, 1), row(8, 1e-2, 1, -1, 0),
                                        row(8, 1e-2, 2, -1, 0)};
  rows[1].status = "diverged";
  rows[2].status = "skipped";
  const auto cells = steps_to_solve(rows);
  REQUIRE(cells.size() == 1);
  CHECK(cells[0].solved == 1);
  CHECK(cells[0].seeds == 2);
}

TEST_CASE("steps: further axes make cells of their own") {
  std::vector<store::ResultRow> rows = {row(8, 1e-2, 0, 400, 1), row(8, 1e-2, 0, 100, 1)};
  rows[0].further = {{"model.heads", 1}};
  rows[1].further = {{"model.heads", 4}};
  const auto cells = steps_to_solve(rows);
  REQUIRE(cells.size() == 2);
  CHECK(cells[0].axes == "model.heads=1");
  CHECK(cells[1].steps == 100);
}

TEST_CASE(
    "steps: the smallest width that every seed solves stands for a task, else the nearest to it") {
  const auto cells = steps_to_solve(std::vector{row(4, 1e-2, 0, 900, 1), row(4, 1e-2, 1, -1, 0.4),
                                                row(16, 1e-2, 0, 200, 1), row(16, 1e-2, 1, 200, 1),
                                                row(8, 1e-2, 0, 700, 1), row(8, 1e-2, 1, 500, 1)});
  const auto smallest = smallest_solved(cells);
  REQUIRE(smallest.size() == 1);
  CHECK(smallest[0].hidden == 8);

  const auto nearest = smallest_solved(std::span(cells).first(1));
  REQUIRE(nearest.size() == 1);
  CHECK(nearest[0].solved == 1);
}

}  // namespace
}  // namespace surd::analysis
