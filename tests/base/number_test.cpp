#include "base/number.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

using namespace surd;

TEST_CASE("the whole number that a text begins with") {
  CHECK(leading_number("12(x2)") == 12);
  CHECK(leading_number("-3") == -3);
  CHECK_FALSE(leading_number(""));
  CHECK_FALSE(leading_number("x12"));
  CHECK_FALSE(leading_number("99999999999"));
}

TEST_CASE("the whole number of an environment variable, where it is set") {
  ::setenv("SURD_TEST_NUMBER", "7", 1);
  CHECK(number_in_environment("SURD_TEST_NUMBER") == 7);
  ::unsetenv("SURD_TEST_NUMBER");
  CHECK_FALSE(number_in_environment("SURD_TEST_NUMBER"));
}
