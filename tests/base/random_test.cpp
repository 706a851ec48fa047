#include <catch2/catch.hpp>
#include "base/random.hpp"

#include <cmath>
#include <set>
#include <vector>

namespace surd {
namespace {

using Block = std::array<std::uint32_t, 4>;

TEST_CASE("Philox4x32-10 gives the known answers of Random123") {
  CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32({~0U, ~0U, ~0U, ~0U}, {~0U, ~0U}) ==
        Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("a stream reads Philox blocks: counter (block, index, step, split), key the seed") {
  RandomStream stream(0x0123456789abcdef, Split::test, 7, 5);
  for (std::uint32_t block = 0; block < 3; ++block) {
    for (const std::uint32_t word : philox4x32({block, 5, 7, 2}, {0x89abcdef, 0x01234567}))
      CHECK(stream.bits32() == word);
  }
}

TEST_CASE("a stream is a pure function of its coordinates, and each of them matters") {
  const auto first = [](std::uint64_t seed, Split split, std::uint64_t step, std::uint32_t index) {
    return RandomStream(seed, split, step, index).bits64();
  };
  CHECK(first(1, Split::train, 2, 3) == first(1, Split::train, 2, 3));
  std::set<std::uint64_t> seen{first(1, Split::train, 2, 3)};
  const std::uint64_t high = std::uint64_t{1} << 40;
  for (const std::uint64_t value :
       {first(2, Split::train, 2, 3), first(1 + high, Split::train, 2, 3),
        first(1, Split::validation, 2, 3), first(1, Split::test, 2, 3), first(1, Split::init, 2, 3),
        first(1, Split::dropout, 2, 3), first(1, Split::train, 3, 3),
        first(1, Split::train, 2 + 2 * high, 3), first(1, Split::train, 2, 4)}) {
    CHECK(seen.insert(value).second);
  }
}

TEST_CASE("a copy goes on from the same place") {
  RandomStream stream(1, Split::train, 0, 0);
  stream.bits32();
  stream.normal();
  RandomStream copy = stream;
  for (int i = 0; i < 10; ++i) {
    CHECK(copy.normal() == stream.normal());
    CHECK(copy.bits32() == stream.bits32());
  }
}

TEST_CASE("below and between are uniform and keep their bounds") {
  RandomStream stream(5, Split::train, 0, 0);
  for (int i = 0; i < 100; ++i) CHECK(stream.below(1) == 0);
  constexpr int draws = 70'000;
  std::vector<int> counts(7);
  for (int i = 0; i < draws; ++i) ++counts[stream.between(-3, 3) + 3];
  for (const int count : counts)
    CHECK(std::abs(count - draws / 7.0) < 4.5 * std::sqrt(draws * (1 / 7.0) * (6 / 7.0)));
  // Of a bound just above 2^31 a modulo would give the lower half nearly twice as often.
  int low = 0;
  constexpr std::uint32_t bound = 3'000'000'000U;
  for (int i = 0; i < draws; ++i) {
    const std::uint32_t value = stream.below(bound);
    REQUIRE(value < bound);
    low += value < bound / 2 ? 1 : 0;
  }
  CHECK(std::abs(low - draws / 2.0) < 4.5 * std::sqrt(draws / 4.0));
}

TEST_CASE("uniform lies between 0 and below 1, and normal has the moments of a standard normal") {
  RandomStream stream(6, Split::init, 0, 0);
  constexpr int draws = 100'000;
  double mean = 0;
  double sum = 0;
  double square = 0;
  double fourth = 0;
  for (int i = 0; i < draws; ++i) {
    const double uniform = stream.uniform();
    REQUIRE(uniform >= 0);
    REQUIRE(uniform < 1);
    mean += uniform / draws;
    const double normal = stream.normal();
    REQUIRE(std::isfinite(normal));
    sum += normal / draws;
    square += normal * normal / draws;
    fourth += std::pow(normal, 4) / draws;
  }
  const double scale = 1 / std::sqrt(draws);
  CHECK(std::abs(mean - 0.5) < 4.5 * scale * std::sqrt(1 / 12.0));
  CHECK(std::abs(sum) < 4.5 * scale);
  CHECK(std::abs(square - 1) < 4.5 * scale * std::sqrt(2.0));
  CHECK(std::abs(fourth - 3) < 4.5 * scale * std::sqrt(96.0));
}

}  // namespace
}  // namespace surd
