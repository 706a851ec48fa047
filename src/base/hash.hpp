// Hashes that stay the same for ever: ids and checksums are stored in files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace surd {

// XXH3-128 of the bytes as 32 lower-case hexadecimal digits.
std::string hash128_hex(std::string_view bytes);
// XXH3-64 of the bytes, for checksums.
std::uint64_t hash64(const void* data, std::size_t size_bytes);
inline std::uint64_t hash64(std::string_view bytes) { return hash64(bytes.data(), bytes.size()); }
// 16 lower-case hexadecimal digits.
std::string hex(std::uint64_t value);

}  // namespace surd
