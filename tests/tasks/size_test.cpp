// Lengths in closed form against the longest instances that are seen.
#include <catch2/catch.hpp>
#include <algorithm>

#include "base/error.hpp"
#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

TEST_CASE("lengths in closed form") {
  for (const int n : {3, 4, 10, 59}) {
    CHECK(make_task({"lookup", n, {}})->length() == 2 * n);
    CHECK(make_task({"mqar", n, {}})->length() == 3 * n);
    CHECK(make_task({"copy", n, {}})->length() == 2 * n + 1);
    CHECK(make_task({"chase", n, {}})->length() == 2 * n + 3);
    CHECK(make_task({"recurrence", n, {}})->length() == 3 * n + 3);
    CHECK(make_task({"arithmetic", n, {}})->length() == 2 * n * (n + 1) + 1);
    CHECK(make_task({"edit_distance", n, {}})->length() == n * n + 5 * n + 6);
    CHECK(make_task({"lis", n, {}})->length() == 2 * n + 3);
  }
  CHECK(make_task({"equation", 1, {}})->length() == 8);
  CHECK(make_task({"equation", 2, {}})->length() == 35);
  CHECK(make_task({"equation", 3, {}})->length() == 89);
  CHECK(make_task({"equation", 5, {}})->length() == 314);
}

TEST_CASE("no instance is longer than length, and small sizes reach it") {
  for (const Entry& entry : entries()) {
    for (const int above : {0, 1, 2, 3, 16}) {
      const auto task = make_task(settings_of(entry, above, default_of));
      INFO(entry.name << " " << task->settings().size);
      const int eos = task->eos() ? 1 : 0;
      int longest = 0;
      int longest_labels = 0;
      for (std::uint32_t i = 0; i < 20'000; ++i) {
        const Instance instance = draw(*task, 21, i);
        longest = std::max(longest, static_cast<int>(instance.tokens.size()) - eos);
        longest_labels = std::max(longest_labels, static_cast<int>(instance.labels.size()));
        if (above == 16 && i > 500) break;
      }
      CHECK(longest <= task->length());
      CHECK(longest_labels <= task->positions());
      if (above == 16) continue;  // the longest may be rare, as it is in arithmetic
      CHECK(longest == task->length());
      CHECK(longest_labels == task->positions());
    }
  }
}

TEST_CASE("largest_size is the largest that fits") {
  for (const Entry& entry : entries()) {
    std::vector<int> lengths;  // of the sizes from the smallest on
    for (int size = entry.min_size; size <= std::min(entry.max_size, entry.min_size + 200); ++size)
      lengths.push_back(make_task({entry.name, size, {}})->length());
    REQUIRE(std::ranges::is_sorted(lengths));
    for (int length = 1; length < std::min(400, lengths.back()); ++length) {
      INFO(entry.name << " " << length);
      const auto longer = std::ranges::upper_bound(lengths, length);
      if (longer == lengths.begin()) {
        CHECK_THROWS_AS(largest_size({.name = entry.name}, length), InputError);
      } else {
        CHECK(largest_size({.name = entry.name}, length) ==
              entry.min_size + (longer - lengths.begin()) - 1);
      }
    }
  }
  CHECK(largest_size({.name = "equation"}, 502) == 5);
  CHECK_THROWS_AS(largest_size({.name = "equation"}, 503), InputError);  // a sixth unknown
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
  for (const Entry& entry : entries()) {
    const auto task = make_task({entry.name, entry.max_size, {}});
    INFO(entry.name << " " << entry.max_size);
    const Instance instance = draw(*task, 1);
    CHECK(static_cast<int>(instance.labels.size()) <= task->positions());
    CHECK(task->check(task->text(instance.tokens)).valid);
  }
}

}  // namespace
}  // namespace surd::tasks
