// The arithmetic checker against the oracle of reductions.hpp, and by hand.
#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <algorithm>

#include "tasks/reductions.hpp"
#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

TEST_CASE("any order of valid reductions is accepted") {
  rc::prop("a random order", [] {
    const auto task = make_task({"arithmetic", *rc::gen::inRange(1, 12), {}});
    const auto words = split(task->text(draw(*task, *rc::gen::arbitrary<std::uint64_t>()).tokens));
    Words expression(words.begin(), std::find(words.begin(), words.end(), "="));
    std::string text = join(expression);
    while (expression.size() > 1) {
      const auto next = reductions(expression);
      RC_ASSERT(!next.empty());
      expression = *std::next(next.begin(), *rc::gen::inRange<std::ptrdiff_t>(
                                                0, static_cast<std::ptrdiff_t>(next.size())));
      text += " = " + join(expression);
    }
    RC_LOG() << text;
    RC_ASSERT(task->check(text).valid);
    RC_ASSERT(expression[0] == words.back());
  });
}

TEST_CASE(
    "reductions that break precedence or keep brackets are refused, those that merely reorder are "
    "not") {
  const auto task = make_task({"arithmetic", 4, {}});
  const auto verdict = [&](const char* text) { return task->check(text); };
  CHECK(verdict("5 + 3 - 2 = 5 + 1 = 6").valid);
  CHECK(verdict("2 * 8 / 4 = 2 * 2 = 4").valid);
  CHECK(verdict("0 * 2 * 3 = 0 * 6 = 0").valid);
  CHECK(verdict("( 2 * 3 ) + 1 = 6 + 1 = 7").valid);
  CHECK(verdict("10 / ( 3 * ( 1 + 1 ) ) = 10 / ( 3 * 2 ) = 10 / 6 = 9").valid);
  CHECK_FALSE(verdict("5 - 3 + 0 = 5 - 3 = 2").valid);
  CHECK_FALSE(verdict("5 - 3 - 2 = 5 - 1 = 4").valid);
  CHECK_FALSE(verdict("8 / 4 * 2 = 8 / 8 = 1").valid);
  CHECK_FALSE(verdict("1 + 2 * 3 = 3 * 3 = 9").valid);
  CHECK_FALSE(verdict("( 1 + 2 ) * 3 = ( 3 ) * 3 = 9").valid);
  CHECK_FALSE(verdict("1 + 2 + 3 = 6").valid);
  CHECK_FALSE(verdict("1 + 2 = 1 + 2 = 3").valid);
  const Verdict wrong = verdict("1 + 2 + 4 = 3 + 5 = 8");
  CHECK(wrong.position == 8);
  CHECK(wrong.expected == "4");
  CHECK(wrong.got == "5");
  CHECK(verdict("1 + 2 + 4 = 9 + 4 = 2").expected == "1 or 3");
}

TEST_CASE("a malformed arithmetic prompt is refused at its first wrong token") {
  const auto task = make_task({"arithmetic", 3, {}});
  const std::vector<std::pair<std::string, int>> prompts{{"", 0},
                                                         {"= 3", 0},
                                                         {"5 = 5", 1},
                                                         {"+ 3 = 3", 0},
                                                         {"1 + + 2 =", 2},
                                                         {"1 2 =", 1},
                                                         {"1 + 2 )", 3},
                                                         {"( 1 + 2 = 3", 4},
                                                         {"( 1 ) + 2 =", 2},
                                                         {"( ( 1 + 2 ) ) + 3 =", 6},
                                                         {"( 1 + 2 ) = 3", 5},
                                                         {"1 + 2 + 3 + 4 + 5 =", 7},
                                                         {"4 / 0 = 0", 2},
                                                         {"1 / ( 2 - 2 ) =", 2},
                                                         {"( ( ( ( 1", 2},
                                                         {"1 + 11 =", 2},
                                                         {"1 + 02 =", 2}};
  for (const auto& [prompt, position] : prompts) {
    INFO("'" << prompt << "'");
    const Verdict verdict = task->check(prompt);
    CHECK_FALSE(verdict.valid);
    CHECK(verdict.position == position);
    CHECK_FALSE(verdict.expected.empty());
    CHECK_THROWS_AS(task->solve(prompt), InputError);
  }
}

}  // namespace
}  // namespace surd::tasks
