#include "law/share.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <utility>
#include <vector>

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

// By hand: of the 20 tables with three of six solved the two extremes have a chance of 1/20 each;
// of the 70 with four of eight, 1/70 each.
TEST_CASE("the level of Fisher's test is the chance of a small p, which few seeds can never have") {
  CHECK(fisher(3, 3, 0, 3).level == 0);
  CHECK(fisher(2, 4, 2, 4).level == Approx(2.0 / 70));
  CHECK(fisher(4, 4, 4, 4).level == 0);
  for (int solved = 0; solved <= 24; ++solved)
    CHECK(fisher(solved / 2, 12, solved - solved / 2, 12).level < 0.05);
}

// The chances one by one, from log-gamma, and every sum anew.
Fisher by_definition(int solved_a, int of_a, int solved_b, int of_b) {
  const auto choose = [](int n, int k) {
    return std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0);
  };
  const int solved = solved_a + solved_b;
  const int least = std::max(0, solved - of_b);
  std::vector<double> chances;
  for (int k = least; k <= std::min(solved, of_a); ++k) {
    chances.push_back(
        std::exp(choose(of_a, k) + choose(of_b, solved - k) - choose(of_a + of_b, solved)));
  }
  const auto as_rare = [&](double chance) {
    double sum = 0;
    for (const double one : chances) sum += one <= chance * (1 + 1e-7) ? one : 0;
    return sum;
  };
  Fisher test{.p = as_rare(chances[static_cast<std::size_t>(solved_a - least)])};
  for (const double chance : chances) test.level += as_rare(chance) < 0.05 ? chance : 0;
  return test;
}

TEST_CASE(
    "Fisher's test has the p and the level of its definition, for all tables of few seeds and some "
    "of many") {
  const auto agree = [](int solved_a, int of_a, int solved_b, int of_b) {
    const Fisher test = fisher(solved_a, of_a, solved_b, of_b);
    const Fisher expected = by_definition(solved_a, of_a, solved_b, of_b);
    INFO(solved_a << " of " << of_a << ", " << solved_b << " of " << of_b);
    CHECK(test.p == Approx(expected.p).epsilon(1e-9));
    CHECK(test.level == Approx(expected.level).epsilon(1e-9).margin(1e-12));
  };
  for (const auto& [of_a, of_b] :
       {std::pair(1, 1), std::pair(3, 5), std::pair(7, 7), std::pair(12, 4)}) {
    for (int a = 0; a <= of_a; ++a) {
      for (int b = 0; b <= of_b; ++b) agree(a, of_a, b, of_b);
    }
  }
  agree(300, 1000, 320, 900);
  agree(300, 1000, 30, 900);
  agree(1999, 2000, 3, 700);
}

// Of so many seeds the test is that of two normal shares: p = erfc(z / sqrt 2) with z half a seed
// nearer to 0 and the variance at the given totals.
TEST_CASE("a thousand million seeds a cell are as exact as few, and end in a moment") {
  constexpr int of = 1'000'000'000;
  const Fisher test = fisher(of / 2 + 22'360, of, of / 2 - 22'360, of);
  const double variance = 0.25 * of / 2;  // hypergeometric, of the solved of a
  CHECK(test.p == Approx(std::erfc(22'359.5 / std::sqrt(2 * variance))).epsilon(1e-4));
  CHECK(test.level == Approx(0.05).margin(1e-5));
  CHECK(test.level < 0.05);
  CHECK(fisher(of, of, of, of).p == 1);
  CHECK(fisher(of, of, 0, of).p == 0);
  CHECK(fisher(2'147'483'647, 2'147'483'647, 2'147'483'646, 2'147'483'647).p == 1);
}

}  // namespace
}  // namespace surd::law
