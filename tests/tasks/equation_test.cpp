#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <array>

#include "base/error.hpp"
#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

// The systems of an equation's text: of each its rows, and of each row the coefficients of a..e and
// the right side.
std::vector<std::vector<std::array<int, 6>>> systems(const std::string& text) {
  std::vector<std::vector<std::array<int, 6>>> all{{{}}};
  int number = 1;  // an unknown without a coefficient counts once
  bool right_side = false;
  for (const std::string& word : split(text + " ,")) {
    if (word == "<sep>" || word == ",") {
      if (right_side) all.back().back()[5] = number;
      word == "," ? void(all.back().emplace_back()) : void(all.push_back({{}}));
    } else if (is_digits(word)) {
      number = std::stoi(word);
      continue;
    } else if (word[0] >= 'a' && word[0] <= 'e') {
      all.back().back()[static_cast<std::size_t>(word[0] - 'a')] = number;
    }
    right_side = word == "=";
    number = 1;
  }
  all.back().pop_back();
  return all;
}

TEST_CASE(
    "every system of an equation has the solution that the last one states, and prints one unknown "
    "more solved") {
  rc::prop("any instance", [] {
    const auto task = make_task({"equation", *rc::gen::inRange(1, 6), {}});
    const auto n = static_cast<std::size_t>(task->settings().size);
    const std::string text = task->text(draw(*task, *rc::gen::arbitrary<std::uint64_t>()).tokens);
    RC_LOG() << text;
    const auto steps = systems(text);
    RC_ASSERT(steps.size() == n + 1);
    std::vector<int> solution;
    for (const auto& row : steps.back()) solution.push_back(row[5]);
    for (std::size_t step = 0; step <= n; ++step) {
      RC_ASSERT(steps[step].size() == n);
      for (std::size_t row = 0; row < n; ++row) {
        int sum = 0;
        for (std::size_t j = 0; j < n; ++j) {
          sum += steps[step][row][j] * solution[j];
          if (j < step) RC_ASSERT(steps[step][row][j] == (row == j ? 1 : 0));
        }
        RC_ASSERT(sum % 11 == steps[step][row][5]);
      }
    }
  });
}

TEST_CASE("a malformed or singular system is refused at its first wrong token") {
  const auto task = make_task({"equation", 2, {}});
  const std::vector<FaultyText> faults{
      {"", 0, "a number 0..10"},
      {"a = 3 <sep>", 0, "a number 0..10"},
      {"2 b = 3 <sep>", 1, "a"},
      {"2 a 3 <sep>", 2, "+ or ="},
      {"2 a = b <sep>", 3, "a number 0..10"},
      {"2 a = 3 , 2 a = 3 <sep>", 4, "<sep>"},
      {"2 a + 0 b + 1 c = 3", 5, "="},
      {"2 a + 0 b = 10 <sep>", 7, ","},
      {"2 a + 0 b = 10 , 1 a = 4 <sep>", 10, "+"},
      {"2 a + 0 b = 10 , 4 a + 0 b = 4 <sep>", 15, "a system with exactly one solution"},
      {"0 a = 0 <sep>", 4, "a system with exactly one solution"},
      {"1 a + 1 b = 11 , 1 a + 2 b = 0 <sep>", 6, "a number 0..10"},
  };
  check_faults(*task, faults);
  for (const FaultyText& fault : faults) {
    INFO(fault.text);
    CHECK_THROWS_AS(task->solve(fault.text), InputError);
  }
}

TEST_CASE(
    "the generated answer of an equation is all that stands between the last separator and the "
    "first eos") {
  const auto task = make_task({"equation", 2, {}});
  const Instance truth =
      task->encode("2 a + 0 b = 3 , 5 a + 3 b = 6 <sep> a + 0 b = 7 , 3 b = 4 <sep> a = 7 , b = 5");
  const auto right = [&](std::vector<Token> generated) {
    return task->answer_right(truth, generated);
  };
  CHECK(right({3, 6, 1, 18, 5, 7, 1, 16, 2}));
  CHECK(right({6, 1, 18, 5, 7, 1, 16, 2}));  // the prompt's separator comes before
  CHECK(right({9, 9, 3, 6, 1, 18, 5, 7, 1, 16, 2, 3, 2}));
  CHECK_FALSE(right({3, 6, 1, 18, 5, 7, 1, 16}));
  CHECK_FALSE(right({3, 6, 1, 17, 5, 7, 1, 16, 2}));
  CHECK_FALSE(right({3, 9, 6, 1, 18, 5, 7, 1, 16, 2}));
  CHECK_FALSE(right({3, 6, 1, 18, 5, 7, 1, 16, 3, 2}));
  CHECK_FALSE(right({2}));
  CHECK_FALSE(right({}));
}

}  // namespace
}  // namespace surd::tasks
