// A random order of [0, count) that takes no memory.
#pragma once

#include <array>
#include <cstdint>

namespace surd::train {

// Which item comes at a place is a pure function of (seed, epoch, place), so that a fixed training
// set is shuffled every epoch alike on any number of ranks, and after a restart. A Feistel network
// over the next power of two, walked until it lands inside (Black and Rogaway, Ciphers with
// arbitrary finite domains, CT-RSA 2002), with Philox as its round function.
class Permutation {
 public:
  // count >= 1.
  Permutation(std::uint32_t count, std::uint64_t seed, std::uint64_t epoch);

  // The item at `place`; both in [0, count). Each item comes at one place.
  std::uint32_t operator()(std::uint32_t place) const;

 private:
  std::uint32_t count_;
  unsigned low_bits_;
  std::uint32_t low_mask_;
  std::uint32_t high_mask_;
  std::array<std::uint32_t, 2> key_;
};

}  // namespace surd::train
