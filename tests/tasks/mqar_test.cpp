#include <catch2/catch.hpp>

#include "base/error.hpp"
#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

TEST_CASE("mqar supervises each query with the value of its key") {
  const auto task = make_task({"mqar", 3, {}});  // 6 keys, 8 values
  const Instance instance = task->encode("4 v7 0 v1 5 v1 0 5 4");
  CHECK(instance.tokens == std::vector<Token>{5, 14, 1, 8, 6, 8, 1, 6, 5});
  CHECK(instance.labels == std::vector<Token>{0, 0, 0, 0, 0, 0, 8, 8, 14});
  CHECK(task->check("4 v7 4").valid);  // a smaller size
  const std::vector<FaultyText> faults{
      {"", 0, "a key 0..5"},
      {"v1 0 0", 0, "a key 0..5"},
      {"6 v0 6", 0, "a key 0..5"},
      {"4 4 4", 1, "a value v0..v7"},
      {"4 v8 4", 1, "a value v0..v7"},
      {"4 v7 v7", 2, "a key 0..5"},
      {"4 v7 0 v1 4 4", 5, "a key that was given and not asked yet"},
      {"4 v7 0 v1 4 5", 5, "a key that was given and not asked yet"},
      {"4 v7 4 v1", 3, "end of text"},
      {"0 v0 1 v0 2 v0 3 v0", 6, "a key that was given and not asked yet"}};
  check_faults(*task, faults);
  for (const FaultyText& fault : faults) {
    INFO(fault.text);
    CHECK_THROWS_AS(task->encode(fault.text), InputError);
  }
}

}  // namespace
}  // namespace surd::tasks
