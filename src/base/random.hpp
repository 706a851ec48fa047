// Counter-based random numbers: a stream is a pure function of its coordinates, so data are the
// same on any number of ranks.
#pragma once

#include <array>
#include <cstdint>

namespace surd {

// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3, SC 2011).
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

// What a stream is for; part of its coordinates, so that no two uses share numbers. Values are
// stored in results: never renumber.
enum class Split : std::uint32_t {
  train = 0,
  validation = 1,
  test = 2,
  init = 3,
  dropout = 4,
  order = 5
};

// The stream of (seed, split, step, index). Copyable; a copy continues from the same place.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, Split split, std::uint64_t step, std::uint32_t index);

  std::uint32_t bits32() {
    if (used_ == 4) refill();
    return block_[used_++];
  }
  std::uint64_t bits64() {
    const std::uint64_t high = bits32();
    return high << 32 | bits32();
  }
  // Uniform in [0, bound), exactly (rejection after Lemire, ACM TOMACS 2019). bound > 0.
  std::uint32_t below(std::uint32_t bound);
  // Uniform in [low, high], both included; low <= high.
  std::int32_t between(std::int32_t low, std::int32_t high) {
    return low + static_cast<std::int32_t>(below(static_cast<std::uint32_t>(high - low) + 1U));
  }
  // Uniform in [0, 1) with 53 bits.
  double uniform() { return static_cast<double>(bits64() >> 11) * 0x1.0p-53; }
  // Standard normal (Box-Muller, both values used).
  double normal();

 private:
  void refill();

  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  unsigned used_ = 4;
  bool have_normal_ = false;
  double spare_normal_ = 0;
};

}  // namespace surd
