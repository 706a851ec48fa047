// Scatter about the law that a pilot shows, against the scatter that it was drawn with.
#include "law/scatter.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <iostream>
#include <vector>

#include "law/example.hpp"
#include "law/simulate.hpp"

namespace surd::law {
namespace {

// Root of the mean square: what counts for the intervals of a planned study.
double found(Scenario scenario, double deviation, int pilots) {
  scenario.scatter = deviation;
  double sum = 0;
  int count = 0;
  for (int pilot = 0; pilot < pilots; ++pilot) {
    RandomStream random(7, Split::test, static_cast<std::uint64_t>(pilot), 0);
    Scenario one = scenario;
    one.threshold *= std::exp(0.35 * (2 * random.uniform() - 1));
    const auto cells = simulate(one, random);
    const Fit fitted = fit(cells);
    const Scatter scatter = scatter_of(cells, {}, fitted);
    if (!scatter.deviation) continue;
    sum += *scatter.deviation * *scatter.deviation;
    ++count;
  }
  return std::sqrt(sum / count);
}

// 60 pilots of a kind; the table of docs/statistics.md has 200.
TEST_CASE("the scatter that pilots show is on the average that which they were drawn with") {
  Scenario scenario;
  scenario.lengths = {16, 32, 64, 128, 256, 512, 1024};
  scenario.seeds = 5;
  CHECK(found(scenario, 0, 30) < 0.15);
  CHECK(found(scenario, 0.4, 30) == Approx(0.4).margin(0.1));
}

TEST_CASE("thresholds on the law have no scatter, and too few lengths tell none") {
  const auto cells = example::reference();
  const Fit fitted = fit(cells);
  REQUIRE(fitted.lack_of_fit < fitted.lack_of_fit_degrees);
  CHECK(*scatter_of(cells, {}, fitted).deviation == 0);
  std::vector<Cell> two;
  for (const Cell& cell : cells) {
    if (cell.length == 16 || cell.length == 256) two.push_back(cell);
  }
  CHECK_FALSE(scatter_of(two, {}, fit(two)).deviation);
}

TEST_CASE("the same cells give the same scatter, with steepness and lapse of free thresholds") {
  const auto cells = example::grid({16, 32, 64, 128, 256}, {8, 16, 32, 64, 128, 256},
                                   {{0, 0, 10, 10, 10, 10},
                                    {0, 0, 0, 0, 9, 10},
                                    {0, 1, 10, 10, 10, 10},
                                    {0, 0, 0, 0, 0, 10},
                                    {0, 0, 0, 10, 10, 9}},
                                   10);
  const Fit fitted = fit(cells);
  const Scatter once = scatter_of(cells, {}, fitted);
  CHECK(*once.deviation > 0.3);
  CHECK(once.kappa > *fitted.kappa);
  CHECK(*scatter_of(cells, {}, fitted).deviation == *once.deviation);
}

TEST_CASE("table of scatter found in pilots", "[.table]") {
  for (const int seeds : {3, 10}) {
    for (const std::size_t m : {std::size_t{5}, std::size_t{8}}) {
      Scenario scenario;
      scenario.seeds = seeds;
      scenario.lengths.clear();
      for (std::size_t i = 0; i < m; ++i)
        scenario.lengths.push_back(16 * std::pow(2, static_cast<double>(i)));
      for (const double deviation : {0.0, 0.2, 0.4})
        std::cout << seeds << " seeds, m " << m << ": " << deviation << " found "
                  << found(scenario, deviation, 200) << std::endl;
    }
  }
}

}  // namespace
}  // namespace surd::law
