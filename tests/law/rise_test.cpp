#include "law/rise.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

namespace surd::law {
namespace {

double p_of(const std::vector<double>& values) {
  std::vector<double> at(values.size());
  std::iota(at.begin(), at.end(), 0.0);
  return rise_of(at, values).p;
}

}  // namespace

TEST_CASE("the chance of a trend is the share of all orders that rise in as many pairs") {
  for (const int n : {2, 3, 4, 6}) {
    std::vector<double> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 1.0);
    std::vector<std::vector<double>> all;
    do all.push_back(order);
    while (std::next_permutation(order.begin(), order.end()));
    const auto rises = [](const std::vector<double>& values) {
      int count = 0;
      for (std::size_t i = 0; i < values.size(); ++i) {
        for (std::size_t j = i + 1; j < values.size(); ++j) count += values[j] > values[i] ? 1 : 0;
      }
      return count;
    };
    for (const auto& one : all) {
      const auto as_many = std::count_if(
          all.begin(), all.end(), [&](const auto& other) { return rises(other) >= rises(one); });
      CHECK(p_of(one) == Approx(static_cast<double>(as_many) / static_cast<double>(all.size())));
    }
  }
}

TEST_CASE("ties are no rise and many points follow the normal law") {
  CHECK(p_of({1, 1, 1, 1}) == Approx(1));
  CHECK(p_of({1, 2, 2, 3}) > p_of({1, 2, 3, 4}));
  CHECK(p_of({}) == 1);
  CHECK(p_of({1}) == 1);
}

TEST_CASE("chance and slope are those of SciPy") {
  // v = [i * 7 % n + .25 * i for i in range(n)]; kendalltau(range(n), v, alternative="greater",
  // method="exact").pvalue and theilslopes(v, range(n)).slope, SciPy 1.17.1
  const auto series = [](int n) {
    std::vector<double> values;
    for (int i = 0; i < n; ++i) values.push_back(i * 7 % n + 0.25 * i);
    return values;
  };
  CHECK(p_of(series(20)) == Approx(0.006766186853451057));
  CHECK(p_of(series(30)) == Approx(0.06283615446771572).epsilon(0.05));  // by the normal law
  std::vector<double> at(20);
  std::iota(at.begin(), at.end(), 0.0);
  CHECK(rise_of(at, series(20)).slope == Approx(0.5833333333333334));
}

TEST_CASE("the slope is the median one, so that a single odd value does not turn it") {
  const std::vector<double> at = {100, 200, 300, 400, 500};
  CHECK(rise_of(at, std::vector<double>{1, 2, 3, 4, 5}).slope == Approx(0.01));
  CHECK(rise_of(at, std::vector<double>{1, 2, 3, 4, -9}).slope == Approx(0.01).margin(0.006));
  CHECK(rise_of(at, std::vector<double>{5, 4, 3, 2, 1}).slope == Approx(-0.01));
  CHECK(rise_of(std::vector<double>{3}, std::vector<double>{3}).slope == 0);
}

}  // namespace surd::law
