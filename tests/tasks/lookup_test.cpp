#include <catch2/catch.hpp>

#include "base/error.hpp"
#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

TEST_CASE("lookup supervises each index with the symbol at it") {
  const auto task = make_task({"lookup", 3, {}});
  const Instance instance = task->encode("c a h 2 2 0");
  CHECK(instance.tokens == std::vector<Token>{3, 1, 8, 11, 11, 9});
  CHECK(instance.labels == std::vector<Token>{0, 0, 0, 8, 8, 3});
  CHECK(task->answer_right(instance, std::vector<Token>{8, 8, 3}));
  CHECK_FALSE(task->answer_right(instance, std::vector<Token>{8, 8, 1}));
  CHECK_FALSE(task->answer_right(instance, std::vector<Token>{8, 8}));
  CHECK(task->check("c a h 2 2 0").valid);
  CHECK(task->check("c a 1 0").valid);  // a smaller size
  const Verdict beyond = task->check("c a 1 2");
  CHECK(beyond.position == 3);
  CHECK(beyond.expected == "an index 0..1");
  CHECK_THROWS_AS(task->encode("c a 1 2"), InputError);
}

}  // namespace
}  // namespace surd::tasks
