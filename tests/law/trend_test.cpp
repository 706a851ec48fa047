#include "law/trend.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/random.hpp"

namespace surd::law {
namespace {

Stratum stratum(const std::vector<Counted>& groups) { return groups; }

// All placements of the events over the draws, listed one by one in Python; the first is SciPy's
// fisher_exact, alternative 'greater'.
TEST_CASE("the chance of a rise is that of all placements of the events") {
  const auto near = [](double value) { return Approx(value).epsilon(1e-12); };
  CHECK(chance_of_rise({stratum({{0, 11, 2, 11}, {1, 10, 7, 10}})}) == near(0.024172422005239336));
  const Stratum a = {{0, 3, 0, 3}, {1, 3, 1, 3}, {2, 3, 1, 3}, {4, 3, 3, 3}};
  const Stratum b = {{1, 5, 1, 5}, {2, 4, 2, 4}, {3, 5, 4, 5}};
  CHECK(chance_of_rise({a}) == near(0.015151515151515152));
  CHECK(chance_of_rise({a, b}) == near(0.001728385251112524));
  // The first group was chosen for having few events.
  const Stratum chosen_a = {{0, 3, 0, 1}, {1, 3, 1, 3}, {2, 3, 1, 3}, {4, 3, 3, 3}};
  const Stratum chosen_b = {{1, 5, 1, 2}, {2, 4, 2, 4}, {3, 5, 4, 5}};
  CHECK(chance_of_rise({chosen_a, chosen_b}) == near(0.005432067932067932));
}

TEST_CASE("scores count by their differences within a stratum") {
  const Stratum here = {{0, 3, 0, 3}, {1, 3, 2, 3}};
  const Stratum there = {{-7, 3, 0, 3}, {-6, 3, 2, 3}};
  CHECK(chance_of_rise({here}) == Approx(chance_of_rise({there})));
}

TEST_CASE("where nothing can move there is no rise") {
  CHECK(chance_of_rise({}) == 1);
  CHECK(chance_of_rise({stratum({{0, 3, 0, 3}, {1, 3, 0, 3}})}) == 1);
  CHECK(chance_of_rise({stratum({{0, 3, 3, 3}, {1, 3, 3, 3}})}) == 1);
  CHECK(chance_of_rise({stratum({{5, 3, 2, 3}})}) == 1);
  CHECK(chance_of_rise({stratum({{0, 0, 0, 0}, {1, 3, 2, 3}})}) == 1);
}

TEST_CASE("many draws are judged by the normal law, near the exact chance") {
  std::vector<Stratum> few, many;
  RandomStream random(11, Split::test, 0, 0);
  for (int s = 0; s < 5; ++s) {
    Stratum& stratum = few.emplace_back();
    for (int score = 0; score < 4; ++score) {
      Counted one{.score = score, .of = 30, .events = 0, .most_events = 30};
      for (int i = 0; i < one.of; ++i) one.events += random.uniform() < 0.2 + 0.03 * score ? 1 : 0;
      stratum.push_back(one);
    }
  }
  for (int copies = 0; copies < 400; ++copies) many.insert(many.end(), few.begin(), few.end());
  const double exact = chance_of_rise(few);
  const double z = std::sqrt(2.0) * 3;
  CHECK(exact > 1e-4);
  CHECK(exact < 0.2);
  CHECK(chance_of_rise(many) < std::erfc(z) / 2);  // 400 times the data: 20 times the z
  Stratum huge = {{0, 100000, 50000, 100000}, {1, 100000, 50000, 100000}};
  CHECK(chance_of_rise({huge}) == Approx(0.5).epsilon(0.01));
  huge[1].events = 50500;  // z 2.2361
  CHECK(chance_of_rise({huge}) == Approx(0.01267).epsilon(0.01));
}

}  // namespace
}  // namespace surd::law
