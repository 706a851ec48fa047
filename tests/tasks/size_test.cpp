// Lengths in closed form against the longest instances that are seen.
#include <catch2/catch.hpp>
#include <algorithm>

#include "base/error.hpp"
#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

TEST_CASE("lengths and positions in closed form") {
  for (const int n : {3, 4, 10, 59}) {
    CHECK(make_task({"lookup", n, {}})->length() == 2 * n);
    CHECK(make_task({"mqar", n, {}})->length() == 3 * n);
    CHECK(make_task({"copy", n, {}})->length() == 2 * n + 1);
    CHECK(make_task({"chase", n, {}})->length() == 2 * n + 3);
    CHECK(make_task({"recurrence", n, {}})->length() == 3 * n + 3);
    CHECK(make_task({"arithmetic", n, {}})->length() == 2 * n * (n + 1) + 1);
    CHECK(make_task({"edit_distance", n, {}})->length() == n * n + 5 * n + 6);
    CHECK(make_task({"lis", n, {}})->length() == 2 * n + 3);
    for (const std::string& name : task_names()) {
      if (name == "equation" && n > 5) continue;
      CHECK(make_task({name, n, {}})->positions() == make_task({name, n, {}})->length());
    }
  }
  CHECK(make_task({"equation", 1, {}})->length() == 8);
  CHECK(make_task({"equation", 2, {}})->length() == 35);
  CHECK(make_task({"equation", 3, {}})->length() == 89);
  CHECK(make_task({"equation", 5, {}})->length() == 314);
}

TEST_CASE("no instance is longer than length, and small sizes reach it") {
  for (const std::string& name : task_names()) {
    for (const int size : {1, 2, 3, 4, 5, 20}) {
      if ((name == "lis" && size < 3) || (name == "chase" && size < 2) ||
          (name == "equation" && size > 5))
        continue;
      const auto task = make_task({name, size, {}});
      INFO(name << " " << size);
      const int eos = task->eos() ? 1 : 0;
      int longest = 0;
      int longest_labels = 0;
      for (std::uint32_t i = 0; i < 20'000; ++i) {
        const Instance instance = draw(*task, 21, i);
        longest = std::max(longest, static_cast<int>(instance.tokens.size()) - eos);
        longest_labels = std::max(longest_labels, static_cast<int>(instance.labels.size()));
        if (size == 20 && i > 500) break;
      }
      CHECK(longest <= task->length());
      CHECK(longest_labels <= task->positions());
      if (size > 4 && name == "arithmetic") continue;  // the longest is rare from five operators on
      CHECK(longest == task->length());
      CHECK(longest_labels == task->positions());
    }
  }
}

TEST_CASE("largest_size is the largest that fits") {
  for (const std::string& name : task_names()) {
    const int least = name == "lis" ? 3 : name == "chase" ? 2 : 1;
    const int most = name == "edit_distance" ? 59 : name == "equation" ? 5 : 500;
    const int limit = name == "equation" ? 503 : 400;  // a sixth unknown would need 503 tokens
    for (int length = 1; length < limit; ++length) {
      INFO(name << " " << length);
      int best = 0;
      for (int size = least; size <= std::min(200, most); ++size) {
        if (make_task({name, size, {}})->length() <= length) best = size;
      }
      if (best == 0) {
        CHECK_THROWS_AS(largest_size({.name = name}, length), InputError);
      } else {
        CHECK(largest_size({.name = name}, length) == best);
      }
    }
  }
  CHECK(largest_size({.name = "edit_distance"}, 3905) == 59);
  CHECK_THROWS_AS(largest_size({.name = "edit_distance"}, 3906),
                  InputError);  // size 60 would fit, but its numbers have no tokens
}

TEST_CASE("numbers of the largest edit distance stay within the vocabulary") {
  const auto task = make_task({"edit_distance", 59, {}});
  std::string prompt;
  for (int i = 0; i < 59; ++i) prompt += "a ";
  prompt += "|";
  for (int i = 0; i < 61; ++i) prompt += " b";
  const std::string text = task->solve(prompt + " <sep>");
  CHECK(split(text).back() == "179");
  CHECK(task->check(text).valid);
  const auto tokens = task->encode(text).tokens;
  CHECK(*std::max_element(tokens.begin(), tokens.end()) == task->vocabulary() - 1);
}

TEST_CASE("the largest sizes work") {
  for (const auto& [name, size] : {std::pair{"lookup", 65535},
                                   {"mqar", 65535},
                                   {"copy", 65535},
                                   {"chase", 65535},
                                   {"recurrence", 65535},
                                   {"arithmetic", 500},
                                   {"equation", 5},
                                   {"edit_distance", 59},
                                   {"lis", 65535}}) {
    const auto task = make_task({name, size, {}});
    const Instance instance = draw(*task, 1);
    CHECK(static_cast<int>(instance.labels.size()) <= task->positions());
    CHECK(task->check(task->text(instance.tokens)).valid);
  }
}

}  // namespace
}  // namespace surd::tasks
