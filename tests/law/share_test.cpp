#include "law/share.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/error.hpp"

namespace surd::law {
namespace {

// Closed forms at the ends; 2 of 10 from R's binom.test.
TEST_CASE("a share has the interval of Clopper and Pearson") {
  CHECK(share_of(0, 5)->low == 0);
  CHECK(share_of(0, 5)->high == Approx(1 - std::pow(0.025, 0.2)));
  CHECK(share_of(5, 5)->low == Approx(std::pow(0.025, 0.2)));
  CHECK(share_of(5, 5)->high == 1);
  CHECK(share_of(2, 10)->value == 0.2);
  CHECK(share_of(2, 10)->low == Approx(0.02521073).epsilon(1e-6));
  CHECK(share_of(2, 10)->high == Approx(0.55609546).epsilon(1e-6));
  CHECK_FALSE(share_of(0, 0));
  CHECK_THROWS_AS(share_of(6, 5), Error);
}

}  // namespace
}  // namespace surd::law
