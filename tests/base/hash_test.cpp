#include <catch2/catch.hpp>
#include "base/hash.hpp"

namespace surd {
namespace {

// From the reference implementation of XXH3 (python-xxhash): ids and checksums in files depend on
// these never changing.
TEST_CASE("hashes are those of XXH3") {
  CHECK(hash128_hex("") == "99aa06d3014798d86001c324468d497f");
  CHECK(hash128_hex("surd") == "37564349c15f8d1197cea58b82e2e55a");
  CHECK(hex(hash64("")) == "2d06800538d394c2");
  CHECK(hex(hash64("surd")) == "5fa0a15a583d55dc");
  std::string bytes;
  for (int i = 0; i < 1024; ++i) bytes += static_cast<char>(i % 256);
  CHECK(hex(hash64(bytes)) == "a870f92984398d22");
  CHECK(hash64(bytes.data(), bytes.size()) == hash64(bytes));
  CHECK(hash128_hex(bytes) == "83885e853bb6640ca870f92984398d22");
}

TEST_CASE("hex has sixteen digits") {
  CHECK(hex(0) == "0000000000000000");
  CHECK(hex(0xABCDEF) == "0000000000abcdef");
  CHECK(hex(~std::uint64_t{0}) == "ffffffffffffffff");
}

}  // namespace
}  // namespace surd
