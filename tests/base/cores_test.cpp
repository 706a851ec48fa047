#include "base/cores.hpp"

#include <sched.h>

#include <catch2/catch.hpp>

using namespace surd;

TEST_CASE("a quota gives whole cores, and at least one") {
  CHECK(quota_cores("200000 100000") == 2);
  CHECK(quota_cores("250000 100000\n") == 2);
  CHECK(quota_cores("50000 100000") == 1);
  CHECK_FALSE(quota_cores("max 100000"));
  CHECK_FALSE(quota_cores(""));
  CHECK_FALSE(quota_cores("100000"));
  CHECK_FALSE(quota_cores("100000 0"));
}

TEST_CASE("cores that the scheduler keeps from a process do not count") {
  cpu_set_t before, one;
  REQUIRE(::sched_getaffinity(0, sizeof before, &before) == 0);
  CHECK(usable_cores() >= 1);
  CHECK(usable_cores() <= CPU_COUNT(&before));
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  REQUIRE(::sched_setaffinity(0, sizeof one, &one) == 0);
  const int cores = usable_cores();
  ::sched_setaffinity(0, sizeof before, &before);
  CHECK(cores == 1);
}
