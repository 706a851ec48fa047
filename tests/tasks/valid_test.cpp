// What check and solve refuse of every task.
#include <catch2/catch.hpp>

#include "base/error.hpp"
#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

TEST_CASE("a text that is cut short or goes on is not valid") {
  for (const TaskSettings& settings : all_settings()) {
    const auto task = make_task(settings);
    const auto words = split(task->text(draw(*task, 5).tokens));
    INFO(settings.name << " " << settings.size << ": " << join(words));
    for (std::size_t count = 0; count < words.size(); ++count) {
      const Verdict verdict = task->check(join(words, 0, count));
      CHECK_FALSE(verdict.valid);
      CHECK(verdict.position == static_cast<std::int64_t>(count));
      CHECK(verdict.got == "end of text");
      CHECK_FALSE(verdict.expected.empty());
    }
    for (const std::string& more : {words.back(), words.front(), std::string("?")}) {
      const Verdict verdict = task->check(join(words) + " " + more);
      CHECK_FALSE(verdict.valid);
      CHECK(verdict.position == static_cast<std::int64_t>(words.size()));
      CHECK(verdict.got == more);
    }
  }
}

TEST_CASE("a prompt larger than the size is not valid, and not solved") {
  for (const Entry& entry : entries()) {
    const auto small = make_task(settings_of(entry, 0, default_of));
    const auto large = make_task(settings_of(entry, 4, default_of));
    const std::string text = large->text(draw(*large, 1).tokens);
    INFO(entry.name << ": " << text);
    CHECK(large->check(text).valid);
    CHECK_FALSE(small->check(text).valid);
    CHECK_THROWS_AS(small->solve(text), InputError);
  }
}

TEST_CASE("a generated answer counts only just before the first eos") {
  const auto task = make_task({"arithmetic", 1, {}});
  const Instance truth = task->encode("10 * 4 = 7");
  CHECK(task->answer_right(truth, std::vector<Token>{17, 2}));
  CHECK(task->answer_right(truth, std::vector<Token>{11, 9, 17, 2, 5, 2}));
  CHECK_FALSE(task->answer_right(truth, std::vector<Token>{17}));
  CHECK_FALSE(task->answer_right(truth, std::vector<Token>{17, 11, 2}));
  CHECK_FALSE(task->answer_right(truth, std::vector<Token>{2, 17, 2}));
  CHECK_FALSE(task->answer_right(truth, std::vector<Token>{}));
}

}  // namespace
}  // namespace surd::tasks
