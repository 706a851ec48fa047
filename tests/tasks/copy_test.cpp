#include <catch2/catch.hpp>

#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

TEST_CASE("copy repeats its prompt") {
  const auto task = make_task({"copy", 3, {}});
  CHECK(task->solve("c a z <sep>") == "c a z <sep> c a z");
  CHECK(task->encode("c a z <sep> c a z").labels == std::vector<Token>{0, 0, 0, 5, 3, 28, 2});
  CHECK(task->check("c a <sep> c b").position == 4);
  CHECK(task->check("<sep>").expected == "a symbol a..z");
  CHECK(task->check("a b c d <sep>").expected == "<sep>");
}

}  // namespace
}  // namespace surd::tasks
