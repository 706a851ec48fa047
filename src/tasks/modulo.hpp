// Arithmetic modulo 11, the field of the predecessor's arithmetic and equations.
#pragma once

#include <array>

namespace surd::tasks {

constexpr int modulus = 11;

constexpr std::array<int, modulus> make_inverses() {
  std::array<int, modulus> inverses{};
  for (int a = 1; a < modulus; ++a) {
    for (int b = 1; b < modulus; ++b) {
      if (a * b % modulus == 1) inverses[a] = b;
    }
  }
  return inverses;
}
// inverses[a] * a = 1 mod 11; inverses[0] is 0 and means nothing.
constexpr auto inverses = make_inverses();

}  // namespace surd::tasks
