#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <algorithm>
#include <functional>

#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

TEST_CASE("edit distance fills the table that plain recursion gives, borders at one a letter") {
  rc::prop("any two strings", [] {
    const auto letters = [](int most) {
      return *rc::gen::resize(most, rc::gen::nonEmpty(rc::gen::container<std::string>(
                                        rc::gen::inRange('a', static_cast<char>('a' + 3)))));
    };
    const std::string a = letters(6);
    const std::string b = letters(8);
    RC_PRE(a.size() <= 6U && b.size() <= 8U);
    const std::function<int(std::size_t, std::size_t)> cost = [&](std::size_t i,
                                                                  std::size_t j) -> int {
      if (i == 0 || j == 0) return static_cast<int>(i + j);
      return std::min({cost(i - 1, j) + 2, cost(i, j - 1) + 2,
                       cost(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 3)});
    };
    std::string text;
    for (const char letter : a) text += {letter, ' '};
    text += "|";
    for (const char letter : b) text += {' ', letter};
    text += " <sep>";
    const std::string prompt = text;
    for (std::size_t i = 1; i <= a.size(); ++i) {
      for (std::size_t j = 1; j <= b.size(); ++j)
        text.append(" ").append(std::to_string(cost(i, j)));
      text += " ,";
    }
    text.append(" <sep> ").append(std::to_string(cost(a.size(), b.size())));
    const auto task = make_task({"edit_distance", 6, {}});
    RC_ASSERT(task->solve(prompt) == text);
    RC_ASSERT(task->check(text).valid);
  });
}

}  // namespace
}  // namespace surd::tasks
