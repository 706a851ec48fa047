#include "law/scan.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <set>

namespace surd::law {
namespace {

TEST_CASE("a parabola's maximum and where it has fallen by the drop") {
  const Scan scan =
      scan_maximum([](double x) { return 3 - 50 * (x - 0.43) * (x - 0.43); }, 0, 1, 2);
  CHECK(scan.best == Approx(0.43));
  CHECK(scan.value == Approx(3));
  CHECK(scan.low == Approx(0.23));
  CHECK(scan.high == Approx(0.63));
}

TEST_CASE("a maximum at a limit, and a function that never falls that far, end at the limits") {
  const Scan rising = scan_maximum([](double x) { return x; }, 0, 1, 0.25);
  CHECK(rising.best == 1);
  CHECK(rising.low == Approx(0.75));
  CHECK(rising.high == 1);
  const Scan flat = scan_maximum([](double x) { return -x * x; }, -1, 1, 5);
  CHECK(flat.low == -1);
  CHECK(flat.high == 1);
}

TEST_CASE("a place that gives a higher value when it is asked again still ends the interval") {
  std::set<double> asked;
  const Scan scan = scan_maximum(
      [&](double x) {
        const bool again = !asked.insert(x).second;
        return -50 * (x - 0.5) * (x - 0.5) + (again && x < 0.27 ? 10 : 0);
      },
      0, 1, 2.2);
  CHECK(scan.best == Approx(0.5).margin(1e-6));
  CHECK(scan.low == Approx(0.5 - std::sqrt(2.2 / 50)));
  CHECK(scan.high == Approx(0.5 + std::sqrt(2.2 / 50)));
}

}  // namespace
}  // namespace surd::law
