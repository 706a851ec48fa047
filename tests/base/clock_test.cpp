#include <catch2/catch.hpp>
#include "base/clock.hpp"

#include <limits>

namespace surd {
namespace {

TEST_CASE("times as text") {
  CHECK(iso_time(0) == "1970-01-01T00:00:00Z");
  CHECK(iso_time(1769860800) == "2026-01-31T12:00:00Z");
  CHECK(duration_text(0) == "0 s");
  CHECK(duration_text(12.4) == "12 s");
  CHECK(duration_text(59.6) == "1 min 00 s");
  CHECK(duration_text(200) == "3 min 20 s");
  CHECK(duration_text(3725) == "1 h 02 min");
  CHECK(duration_text(-1) == "0 s");
  CHECK(duration_text(std::numeric_limits<double>::infinity()) == "unknown");
}

TEST_CASE("the clocks run forwards and the wall clock is of this century") {
  const double start = steady_time_s();
  CHECK(steady_time_s() >= start);
  CHECK(unix_time_s() > 1.7e9);
}

}  // namespace
}  // namespace surd
