#include "schedule/forecast.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "grid/plan.hpp"
#include "schedule/studies.hpp"
#include "spec/memory.hpp"

namespace surd::schedule {
namespace {

using test::make_study;

TEST_CASE("a cell's FLOPs are those of its plan") {
  const grid::Study study = make_study({});
  const Forecast forecast(study, {});
  for (const CellIndex cell : study.cells.places())
    CHECK(forecast.trial_flops(cell) == grid::trial_cost(study.cells[cell]).flops());
}

TEST_CASE("a rate starts at the calibration, times the ranks of a team") {
  grid::Study study = make_study({});
  study.run.data_parallel = 4;
  const Forecast forecast(study, {{"cpu", 1e9}});
  CHECK(forecast.rate_flops_s("cpu", {0}, 1) == 4e9);
  CHECK_FALSE(forecast.rate_flops_s("NVIDIA H100", {0}, 1));
}

TEST_CASE("a rate follows measurements of the nearest class") {
  const grid::Study study =
      make_study({.widths = {4, 5, 64}, .architectures = {"standard", "linear"}});
  Forecast forecast(study, {{"cpu", 1e9}});
  forecast.measured("cpu", {0}, 1, 6e9, 3);  // width 4, standard
  CHECK(forecast.rate_flops_s("cpu", {0}, 1) == 2e9);
  CHECK(forecast.rate_flops_s("cpu", {2}, 1) == 2e9);  // width 5: the same octave
  CHECK(forecast.rate_flops_s("cpu", {4}, 1) == 2e9);  // width 64: the architecture
  CHECK(forecast.rate_flops_s("cpu", {1}, 1) == 2e9);  // linear: the device
  forecast.measured("cpu", {4}, 1, 9e9, 1);
  CHECK(forecast.rate_flops_s("cpu", {4}, 1) == 9e9);
  CHECK(forecast.rate_flops_s("cpu", {0}, 1) == 2e9);
}

TEST_CASE("lanes trained together have a rate of their own") {
  const grid::Study study = make_study({});
  Forecast forecast(study, {});
  forecast.measured("gpu", {0}, 1, 1e9, 1);
  forecast.measured("gpu", {0}, 12, 8e9, 1);
  CHECK(forecast.rate_flops_s("gpu", {0}, 1) == 1e9);
  CHECK(forecast.rate_flops_s("gpu", {0}, 8) == 8e9);
}

TEST_CASE("one wild measurement does not move a rate") {
  const grid::Study study = make_study({});
  Forecast forecast(study, {});
  for (int i = 0; i < 4; ++i) forecast.measured("cpu", {0}, 1, 1e9, 1);
  forecast.measured("cpu", {0}, 1, 1e9, 1000);
  CHECK(forecast.rate_flops_s("cpu", {0}, 1) == 1e9);
  for (int i = 0; i < 9; ++i) forecast.measured("cpu", {0}, 1, 1e9, 2);  // a lasting change does
  CHECK(forecast.rate_flops_s("cpu", {0}, 1) == 5e8);
}

TEST_CASE("measurements without work or time are ignored") {
  const grid::Study study = make_study({});
  Forecast forecast(study, {});
  forecast.measured("cpu", {0}, 1, 0, 1);
  forecast.measured("cpu", {0}, 1, 1, 0);
  forecast.measured("cpu", {0}, 1, std::numeric_limits<double>::quiet_NaN(), 1);
  CHECK_FALSE(forecast.rate_flops_s("cpu", {0}, 1));
}

TEST_CASE("the expected share of steps is learnt for each task and architecture") {
  const grid::Study study = make_study({.architectures = {"standard", "linear"}});
  Forecast forecast(study, {});
  CHECK(forecast.expected_share({0}) == 1);
  forecast.finished({0}, 0.2);
  CHECK(forecast.expected_share({2}) == Approx(0.6));
  CHECK(forecast.expected_share({1}) == 1);
}

TEST_CASE("memory bounds the lanes trained together, and one lane always runs") {
  const grid::Study study = make_study({});
  const grid::Cell& cell = study.cells[0];
  const spec::ModelShape shape = spec::shape(cell);
  const double lane_bytes =
      spec::lane_bytes(shape, spec::load(cell.recipe, cell.mean, false, 1, 1));
  CHECK(lanes_that_fit(cell, lane_bytes * 10) == 9);
  CHECK(lanes_that_fit(cell, 1) == 1);
}

}  // namespace
}  // namespace surd::schedule
