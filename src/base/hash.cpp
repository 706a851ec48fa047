#include "base/hash.hpp"

#include <fmt/format.h>
#include <xxhash.h>

namespace surd {

std::string hash128_hex(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::uint64_t hash64(const void* data, std::size_t size_bytes) {
  return XXH3_64bits(data, size_bytes);
}

std::string hex(std::uint64_t value) { return fmt::format("{:016x}", value); }

}  // namespace surd
