#include "base/random.hpp"

#include <cmath>
#include <numbers>

#include "base/portable.hpp"

namespace surd {

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<std::uint32_t>(product0)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

// Counter words: block number within the stream, index, step, split. A stream of 2^32 blocks and a
// step below 2^32 are far more than is ever used; the step's high half goes into the key so that
// nothing is silently cut off.
RandomStream::RandomStream(std::uint64_t seed, Split split, std::uint64_t step, std::uint32_t index)
    : key_{static_cast<std::uint32_t>(seed),
           static_cast<std::uint32_t>(seed >> 32) ^ static_cast<std::uint32_t>(step >> 32)},
      counter_{0, index, static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(split)} {}

void RandomStream::refill() {
  block_ = philox4x32(counter_, key_);
  ++counter_[0];
  used_ = 0;
}

std::uint32_t RandomStream::below(std::uint32_t bound) {
  std::uint64_t product = std::uint64_t{bits32()} * bound;
  auto low = static_cast<std::uint32_t>(product);
  if (low < bound) {
    const std::uint32_t threshold = (0U - bound) % bound;
    while (low < threshold) {
      product = std::uint64_t{bits32()} * bound;
      low = static_cast<std::uint32_t>(product);
    }
  }
  return static_cast<std::uint32_t>(product >> 32);
}

double RandomStream::normal() {
  if (have_normal_) {
    have_normal_ = false;
    return spare_normal_;
  }
  const double radius = std::sqrt(-2.0 * portable::log(1.0 - uniform()));
  const double angle = 2.0 * std::numbers::pi * uniform();
  spare_normal_ = radius * portable::sin(angle);
  have_normal_ = true;
  return radius * portable::cos(angle);
}

}  // namespace surd
