#include "base/portable.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include "base/error.hpp"

namespace surd::portable {

namespace {

// ln 2 and pi / 2 as sums of doubles, all but the last with few enough bits that their products
// with the whole numbers used here are exact.
constexpr double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
constexpr double half_pi_1 = 0x1.921fb544p+0, half_pi_2 = 0x1.0b4611a6p-34,
                 half_pi_3 = 0x1.3198a2e037073p-69;

constexpr double inverse_factorial(int n) {
  double factorial = 1;
  for (int k = 2; k <= n; ++k) factorial *= k;
  return 1 / factorial;
}

// 1 / first!, 1 / (first + step)!, ...
template <std::size_t terms>
constexpr std::array<double, terms> inverse_factorials(int first, int step) {
  std::array<double, terms> values{};
  for (std::size_t i = 0; i < terms; ++i)
    values[i] = inverse_factorial(first + step * static_cast<int>(i));
  return values;
}

// coefficients[0] + coefficients[1] x + ...
template <std::size_t terms>
double polynomial(const std::array<double, terms>& coefficients, double x) {
  double sum = coefficients[terms - 1];
  for (std::size_t i = terms - 1; i > 0; --i) sum = coefficients[i - 1] + x * sum;
  return sum;
}

// Taylor's series, |r| <= ln 2 / 2 and 14 terms: what is left out is below 1e-17.
double exp_near_0(double r) {
  static constexpr auto coefficients = inverse_factorials<14>(1, 1);
  return 1 + r * polynomial(coefficients, r);
}

struct Quadrant {
  int number;   // 0 to 3: quarter turns taken off
  double rest;  // in [-pi / 4, pi / 4]
};

Quadrant reduced(double x) {
  if (!(std::abs(x) <= largest_angle)) {
    throw Error({.what = "an angle is out of range",
                 .expected = "at most 2^20 in size",
                 .got = std::to_string(x),
                 .advice = {}});
  }
  const double turns = std::nearbyint(x * (2 / std::numbers::pi));
  return {static_cast<int>(static_cast<std::int64_t>(turns) & 3),
          ((x - turns * half_pi_1) - turns * half_pi_2) - turns * half_pi_3};
}

// Taylor's series, |r| <= pi / 4: what is left out is below 1e-17.
double sin_near_0(double r) {
  static constexpr auto coefficients = inverse_factorials<8>(3, 2);
  return r - r * (r * r) * polynomial(coefficients, -(r * r));
}

double cos_near_0(double r) {
  static constexpr auto coefficients = inverse_factorials<9>(2, 2);
  return 1 - r * r * polynomial(coefficients, -(r * r));
}

double sin_of(const Quadrant& angle) {
  const double size = (angle.number & 1) == 0 ? sin_near_0(angle.rest) : cos_near_0(angle.rest);
  return angle.number < 2 ? size : -size;
}

}  // namespace

double exp(double x) {
  const double bounded = std::clamp(x, -800.0, 800.0);
  const double twos = std::nearbyint(bounded * std::numbers::log2e);
  if (std::isnan(x)) return x;
  return std::ldexp(exp_near_0((bounded - twos * ln2_high) - twos * ln2_low),
                    static_cast<int>(twos));
}

double exp2(double x) {
  const double bounded = std::clamp(x, -1200.0, 1200.0);
  const double twos = std::nearbyint(bounded);
  if (std::isnan(x)) return x;
  return std::ldexp(exp_near_0((bounded - twos) * std::numbers::ln2), static_cast<int>(twos));
}

// log(2^e (1 + f)) = e ln 2 + 2 artanh(s), s = f / (2 + f), the artanh's series regrouped so that
// its first term, f, is exact.
double log(double x) {
  static constexpr auto coefficients = [] {
    std::array<double, 12> values{};
    for (std::size_t i = 0; i < values.size(); ++i)
      values[i] = 2.0 / static_cast<double>(2 * i + 3);
    return values;
  }();
  int exponent = 0;
  double fraction = std::frexp(x, &exponent);  // in [0.5, 1)
  if (fraction < std::numbers::sqrt2 / 2) fraction *= 2, --exponent;
  const double f = fraction - 1, s = f / (2 + f), square = s * s, half = 0.5 * f * f;
  const double tail = s * (half + square * polynomial(coefficients, square)) + exponent * ln2_low;
  return exponent * ln2_high - ((half - tail) - f);
}

double sin(double x) { return sin_of(reduced(x)); }

double cos(double x) {
  const Quadrant angle = reduced(x);
  return sin_of({(angle.number + 1) & 3, angle.rest});
}

double power(double x, std::int64_t n) {
  double result = 1;
  for (; n > 0; n >>= 1, x *= x) {
    if ((n & 1) != 0) result *= x;
  }
  return result;
}

}  // namespace surd::portable
