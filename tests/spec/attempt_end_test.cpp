#include "spec/attempt_end.hpp"

#include <catch2/catch.hpp>

#include "base/error.hpp"

using namespace surd;
using spec::AttemptEnd;

TEST_CASE("the end of an attempt is written as a word and read back") {
  for (const AttemptEnd end :
       {AttemptEnd::finished, AttemptEnd::stopped, AttemptEnd::failed, AttemptEnd::lost}) {
    CHECK(spec::attempt_end_from(spec::to_string(end)) == end);
  }
  CHECK(spec::to_string(AttemptEnd::lost) == "lost");
  CHECK_THROWS_AS(spec::attempt_end_from("vanished"), Error);
}
