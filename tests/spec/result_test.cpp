#include "spec/result.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <vector>

#include "base/error.hpp"

using namespace surd;
using namespace surd::spec;

TEST_CASE("curve steps are the whole numbers nearest to the powers of the square root of two") {
  std::vector<int> steps;
  for (int step = 1; step <= 1000; ++step) {
    if (is_curve_step(step)) steps.push_back(step);
  }
  CHECK(steps == std::vector<int>{1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362,
                                  512, 724});
  CHECK(is_curve_step(1 << 30));
  CHECK(is_curve_step(1518500250));  // 2^30.5
  CHECK_FALSE(is_curve_step(std::numeric_limits<int>::max()));
}

TEST_CASE(
    "a result comes back from its JSON, what was not validated and what was not finite included") {
  TrialResult result;
  result.outcome = Outcome::diverged;
  result.stop_reason = StopReason::diverged;
  result.steps = 7;
  result.tokens = std::int64_t{1} << 40;
  result.accuracy_validation_best = 0.25;
  result.loss_validation = std::numeric_limits<double>::quiet_NaN();
  result.curve = {{1, 2.5, std::numeric_limits<double>::quiet_NaN(),
                   std::numeric_limits<double>::quiet_NaN(), 0.1},
                  {2, 1.5, 1.25, 0.5, std::numeric_limits<double>::infinity()}};
  const std::string text = to_json(result).dump();
  CHECK(to_json(result_from_json(Json::parse(text))).dump() == text);
  Json damaged = Json::parse(text);
  damaged["curve"][0].erase(4);
  CHECK_THROWS_WITH(result_from_json(damaged), Catch::Contains("damaged curve point"));
}
