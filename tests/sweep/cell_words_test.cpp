#include "sweep/cell_words.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace surd::sweep;

namespace {

std::optional<SeedResult> seed(double validation, double test) {
  return SeedResult{{validation, 0.01}, test};
}

}  // namespace

TEST_CASE(
    "the line of a cell says that validation counts, and shows what each seed did on the test") {
  const std::vector<std::optional<SeedResult>> seeds = {seed(0.95, 0.9424), seed(0.89, 0.91),
                                                        std::nullopt};
  CHECK(cell_words(seeds, 0.9) ==
        "1 of 3 seeds solved in validation; on the test 0.942 0.910 none");
}

TEST_CASE("beyond ten seeds the line of a cell is a summary") {
  std::vector<std::optional<SeedResult>> seeds;
  for (int i = 0; i < 500; ++i) seeds.push_back(seed(i < 100 ? 1 : 0.25, 0.002 * i));
  CHECK(cell_words(seeds, 0.9) ==
        "100 of 500 seeds solved in validation; on the test median 0.499, 0.000 to 0.998");
  seeds[0] = seeds[499] = std::nullopt;
  CHECK(cell_words(seeds, 0.9) ==
        "99 of 500 seeds solved in validation; on the test median 0.499, 0.002 to 0.996, 2 without "
        "a result");
  seeds.assign(11, std::nullopt);
  CHECK(cell_words(seeds, 0.9) == "0 of 11 seeds solved in validation; on the test none");
}
