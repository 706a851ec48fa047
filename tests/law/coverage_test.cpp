#include <catch2/catch.hpp>

#include "law/contrast.hpp"
#include "law/fit.hpp"
#include "law/simulate.hpp"

namespace surd::law {
namespace {

// 200 studies: a binomial with p = .95 has sd 3.1, so below 178 has probability 1e-4 and says that the interval is wrong.
TEST_CASE("95 % intervals cover the true exponent in simulated studies of the base scenario") {
  constexpr int studies = 200;
  for (const double alpha : {0.0, 0.5, 1.0}) {
    const std::uint64_t seed = 402;
    CAPTURE(seed, alpha);
    RandomStream random(seed, Split::test, static_cast<std::uint64_t>(alpha * 2), 0);
    int covered = 0;
    double squared_error = 0;
    for (int study = 0; study < studies; ++study) {
      const Fit found = fit(simulate({.alpha = alpha}, random));
      REQUIRE(found.alpha);
      covered += found.interval.contains(alpha);
      squared_error += (*found.alpha - alpha) * (*found.alpha - alpha);
    }
    CHECK(covered >= 178);
    CHECK(std::sqrt(squared_error / studies) == Approx(0.102).margin(0.03));  // statistics.md: SE with 3 seeds
  }
}

TEST_CASE("95 % intervals of the difference cover the true one") {
  constexpr int studies = 60;
  const std::uint64_t seed = 403;
  CAPTURE(seed);
  RandomStream random(seed, Split::test, 0, 0);
  int covered = 0;
  for (int study = 0; study < studies; ++study) {
    const auto efficient = simulate({.alpha = 0.5}, random);
    const auto baseline = simulate({.alpha = 0.1}, random);
    const Contrast found = contrast(efficient, baseline);
    REQUIRE(found.delta);
    covered += found.interval.contains(0.4);
  }
  CHECK(covered >= 50);
}

}  // namespace
}  // namespace surd::law
