#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <algorithm>

#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

TEST_CASE("LIS is strict, and each length is the one that a quadratic programme finds") {
  CHECK(make_task({"lis", 4, {}})->solve("7 7 9 8 <sep>") == "7 7 9 8 <sep> 1 1 2 2 <sep> 2");
  rc::prop("any numbers", [] {
    const auto numbers =
        *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 60)));
    RC_PRE(numbers.size() <= 20U);
    std::string text;
    for (const int number : numbers) text += std::to_string(number) + " ";
    text += "<sep>";
    std::vector<int> best(numbers.size(), 1);
    int longest = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (numbers[j] < numbers[i]) best[i] = std::max(best[i], best[j] + 1);
      }
      longest = std::max(longest, best[i]);
    }
    const std::string prompt = text;
    for (const int length : best) text.append(" ").append(std::to_string(length));
    text.append(" <sep> ").append(std::to_string(longest));
    RC_ASSERT(make_task({"lis", 20, {}})->solve(prompt) == text);
  });
}

}  // namespace
}  // namespace surd::tasks
