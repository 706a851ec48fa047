// Sizes in another unit: where size = a width^s L^t exactly, all that is fitted is that of the
// width transformed.
#include <catch2/catch.hpp>
#include <cmath>

#include "law/contrast.hpp"
#include "law/example.hpp"
#include "law/fit.hpp"
#include "law/power.hpp"
#include "law/reference.hpp"
#include "law/thresholds.hpp"
#include "law/verdict.hpp"

namespace surd::law {
namespace {

auto near(double value) { return Approx(value).margin(1e-6).epsilon(1e-6); }

std::vector<Cell> in_unit(std::vector<Cell> cells, const SizeLaw& law) {
  for (Cell& cell : cells) {
    cell.width = cell.hidden;
    cell.hidden = law.size(cell.length, cell.width);
    cell.unit = law.unit;
  }
  return cells;
}

// The ends of `interval` of the width's exponent, in the unit.
void check_moved(const Interval& got, const Interval& interval, double slope, double growth) {
  REQUIRE(got.low.has_value() == interval.low.has_value());
  REQUIRE(got.high.has_value() == interval.high.has_value());
  if (got.low) CHECK(*got.low == near(slope * *interval.low + growth));
  if (got.high) CHECK(*got.high == near(slope * *interval.high + growth));
}

const std::vector<double> lengths = {16, 32, 64, 128, 256};
const std::vector<double> widths = {8, 16, 32, 64, 128, 256, 512, 1024};
const std::vector<SizeLaw> laws = {
    {.constant = 3, .unit = {.noun = "state", .slope = 2, .growth = 0}},
    {.constant = -1, .unit = {.noun = "state", .slope = 1, .growth = 1}},
    {.constant = 0.5, .unit = {.noun = "FLOPs", .slope = 1.7, .growth = 0.4}}};

// Thresholds that the law misses: the interval is widened.
std::vector<Cell> scattered() {
  return example::grid(lengths, widths,
                       {{0, 0, 3, 3, 3, 3, 3, 3},
                        {0, 0, 0, 0, 2, 3, 3, 3},
                        {0, 0, 1, 3, 3, 3, 3, 3},
                        {0, 0, 0, 0, 0, 3, 2, 3},
                        {0, 0, 0, 0, 3, 3, 3, 3}});
}

// One bracketed length in three: an end of the interval is open.
std::vector<Cell> open_ended() {
  return example::grid({16, 32, 64}, {8, 16, 32}, {{0, 1, 3}, {0, 0, 1}, {0, 0, 0}});
}

TEST_CASE("an exponent and its interval are those of the width times the slope, plus the growth") {
  bool any_open = false;
  for (const auto& cells : {example::reference(), scattered(), open_ended()}) {
    const Fit width = fit(cells);
    any_open = any_open || !width.interval.closed();
    for (const SizeLaw& law : laws) {
      const auto [noun, slope, growth] = law.unit;
      CAPTURE(slope, growth, width.reason);
      const auto sized = in_unit(cells, law);
      const Fit size = fit(sized);
      REQUIRE(size.alpha.has_value() == width.alpha.has_value());
      check_moved(size.interval, width.interval, slope, growth);
      check_moved(size.unwidened, width.unwidened, slope, growth);
      if (!width.alpha) continue;
      CHECK(*size.alpha == near(slope * *width.alpha + growth));
      CHECK(*size.kappa * slope == near(*width.kappa));
      CHECK(*size.lapse == near(*width.lapse));
      CHECK(size.log_likelihood == near(width.log_likelihood));
      CHECK(size.criterion.critical == near(width.criterion.critical));
      CHECK(std::log(*size.threshold) ==
            near(std::log(law.size(std::exp(mean_log(width.lengths)), *width.threshold))));
      const auto points = free_thresholds(cells);
      const auto sizes = free_thresholds(sized);
      for (std::size_t i = 0; i < points.size(); ++i) {
        const auto in = [&](double one) { return std::log(law.size(points[i].length, one)); };
        REQUIRE(points[i].width.has_value() == sizes[i].width.has_value());
        if (points[i].width) CHECK(std::log(*sizes[i].width) == near(in(*points[i].width)));
        REQUIRE(points[i].interval.high.has_value() == sizes[i].interval.high.has_value());
        if (points[i].interval.high)
          CHECK(std::log(*sizes[i].interval.high) == near(in(*points[i].interval.high)));
      }
      CHECK(*hold_out(sized, {}).miss == near(*hold_out(cells, {}).miss));
    }
  }
  CHECK(any_open);
}

TEST_CASE("a difference of curves in units of their own is that of their transformed exponents") {
  const auto ours = example::reference();
  const auto theirs = scattered();
  const Contrast width = contrast(ours, theirs);
  // The same unit for both: delta times the slope.
  const Contrast same = contrast(in_unit(ours, laws[0]), in_unit(theirs, laws[0]));
  CHECK(*same.delta == near(2 * *width.delta));
  check_moved(same.interval, width.interval, 2, 0);
  CHECK(*width_ratio(same).ratio == near(std::pow(*width_ratio(width).ratio, 2)));
  // Of slope 2 against a state that grows with L.
  const Contrast other = contrast(in_unit(ours, laws[0]), in_unit(theirs, laws[1]));
  CHECK(*other.delta == near(2 * *fit(ours).alpha - (*fit(theirs).alpha + 1)));
}

TEST_CASE("a paired difference in one unit is that of the width times the slope") {
  Scenario scenario{.lengths = {16, 32, 64, 128, 256, 512}, .seeds = 5, .scatter = 0.2};
  RandomStream random(3, Split::test, 0, 0);
  const auto ours = simulate(scenario, random);
  scenario.alpha = 0;
  const auto theirs = simulate(scenario, random);
  const Contrast width = contrast(ours, theirs);
  REQUIRE(width.paired);
  const Contrast size = contrast(in_unit(ours, laws[0]), in_unit(theirs, laws[0]));
  CHECK(*size.delta == near(2 * *width.delta));
  check_moved(size.interval, width.interval, 2, 0);
}

TEST_CASE("words of a verdict say what is needed") {
  const auto flat =
      example::grid({16, 64, 256, 1024, 4096}, widths, {5, {0, 0, 0, 30, 30, 30, 30, 30}}, 30);
  CHECK(judge(fit(flat), nullptr, flat).words == "flat: the width needed does not grow with L");
  const auto state =
      in_unit(flat, {.constant = 0, .unit = {.noun = "state", .slope = 2, .growth = 0}});
  CHECK(judge(fit(state), nullptr, state).words == "flat: the state needed does not grow with L");
}

TEST_CASE("a simulated study whose sizes are told finds their exponent, as good as the width's") {
  Experiment experiment{.studies = 60};
  experiment.baseline = experiment.scenario;
  experiment.baseline->alpha = 0;
  const Power width = power_of(experiment);
  experiment.scenario.size = laws[0];
  experiment.baseline->size = laws[0];
  const Power size = power_of(experiment);
  CHECK(size.alpha.truth == 1);
  CHECK(size.alpha.bias == near(2 * width.alpha.bias));
  CHECK(size.alpha.half_width == near(2 * width.alpha.half_width));
  CHECK(size.alpha.coverage->value == width.alpha.coverage->value);
  CHECK(size.delta->half_width == near(2 * width.delta->half_width));
}

}  // namespace
}  // namespace surd::law
