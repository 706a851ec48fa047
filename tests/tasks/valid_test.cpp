// check, solve and encode against what sample makes, and against oracles that share no code with
// the room.
#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <array>
#include <functional>
#include <tuple>

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

TEST_CASE("mqar supervises each query with the value of its key") {
  const auto task = make_task({"mqar", 3, {}});  // 6 keys, 8 values
  const Instance instance = task->encode("4 v7 0 v1 5 v1 0 5 4");
  CHECK(instance.tokens == std::vector<Token>{5, 14, 1, 8, 6, 8, 1, 6, 5});
  CHECK(instance.labels == std::vector<Token>{0, 0, 0, 0, 0, 0, 8, 8, 14});
  CHECK(task->check("4 v7 4").valid);  // a smaller size
  const std::vector<std::tuple<std::string, int, std::string>> faults{
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
  for (const auto& [text, position, expected] : faults) {
    INFO(text);
    const Verdict verdict = task->check(text);
    CHECK(verdict.position == position);
    CHECK(verdict.expected == expected);
    CHECK_THROWS_AS(task->encode(text), InputError);
  }
}

TEST_CASE("copy repeats its prompt") {
  const auto task = make_task({"copy", 3, {}});
  CHECK(task->solve("c a z <sep>") == "c a z <sep> c a z");
  CHECK(task->encode("c a z <sep> c a z").labels == std::vector<Token>{0, 0, 0, 5, 3, 28, 2});
  CHECK(task->check("c a <sep> c b").position == 4);
  CHECK(task->check("<sep>").expected == "a symbol a..z");
  CHECK(task->check("a b c d <sep>").expected == "<sep>");
}

TEST_CASE("chase follows the permutation for as many hops as it has numbers") {
  const auto task = make_task({"chase", 4, {}});
  CHECK(task->solve("2 0 1 3 1 <sep>") == "2 0 1 3 1 <sep> 1 0 2 1 0");
  CHECK(task->solve("1 0 0 <sep>") == "1 0 0 <sep> 0 1 0");  // a smaller size
  CHECK(task->encode("1 0 0 <sep> 0 1 0").labels == std::vector<Token>{0, 0, 0, 3, 4, 3, 2});
  const std::vector<std::tuple<std::string, int, std::string>> faults{
      {"<sep>", 0, "a number 0..3"},
      {"0 0 <sep>", 1, "a number 0..3 that did not come before"},
      {"2 0 2 <sep>", 0, "a number 0..1"},
      {"1 0 <sep>", 2, "a number 0..3"},
      {"1 0 1 0 <sep>", 3, "<sep>"},
      {"1 4 1 <sep>", 1, "a number 0..3"}};
  for (const auto& [text, position, expected] : faults) {
    INFO(text);
    const Verdict verdict = task->check(text);
    CHECK(verdict.position == position);
    CHECK(verdict.expected == expected);
  }
  rc::prop("any instance", [] {
    const auto chase = make_task({"chase", *rc::gen::inRange(2, 30), {}});
    const auto words =
        split(chase->text(draw(*chase, *rc::gen::arbitrary<std::uint64_t>()).tokens));
    const auto n = static_cast<std::size_t>(chase->settings().size);
    RC_ASSERT(words.size() == 2 * n + 3);
    RC_ASSERT(words[n + 1] == "<sep>");
    RC_ASSERT(words[n + 2] == words[n]);
    for (std::size_t i = n + 3; i < words.size(); ++i)
      RC_ASSERT(words[i] == words[std::stoul(words[i - 1])]);
  });
}

TEST_CASE("recurrence adds the value that lies a lag back, nothing before the start") {
  const auto task = make_task({"recurrence", 5, {{"locality", 2}}});
  CHECK(task->solve("4 @1 3 @2 2 @1 1 @2 <sep>") == "4 @1 3 @2 2 @1 1 @2 <sep> 4 3 0 4 <sep> 4");
  const std::vector<std::tuple<std::string, int, std::string>> faults{
      {"<sep>", 0, "a number 0..4"},
      {"4 @2 <sep>", 1, "a lag @1..@1"},
      {"4 @1 3 @2 2 @3 <sep>", 5, "a lag @1..@2"},
      {"4 @1 5 @1 <sep>", 2, "a number 0..4 or <sep>"},
      {"4 4 <sep>", 1, "a lag @1..@1"},
      {"0 @1 0 @1 0 @1 0 @1 0 @1 0 @1 <sep>", 10, "<sep>"}};
  for (const auto& [text, position, expected] : faults) {
    INFO(text);
    const Verdict verdict = task->check(text);
    CHECK(verdict.position == position);
    CHECK(verdict.expected == expected);
  }
  rc::prop("any instance", [] {
    const int n = *rc::gen::inRange(1, 30);
    const int p = *rc::gen::inRange(2, 14);
    const int m = *rc::gen::inRange(0, 40);
    const auto recurrence = make_task({"recurrence", n, {{"modulus", p}, {"locality", m}}});
    const auto words =
        split(recurrence->text(draw(*recurrence, *rc::gen::arbitrary<std::uint64_t>()).tokens));
    std::vector<int> y(static_cast<std::size_t>(n) + 1, 0);
    for (std::size_t t = 1; t < y.size(); ++t) {
      const std::size_t lag = std::stoul(words[2 * t - 1].substr(1));
      RC_ASSERT(lag <= t);
      if (m > 0) RC_ASSERT(lag <= static_cast<std::size_t>(m));
      y[t] = (std::stoi(words[2 * t - 2]) + y[t - lag]) % p;
      RC_ASSERT(words[2 * static_cast<std::size_t>(n) + t] == std::to_string(y[t]));
    }
    RC_ASSERT(words.back() == std::to_string(y.back()));
  });
}

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
  const std::vector<std::tuple<std::string, int, std::string>> faults{
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
  for (const auto& [text, position, expected] : faults) {
    INFO(text);
    const Verdict verdict = task->check(text);
    CHECK(verdict.position == position);
    CHECK(verdict.expected == expected);
    CHECK_THROWS_AS(task->solve(text), InputError);
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
