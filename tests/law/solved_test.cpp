#include "law/solved.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace surd::law;

TEST_CASE("what diverged or is no number is judged as 0, and tau itself is solved") {
  CHECK(judged_accuracy(false, 0.75) == 0.75);
  CHECK(judged_accuracy(true, 0.75) == 0);
  CHECK(judged_accuracy(false, std::numeric_limits<double>::quiet_NaN()) == 0);
  CHECK(is_solved(0.9, 0.9));
  CHECK_FALSE(is_solved(0.8999, 0.9));
  CHECK(is_solved(static_cast<double>(0.9F), 0.9));  // .8999999761581421
  CHECK(is_solved(0.899999, 0.9));                   // six digits
  CHECK_FALSE(is_solved(89999.0 / 100'000, 0.9));    // one instance of 100,000
}

TEST_CASE("the better validation accuracy stands for a seed, of equals the lower learning rate") {
  CHECK(better({0.5, 0.02}, {0.4, 0.01}));
  CHECK_FALSE(better({0.4, 0.01}, {0.5, 0.02}));
  CHECK(better({0.5, 0.01}, {0.5, 0.02}));
  CHECK_FALSE(better({0.5, 0.02}, {0.5, 0.01}));
  CHECK_FALSE(better({0.5, 0.01}, {0.5, 0.01}));
}
