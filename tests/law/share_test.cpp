#include "law/share.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/error.hpp"

namespace surd::law {
namespace {

// Closed forms at the ends; 2 of 10 from R's binom.test.
TEST_CASE("a share has the interval of Clopper and Pearson") {
  CHECK(share_of(0, 5)->low == 0);
  CHECK(share_of(0, 5)->high == Approx(1 - std::pow(0.025, 0.2)));
  CHECK(share_of(5, 5)->low == Approx(std::pow(0.025, 0.2)));
  CHECK(share_of(5, 5)->high == 1);
  CHECK(share_of(2, 10)->value == 0.2);
  CHECK(share_of(2, 10)->low == Approx(0.02521073).epsilon(1e-6));
  CHECK(share_of(2, 10)->high == Approx(0.55609546).epsilon(1e-6));
  CHECK_FALSE(share_of(0, 0));
  CHECK_THROWS_AS(share_of(6, 5), Error);
}

// R 4.2, fisher.test(matrix(c(...), 2))$p.value; the first is Fisher's tea.
TEST_CASE("Fisher's exact test has R's two-sided chances") {
  const auto near = [](double value) { return Approx(value).epsilon(1e-10); };
  CHECK(fisher(3, 4, 1, 4).p == near(0.485714285714286));
  CHECK(fisher(10, 13, 2, 17).p == near(0.000536724119143436));
  CHECK(fisher(3, 3, 0, 3).p == near(0.1));
  CHECK(fisher(5, 6, 0, 4).p == near(0.047619047619048));
  CHECK(fisher(4, 4, 0, 4).p == near(0.028571428571429));
  CHECK(fisher(0, 3, 0, 3).p == 1);
  CHECK(fisher(3, 3, 2, 2).p == 1);
  CHECK_THROWS_AS(fisher(4, 3, 0, 3), Error);
}

// By hand: of the 20 tables with three of six solved the two extremes have a chance of 1/20 each; of the 70 with four of eight, 1/70 each.
TEST_CASE("the level of Fisher's test is the chance of a small p, which few seeds can never have") {
  CHECK(fisher(3, 3, 0, 3).level == 0);
  CHECK(fisher(2, 4, 2, 4).level == Approx(2.0 / 70));
  CHECK(fisher(4, 4, 4, 4).level == 0);
  for (int solved = 0; solved <= 24; ++solved) CHECK(fisher(solved / 2, 12, solved - solved / 2, 12).level < 0.05);
}

}  // namespace
}  // namespace surd::law
