#include "law/window.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "base/error.hpp"
#include "base/random.hpp"

namespace surd::law {
namespace {

constexpr double none = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("a window holds the neighbours with the least losses") {
  CHECK(first_of_window({4, 1, 0, 1, 4}, 3) == 1);
  CHECK(first_of_window({0, 1, 2, 3, 4}, 3) == 0);
  CHECK(first_of_window({4, 3, 2, 1, 0}, 3) == 2);
  CHECK(first_of_window({4, 1, 0, 2, 4}, 2) == 1);
  CHECK(first_of_window({4, 2, 0, 1, 4}, 2) == 2);
  CHECK(first_of_window({4, 2, 0, 1, 4}, 1) == 2);
  CHECK(first_of_window({4, 2, 0, 1, 4}, 5) == 0);
  // Not about a single least loss, which may be luck.
  CHECK(first_of_window({0, 4, 3, 0.5, 0.4, 0.5, 3}, 3) == 3);
}

TEST_CASE("rates without a loss are as bad as the worst with one") {
  CHECK(first_of_window({2, 1.75, 0.5, none, none, none, none}, 3) == 0);
  // The best is in although its neighbours have none.
  const auto first = first_of_window({1, 1, 1, none, 0, none, 1}, 3);
  CHECK((first >= 2 && first <= 4));
  CHECK(first_of_window({none, none, none, none, 7}, 2) == 3);
  CHECK(first_of_window({none, none, none, none, -7}, 2) == 3);
  CHECK(first_of_window({3, 1, std::nan(""), none, -none}, 2) == 0);
}

TEST_CASE("of equal windows the one in the middle") {
  CHECK(first_of_window({none, none, none, none, none, none, none}, 3) == 2);
  CHECK(first_of_window({1, 1, 1, 1, 1}, 2) == 1);
  CHECK(first_of_window({0, 0, 5, 5, 0, 0}, 2) == 0);
}

TEST_CASE("there is no window of no rate or of more than all") {
  CHECK_THROWS_AS(first_of_window({1, 2}, 0), Error);
  CHECK_THROWS_AS(first_of_window({1, 2}, 3), Error);
  CHECK_THROWS_AS(first_of_window({}, 1), Error);
}

TEST_CASE("noise moves a window less than it moves the least loss") {
  RandomStream random(20261203, Split::test, 0, 0);
  int moved = 0;
  int least_moved = 0;
  for (int i = 0; i < 1000; ++i) {
    std::vector<double> losses;
    for (int rate = -3; rate <= 3; ++rate)
      losses.push_back(0.33 * rate * rate + 0.5 * random.normal());
    moved += first_of_window(losses, 3) != 2 ? 1 : 0;
    least_moved += first_of_window(losses, 1) != 3 ? 1 : 0;
  }
  CHECK(moved < 250);
  CHECK(least_moved > 350);
}

}  // namespace surd::law
