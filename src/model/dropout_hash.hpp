// The hash that dropout drops by: streams of 32-bit numbers, where number n of a stream is again
// the start of a stream. A sequence's stream (packing.hpp) has at number 0 those of its tokens and
// at 1 + h those of head h; they lead by
//   token -> position -> site -> feature, and head -> site -> query's position -> key's position
// to the number whose hash decides. Integers of 32 bits, so every backend and instruction set gets
// the same.
#pragma once

#include <cmath>
#include <cstdint>

namespace surd::model::dropout_hash {

constexpr std::uint32_t golden =
    0x9e3779b9;  // 2^32 over the golden ratio: neighbours end up far apart

// The constants of scrambled(): C. Wellons, Prospecting for hash functions, 2018 (lowbias32).
constexpr int shifts[3] = {16, 15, 16};
constexpr std::uint32_t factors[2] = {0x7feb352d, 0x846ca68b};

// Every bit of the result depends on every bit of x.
constexpr std::uint32_t scrambled(std::uint32_t x) {
  x = (x ^ x >> shifts[0]) * factors[0];
  x = (x ^ x >> shifts[1]) * factors[1];
  return x ^ x >> shifts[2];
}

constexpr std::uint32_t stream(std::uint32_t of, std::uint32_t number) {
  return scrambled(of + number * golden);
}

// Places in the model. The first is features' [D] after the embedding.
constexpr std::uint32_t embedding_site = 0;
constexpr std::uint32_t weights_site(int layer) {
  return 1 + 3 * static_cast<std::uint32_t>(layer);
}  // softmax's weights
constexpr std::uint32_t attended_site(int layer) {
  return 2 + 3 * static_cast<std::uint32_t>(layer);
}  // [D] after attention's projection
constexpr std::uint32_t mlp_site(int layer) {
  return 3 + 3 * static_cast<std::uint32_t>(layer);
}  // [D]

// A number with a hash below this is dropped; share in [0, 1), the result up to 2^32.
inline std::int64_t threshold(double share) { return std::llround(share * 0x1p32); }

}  // namespace surd::model::dropout_hash
