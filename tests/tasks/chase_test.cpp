#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

TEST_CASE("chase follows the permutation for as many hops as it has numbers") {
  const auto task = make_task({"chase", 4, {}});
  CHECK(task->solve("2 0 1 3 1 <sep>") == "2 0 1 3 1 <sep> 1 0 2 1 0");
  CHECK(task->solve("1 0 0 <sep>") == "1 0 0 <sep> 0 1 0");  // a smaller size
  CHECK(task->encode("1 0 0 <sep> 0 1 0").labels == std::vector<Token>{0, 0, 0, 3, 4, 3, 2});
  const std::vector<FaultyText> faults{{"<sep>", 0, "a number 0..3"},
                                       {"0 0 <sep>", 1, "a number 0..3 that did not come before"},
                                       {"2 0 2 <sep>", 0, "a number 0..1"},
                                       {"1 0 <sep>", 2, "a number 0..3"},
                                       {"1 0 1 0 <sep>", 3, "<sep>"},
                                       {"1 4 1 <sep>", 1, "a number 0..3"}};
  check_faults(*task, faults);
  rc::prop("any instance", [] {
    const auto chase = make_task({"chase", *rc::gen::inRange(2, 30), {}});
    const auto words =
        split(chase->text(draw(*chase, *rc::gen::arbitrary<std::uint64_t>()).tokens));
    const auto n = static_cast<std::size_t>(chase->settings().size);
    RC_ASSERT(words.size() == 2 * n + 3);
    RC_ASSERT(words[n + 1] == "<sep>");
    RC_ASSERT(words[n + 2] == words[n]);
    for (std::size_t i = n + 3; i < words.size(); ++i)
      RC_ASSERT(words[i] == words[std::stoul(words[i - 1])]);
  });
}

}  // namespace
}  // namespace surd::tasks
