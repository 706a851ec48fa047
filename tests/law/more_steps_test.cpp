#include "law/more_steps.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <vector>

#include "base/random.hpp"

namespace surd::law {
namespace {

const std::vector<double> audited_lengths = {16, 32, 64, 128, 256};
const std::vector<double> audited_widths = {8, 16, 32, 64, 128, 256, 512, 1024};

// Seeds with thresholds of their own; more steps lower them by `at_shortest` to `at_longest`.
struct Study {
  std::vector<Cell> cells;
  std::vector<Cell> later;  // with more steps
  std::vector<Retrained> unsolved;

  Study(RandomStream& random, double alpha, double at_shortest, double at_longest) {
    const double at_mean = std::log(64 * std::pow(2, random.uniform()));
    for (const double length : audited_lengths) {
      const double x = std::log(length / 64);
      const double delta = at_shortest + (at_longest - at_shortest) * std::log2(length / 16) / 4;
      for (const double hidden : audited_widths) {
        Cell& cell = cells.emplace_back(Cell{.length = length, .hidden = hidden, .seeds = 3});
        for (int seed = 0; seed < cell.seeds; ++seed) {
          const double u = random.uniform();
          const bool lapses = random.uniform() < 0.05;
          const double room = std::log(hidden) - at_mean - alpha * x - std::log(u / (1 - u)) / 6;
          if (!lapses && room >= 0) {
            ++cell.solved;
          } else {
            unsolved.push_back({length, hidden, !lapses && room + delta >= 0});
          }
        }
        later.push_back(cell);
        for (const Retrained& seed : unsolved) {
          if (seed.length == length && seed.hidden == hidden) later.back().solved += seed.solved;
        }
      }
    }
  }
  // The first so many in an order at random, those far from the threshold left out.
  std::vector<Retrained> sample(const Fit& fit, std::size_t most, RandomStream& random) const {
    std::vector<Retrained> near;
    for (const Retrained& seed : unsolved) {
      const double needed = *fit.threshold * std::pow(seed.length / 64, *fit.alpha);
      if (std::abs(std::log(seed.hidden / needed)) < 0.7) near.push_back(seed);
    }
    for (std::size_t i = near.size(); i > 1; --i)
      std::swap(near[i - 1], near[random.below(static_cast<std::uint32_t>(i))]);
    near.resize(std::min(near.size(), most));
    return near;
  }
};

struct Measured {
  double held = 0;   // share of studies whose range holds the truth
  double truth = 0;  // mean shift of alpha when all seeds have more steps
  double mean = 0;   // of the estimated one
  double width = 0;  // mean, of the range
};

Measured measure(int studies, double at_shortest, double at_longest, std::size_t seeds) {
  Measured all;
  int fitted = 0;
  for (int i = 0; i < studies; ++i) {
    RandomStream random(11, Split::order, static_cast<std::uint64_t>(i), 0);
    const Study study(random, 1, at_shortest, at_longest);
    const Fit law = fit(study.cells);
    const Fit after = fit(study.later);
    if (!law.alpha || !after.alpha) continue;
    const double truth = *after.alpha - *law.alpha;
    const auto shift = steps_shift(study.cells, {}, law, study.sample(law, seeds, random));
    ++fitted;
    all.held += shift->low - 1e-9 <= truth && truth <= shift->high + 1e-9 ? 1 : 0;
    all.truth += truth;
    all.mean += shift->mean;
    all.width += shift->high - shift->low;
  }
  return {all.held / fitted, all.truth / fitted, all.mean / fitted, all.width / fitted};
}

// Of four seeds one is solved at a width of the length, all at twice that.
std::vector<Cell> audited_curve() {
  std::vector<Cell> cells;
  for (const double length : audited_lengths) {
    for (const double hidden : audited_widths)
      cells.push_back({length, hidden, 4, hidden > length ? 4 : hidden == length ? 1 : 0});
  }
  return cells;
}

// The unsolved ones of the first and of the last length; solved now or not.
std::vector<Retrained> ends(bool first, bool last) {
  std::vector<Retrained> seeds;
  for (int i = 0; i < 3; ++i) {
    seeds.push_back({16, 16, first});
    seeds.push_back({256, 256, last});
  }
  return seeds;
}

}  // namespace

TEST_CASE("without an exponent more steps shift nothing and without seeds only the prior speaks") {
  CHECK_FALSE(steps_shift({}, {}, Fit{}, {}));
  const Fit law = fit(audited_curve());
  const auto prior = steps_shift(audited_curve(), {}, law, {});
  REQUIRE(prior);
  CHECK(prior->mean == Approx(0).margin(0.05));
  CHECK(prior->low < -0.15);
  CHECK(prior->high > 0.15);
}

TEST_CASE("seeds solved at one end alone shift alpha and more of them narrow its range") {
  const Fit law = fit(audited_curve());
  const auto shift = [&](const std::vector<Retrained>& seeds) {
    return steps_shift(audited_curve(), {}, law, seeds).value();
  };
  const StepsShift later = shift(ends(false, true));
  CHECK(later.high < 0);
  CHECK(later.low < later.mean);
  CHECK(later.mean < later.high);
  CHECK(shift(ends(true, false)).low > 0);
  const StepsShift none = shift(ends(false, false));
  CHECK(none.low <= 0);
  CHECK(none.high >= 0);
  const StepsShift prior = shift({});
  CHECK(none.high - none.low < 0.8 * (prior.high - prior.low));
  // Far below the threshold nothing is learnt.
  const std::vector<Retrained> far(6, {.length = 256, .hidden = 8, .solved = false});
  CHECK(shift(far).high == Approx(prior.high).margin(0.1));
  CHECK(shift(ends(false, true)).mean == later.mean);  // always the same draws
}

TEST_CASE("where all unsolved seeds were trained anew the shift is that of their new fit") {
  std::vector<Retrained> all;
  std::vector<Cell> again = audited_curve();
  for (Cell& cell : again) {
    const bool solves = cell.hidden == cell.length && cell.length > 64;
    for (int i = cell.solved; i < cell.seeds; ++i)
      all.push_back({cell.length, cell.hidden, solves});
    if (solves) cell.solved = cell.seeds;
  }
  const Fit law = fit(audited_curve());
  const StepsShift shift = steps_shift(audited_curve(), {}, law, all).value();
  CHECK(shift.mean == Approx(*fit(again).alpha - *law.alpha).margin(1e-4));
  CHECK(shift.low == Approx(shift.high).margin(1e-9));
}

TEST_CASE("the range of a shift holds the truth") {
  for (const auto& [at_shortest, at_longest] : {std::pair{0.0, 0.0}, std::pair{0.0, 0.55}}) {
    const Measured few = measure(100, at_shortest, at_longest, 8);
    CAPTURE(at_longest, few.held, few.truth, few.mean, few.width);
    CHECK(few.held >= 0.9);
  }
}

// docs/statistics.md has what it prints.
TEST_CASE("coverage of the range of a shift", "[.simulation]") {
  for (const auto& [at_shortest, at_longest] :
       {std::pair{0.0, 0.0}, std::pair{0.28, 0.28}, std::pair{0.0, 0.55}, std::pair{0.55, 0.0}}) {
    for (const std::size_t seeds : {std::size_t{4}, std::size_t{8}, std::size_t{16}}) {
      const Measured all = measure(1000, at_shortest, at_longest, seeds);
      std::printf(
          "delta %.2f to %.2f, %2zu seeds: shift %+.2f, held %.3f, mean %+.2f, width %.2f\n",
          at_shortest, at_longest, seeds, all.truth, all.held, all.mean, all.width);
    }
  }
}

}  // namespace surd::law
