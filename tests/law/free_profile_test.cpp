// Against the profile over all parameters, which is what it stands for.
#include "law/free_profile.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "base/random.hpp"
#include "law/fit.hpp"
#include "law/simulate.hpp"
#include "law/thresholds.hpp"

namespace surd::law {
namespace {

void check_equal(const std::optional<double>& found, const std::optional<double>& wanted) {
  REQUIRE(found.has_value() == wanted.has_value());
  if (wanted) CHECK(*found == Approx(*wanted).margin(1e-6));
}

Scenario many_lengths(int count) {
  Scenario scenario{.lengths = {}, .widths = {8, 12, 16, 24, 32, 48, 64, 96}, .threshold = 26};
  for (int i = 0; i < count; ++i) scenario.lengths.push_back(16 + 4 * i);
  return scenario;
}

TEST_CASE("of many lengths each threshold has the interval of its profile") {
  const std::uint64_t seed = 20261130;
  CAPTURE(seed);
  for (const int seeds : {1, 3, 20}) {
    for (const bool lapse : {true, false}) {
      for (const double scatter : {0.0, 0.6}) {
        CAPTURE(seeds, lapse, scatter);
        RandomStream random(seed, Split::test, static_cast<std::uint64_t>(seeds), lapse ? 1 : 0);
        Scenario scenario = many_lengths(40);
        scenario.seeds = seeds;
        scenario.scatter = scatter;
        scenario.lapse_longest = 0.15;
        auto cells = simulate(scenario, random);
        // Lengths that say little: all solved, none solved, one cell alone, few cells.
        std::erase_if(cells, [](const Cell& cell) {
          return (cell.length == 28 && cell.hidden != 24) ||
                 (cell.length == 32 && cell.hidden > 12) ||
                 (cell.length == 36 && cell.hidden < 64) || (cell.length == 40 && cell.hidden < 32);
        });
        for (Cell& cell : cells) {
          if (cell.length == 20) cell.solved = cell.seeds;
          if (cell.length == 24) cell.solved = 0;
        }
        const Options options{.penalties = true, .lapse = lapse};
        const auto lengths = distinct_lengths(cells);
        std::vector<int> places;
        for (const Cell& cell : cells)
          places.push_back(static_cast<int>(std::find(lengths.begin(), lengths.end(), cell.length) -
                                            lengths.begin()));
        const Likelihood free(rows(cells), places, static_cast<int>(lengths.size()), options);
        const Optimum optimum =
            maximise(free, free.start(Eigen::VectorXd::Constant(free.separate(), std::log(26.0))));
        const FreeProfile profiles(free, optimum);
        const auto points = free_thresholds(cells, options);
        REQUIRE(points.size() == lengths.size());
        for (int i = 0; i < free.separate(); ++i) {
          CAPTURE(lengths[static_cast<std::size_t>(i)]);
          const double low = std::log(8.0) - 1.5;
          const double high = std::log(96.0) + 1.5;
          const Interval wanted = Profile(free, optimum, i).interval(chi_squared_95, low, high);
          const Interval found = profiles.interval(i, chi_squared_95, low, high);
          check_equal(found.low, wanted.low);
          check_equal(found.high, wanted.high);
        }
      }
    }
  }
}

}  // namespace
}  // namespace surd::law
