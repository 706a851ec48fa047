// check, solve and encode against what sample makes, and against oracles that share no code with the room.
#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <functional>

#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

TaskSettings any_settings() {
  const auto name = *rc::gen::elementOf(task_names());
  if (name == "lookup") return {name, *rc::gen::inRange(1, 20), {{"symbols", *rc::gen::inRange(2, 27)}}};
  if (name == "arithmetic") return {name, *rc::gen::inRange(1, 14), {}};
  if (name == "edit_distance") return {name, *rc::gen::inRange(1, 14), {}};
  const int size = *rc::gen::inRange(3, 40);
  return {name, size, {{"number_range", *rc::gen::inRange(2 * size + 1, 3 * size + 60)}}};
}

TEST_CASE("what is sampled is valid, encodes to itself and is solved to a valid text") {
  rc::prop("any task, size, options and seed", [] {
    const auto task = make_task(any_settings());
    const int size = *rc::gen::inRange(task->min_size(), task->settings().size + 1);
    const Instance instance = draw(*task, *rc::gen::arbitrary<std::uint64_t>(), 0, size);
    const std::string text = task->text(instance.tokens);
    const Instance encoded = task->encode(text);
    RC_ASSERT(encoded.tokens == instance.tokens);
    RC_ASSERT(encoded.labels == instance.labels);
    RC_ASSERT(task->check(text).valid);
    const std::string prompt = task->text(std::span(instance.tokens).first(task->prompt_tokens(instance.tokens)));
    const std::string solution = task->solve(prompt);
    RC_ASSERT(task->check(solution).valid);
    RC_ASSERT(solution.starts_with(prompt));
    RC_ASSERT(task->solve(text) == solution);  // what follows the separator is ignored
    if (task->settings().name != "arithmetic") RC_ASSERT(solution == text);
    if (task->eos()) RC_ASSERT(task->answer_right(instance, std::span(instance.tokens).subspan(task->prompt_tokens(instance.tokens))));
  });
}

TEST_CASE("one wrong token in the chain of edit distance or LIS is found at its place") {
  rc::prop("any instance, place and other token", [] {
    TaskSettings settings = any_settings();
    RC_PRE(settings.name == "edit_distance" || settings.name == "lis");
    const auto task = make_task(settings);
    const Instance instance = draw(*task, *rc::gen::arbitrary<std::uint64_t>());
    auto words = split(task->text(instance.tokens));
    const auto place = *rc::gen::inRange(task->prompt_tokens(instance.tokens), words.size());
    const Token other = *rc::gen::inRange(1, task->vocabulary());
    RC_PRE(other != instance.tokens[place]);
    const std::string right = words[place];
    words[place] = task->token_text(other);
    const Verdict verdict = task->check(join(words));
    RC_ASSERT(!verdict.valid);
    RC_ASSERT(verdict.position == static_cast<std::int64_t>(place));
    RC_ASSERT(verdict.expected == right);
    RC_ASSERT(verdict.got == words[place]);
  });
}

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
  for (const auto& [name, size] : {std::pair{"lookup", 4}, {"arithmetic", 2}, {"edit_distance", 4}, {"lis", 4}}) {
    const auto small = make_task({name, size, {}});
    const auto large = make_task({name, size + 4, {}});
    const std::string text = large->text(draw(*large, 1).tokens);
    INFO(name << ": " << text);
    CHECK(large->check(text).valid);
    CHECK_FALSE(small->check(text).valid);
    CHECK_THROWS_AS(small->solve(text), InputError);
  }
}

TEST_CASE("LIS is strict, and each length is the one that a quadratic programme finds") {
  CHECK(make_task({"lis", 4, {}})->solve("7 7 9 8 <sep>") == "7 7 9 8 <sep> 1 1 2 2 <sep> 2");
  rc::prop("any numbers", [] {
    const auto numbers = *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 60)));
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

TEST_CASE("edit distance fills the table that plain recursion gives, borders at one a letter") {
  rc::prop("any two strings", [] {
    const auto letters = [](int most) {
      return *rc::gen::resize(most, rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('a', static_cast<char>('a' + 3)))));
    };
    const std::string a = letters(6);
    const std::string b = letters(8);
    RC_PRE(a.size() <= 6U && b.size() <= 8U);
    const std::function<int(std::size_t, std::size_t)> cost = [&](std::size_t i, std::size_t j) -> int {
      if (i == 0 || j == 0) return static_cast<int>(i + j);
      return std::min({cost(i - 1, j) + 2, cost(i, j - 1) + 2, cost(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 3)});
    };
    std::string text;
    for (const char letter : a) text += {letter, ' '};
    text += "|";
    for (const char letter : b) text += {' ', letter};
    text += " <sep>";
    const std::string prompt = text;
    for (std::size_t i = 1; i <= a.size(); ++i) {
      for (std::size_t j = 1; j <= b.size(); ++j) text.append(" ").append(std::to_string(cost(i, j)));
      text += " ,";
    }
    text.append(" <sep> ").append(std::to_string(cost(a.size(), b.size())));
    const auto task = make_task({"edit_distance", 6, {}});
    RC_ASSERT(task->solve(prompt) == text);
    RC_ASSERT(task->check(text).valid);
  });
}

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
