// Elementary functions with the same bits on every machine: sums, products and quotients of doubles
// in a fixed order, which IEEE 754 rounds in one way. The C library's differ in the last bit from
// version to version and with the processor's instructions. What trainings start from uses these:
// initial weights, tables of positions and decays, learning rates. Within 2 units in the last place
// of the true value.
#pragma once

#include <cstdint>

namespace surd::portable {

double exp(double x);
double exp2(double x);  // exact for whole x
double log(double x);   // x > 0, not subnormal

// Error where |x| is beyond largest_angle.
constexpr double largest_angle = 0x1p20;
double sin(double x);
double cos(double x);

// x^n by squaring, n >= 0; the error grows with n: n units in the last place at most.
double power(double x, std::int64_t n);

}  // namespace surd::portable
