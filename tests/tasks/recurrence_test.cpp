#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

TEST_CASE("recurrence adds the value that lies a lag back, nothing before the start") {
  const auto task = make_task({"recurrence", 5, {{"locality", 2}}});
  CHECK(task->solve("4 @1 3 @2 2 @1 1 @2 <sep>") == "4 @1 3 @2 2 @1 1 @2 <sep> 4 3 0 4 <sep> 4");
  const std::vector<FaultyText> faults{{"<sep>", 0, "a number 0..4"},
                                       {"4 @2 <sep>", 1, "a lag @1..@1"},
                                       {"4 @1 3 @2 2 @3 <sep>", 5, "a lag @1..@2"},
                                       {"4 @1 5 @1 <sep>", 2, "a number 0..4 or <sep>"},
                                       {"4 4 <sep>", 1, "a lag @1..@1"},
                                       {"0 @1 0 @1 0 @1 0 @1 0 @1 0 @1 <sep>", 10, "<sep>"}};
  check_faults(*task, faults);
  rc::prop("any instance", [] {
    const int n = *rc::gen::inRange(1, 30);
    const int p = *rc::gen::inRange(2, 14);
    const int m = *rc::gen::inRange(0, 40);
    const auto recurrence = make_task({"recurrence", n, {{"modulus", p}, {"locality", m}}});
    const auto words =
        split(recurrence->text(draw(*recurrence, *rc::gen::arbitrary<std::uint64_t>()).tokens));
    std::vector<int> y(static_cast<std::size_t>(n) + 1, 0);
    for (std::size_t t = 1; t < y.size(); ++t) {
      const std::size_t lag = std::stoul(words[2 * t - 1].substr(1));
      RC_ASSERT(lag <= t);
      if (m > 0) RC_ASSERT(lag <= static_cast<std::size_t>(m));
      y[t] = (std::stoi(words[2 * t - 2]) + y[t - lag]) % p;
      RC_ASSERT(words[2 * static_cast<std::size_t>(n) + t] == std::to_string(y[t]));
    }
    RC_ASSERT(words.back() == std::to_string(y.back()));
  });
}

}  // namespace
}  // namespace surd::tasks
