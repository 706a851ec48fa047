#include "base/portable.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <vector>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "base/random.hpp"

using namespace surd;

namespace {

// |got - wanted| in units in the last place of a double near `wanted`.
double ulps(double got, long double wanted) {
  const double size = std::abs(static_cast<double>(wanted));
  const double unit = std::nextafter(size, std::numeric_limits<double>::infinity()) - size;
  return static_cast<double>(std::abs(static_cast<long double>(got) - wanted)) / unit;
}

// Half of them spread evenly over [low, high], half of every order of magnitude down to 2^-30.
std::vector<double> places(double low, double high, int count) {
  RandomStream stream(1, Split::init, 0, 0);
  std::vector<double> values;
  for (int i = 0; i < count; ++i) {
    const double share = stream.uniform(), small = std::ldexp(1, -stream.between(0, 30));
    values.push_back(i % 2 == 0 ? low + (high - low) * share
                                : std::clamp((2 * share - 1) * small, low, high));
  }
  return values;
}

struct Function {
  const char* name;
  double (*ours)(double);
  std::function<long double(long double)> wanted;
  double low, high;
  std::uint64_t bits;  // hash64 of what it gives at places(low, high, 20000)
};

}  // namespace

TEST_CASE(
    "portable functions are within 2 units in the last place, and their bits are the same on every "
    "machine") {
  const auto exp = [](long double x) { return std::exp(x); };
  const auto exp2 = [](long double x) { return std::exp2(x); };
  const auto log = [](long double x) { return std::log(x); };
  const auto sin = [](long double x) { return std::sin(x); };
  const auto cos = [](long double x) { return std::cos(x); };
  for (const Function& function : {
           Function{"exp", portable::exp, exp, -700, 700, 0xaf4f9a18793748c0},
           Function{"exp near 0", portable::exp, exp, -2, 2, 0x4a6001f6a901dda3},
           Function{"exp2", portable::exp2, exp2, -1000, 1000, 0xab4ec0db5c4222bf},
           Function{"log", portable::log, log, 1e-300, 1e3, 0xe711dcfeeaa680b1},
           Function{"log near 1", portable::log, log, 0.5, 2, 0x09f57e17cf03dc7a},
           Function{"sin", portable::sin, sin, -7, 7, 0xe24e6b2b9aec1406},
           Function{"sin of large angles", portable::sin, sin, -1e6, 1e6, 0xb8f123d21b4016d4},
           Function{"cos", portable::cos, cos, -7, 7, 0x4f823b3c2707bd02},
           Function{"cos of large angles", portable::cos, cos, -1e6, 1e6, 0x0fee3b734c078321},
       }) {
    double largest = 0;
    std::vector<double> results;
    for (const double x : places(function.low, function.high, 20000)) {
      results.push_back(function.ours(x));
      largest =
          std::max(largest, ulps(results.back(), function.wanted(static_cast<long double>(x))));
    }
    CAPTURE(function.name);
    CHECK(largest <= 2);
    CHECK(hex(hash64(results.data(), results.size() * sizeof(double))) == hex(function.bits));
  }
}

TEST_CASE("portable functions at the ends of their ranges") {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const int whole : {-1000, -5, 0, 1, 52, 1000})
    CHECK(portable::exp2(whole) == std::ldexp(1, whole));
  CHECK(portable::exp(0) == 1);
  CHECK(portable::exp(-infinity) == 0);
  CHECK(portable::exp(1000) == infinity);
  CHECK(std::isnan(portable::exp(std::nan(""))));
  CHECK(portable::log(1) == 0);
  CHECK(portable::sin(0) == 0);
  CHECK(portable::cos(0) == 1);
  CHECK(portable::power(0.5, 0) == 1);
  CHECK(portable::power(0.5, 13) == std::ldexp(1, -13));
  CHECK(portable::power(0.999, 100000) == Approx(std::pow(0.999, 100000)).epsilon(1e-11));
  CHECK_NOTHROW(portable::sin(portable::largest_angle));
  for (const double out : {2 * portable::largest_angle, -infinity, std::nan("")}) {
    CHECK_THROWS_AS(portable::sin(out), Error);
    CHECK_THROWS_AS(portable::cos(out), Error);
  }
}
