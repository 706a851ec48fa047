#include "train/permutation.hpp"

#include <bit>

#include "base/random.hpp"

namespace surd::train {

Permutation::Permutation(std::uint32_t count, std::uint64_t seed, std::uint64_t epoch)
    : count_(count) {
  const auto bits = static_cast<unsigned>(std::bit_width(count - 1));
  low_bits_ = bits / 2;
  low_mask_ = (std::uint32_t{1} << low_bits_) - 1;
  high_mask_ = (std::uint32_t{1} << (bits - low_bits_)) - 1;
  RandomStream stream(seed, Split::order, epoch, 0);
  key_ = {stream.bits32(), stream.bits32()};
}

std::uint32_t Permutation::operator()(std::uint32_t place) const {
  constexpr std::uint32_t rounds = 6;  // four make a Feistel network pseudo-random (Luby and
                                       // Rackoff, 1988); two more for small sets
  std::uint32_t item = place;
  do {  // half of the domain at least is inside, so two walks on average at most
    std::uint32_t low = item & low_mask_;
    std::uint32_t high = item >> low_bits_;
    for (std::uint32_t round = 0; round < rounds; round += 2) {
      high ^= philox4x32({low, round, 0, 0}, key_)[0] & high_mask_;
      low ^= philox4x32({high, round + 1, 0, 0}, key_)[0] & low_mask_;
    }
    item = high << low_bits_ | low;
  } while (item >= count_);
  return item;
}

}  // namespace surd::train
