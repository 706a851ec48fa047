// The arithmetic checker against an oracle: a reduction is valid when it is an identity, tried with random numbers modulo a large prime.
#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <algorithm>
#include <set>

#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

using Words = std::vector<std::string>;

bool is_sign(const std::string& word) { return word == "+" || word == "-" || word == "*" || word == "/"; }

std::uint64_t power(std::uint64_t base, std::uint64_t exponent, std::uint64_t modulus) {
  std::uint64_t result = 1;
  for (base %= modulus; exponent > 0; exponent /= 2, base = base * base % modulus) {
    if (exponent % 2 == 1) result = result * base % modulus;
  }
  return result;
}

std::uint64_t apply(std::uint64_t a, const std::string& sign, std::uint64_t b, std::uint64_t modulus) {
  if (sign == "+") return (a + b) % modulus;
  if (sign == "-") return (a + modulus - b) % modulus;
  return a * (sign == "*" ? b : power(b, modulus - 2, modulus)) % modulus;  // Fermat
}

// Recursive descent over words whose numbers stand for values[i].
class Evaluator {
 public:
  Evaluator(const Words& words, const std::vector<std::uint64_t>& values, std::uint64_t modulus)
      : words_(words), values_(values), modulus_(modulus) {}
  std::uint64_t sum() {
    std::uint64_t value = product();
    while (at_ < words_.size() && (words_[at_] == "+" || words_[at_] == "-")) {
      const std::string& sign = words_[at_++];
      value = apply(value, sign, product(), modulus_);
    }
    return value;
  }

 private:
  std::uint64_t product() {
    std::uint64_t value = unit();
    while (at_ < words_.size() && (words_[at_] == "*" || words_[at_] == "/")) {
      const std::string& sign = words_[at_++];
      value = apply(value, sign, unit(), modulus_);
    }
    return value;
  }
  std::uint64_t unit() {
    if (words_[at_] != "(") return values_[at_++];
    ++at_;
    const std::uint64_t value = sum();
    ++at_;
    return value;
  }

  const Words& words_;
  const std::vector<std::uint64_t>& values_;
  std::uint64_t modulus_;
  std::size_t at_ = 0;
};

// All expressions that one valid reduction makes of `words`.
std::set<Words> reductions(const Words& words) {
  constexpr std::uint64_t prime = 1'000'000'007;
  RandomStream stream(99, Split::test, 0, 0);
  std::vector<std::uint64_t> values(words.size());
  for (auto& value : values) value = 1 + stream.below(static_cast<std::uint32_t>(prime - 1));
  const std::uint64_t whole = Evaluator(words, values, prime).sum();
  std::set<Words> found;
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    if (!is_digits(words[i]) || !is_sign(words[i + 1]) || !is_digits(words[i + 2])) continue;
    const bool enclosed = i > 0 && i + 3 < words.size() && words[i - 1] == "(" && words[i + 3] == ")";
    const std::size_t begin = enclosed ? i - 1 : i;
    const std::size_t end = enclosed ? i + 4 : i + 3;
    const auto replaced = [&](auto list, auto value) {
      list.erase(list.begin() + static_cast<std::ptrdiff_t>(begin) + 1, list.begin() + static_cast<std::ptrdiff_t>(end));
      list[begin] = value;
      return list;
    };
    const std::uint64_t a = std::stoull(words[i]);
    const std::uint64_t b = std::stoull(words[i + 2]);
    const Words after = replaced(words, std::to_string(apply(a, words[i + 1], b, 11)));
    const auto values_after = replaced(values, apply(values[i], words[i + 1], values[i + 2], prime));
    if (Evaluator(after, values_after, prime).sum() == whole) found.insert(after);
  }
  return found;
}

// The first place where no valid history goes on as `words` do; words.size() for a history that ends too early; none where it is valid.
std::optional<std::size_t> first_wrong(const Words& words) {
  auto begin = std::find(words.begin(), words.end(), "=");
  Words expression(words.begin(), begin);
  while (expression.size() > 1) {
    ++begin;
    std::size_t furthest = 0;
    std::optional<Words> next;
    for (Words candidate : reductions(expression)) {
      const Words plain = candidate;
      candidate.push_back(candidate.size() > 1 ? "=" : "end");
      std::size_t same = 0;
      const auto word = [&](std::size_t i) {
        return i < static_cast<std::size_t>(words.end() - begin) ? *(begin + static_cast<std::ptrdiff_t>(i)) : "end";
      };
      while (same < candidate.size() && word(same) == candidate[same]) ++same;
      if (same == candidate.size()) next = plain;
      furthest = std::max(furthest, same);
    }
    if (!next) return static_cast<std::size_t>(begin - words.begin()) + furthest;
    begin += static_cast<std::ptrdiff_t>(next->size());
    expression = *next;
  }
  return std::nullopt;
}

TEST_CASE("any order of valid reductions is accepted") {
  rc::prop("a random order", [] {
    const auto task = make_task({"arithmetic", *rc::gen::inRange(1, 12), {}});
    const auto words = split(task->text(draw(*task, *rc::gen::arbitrary<std::uint64_t>()).tokens));
    Words expression(words.begin(), std::find(words.begin(), words.end(), "="));
    std::string text = join(expression);
    while (expression.size() > 1) {
      const auto next = reductions(expression);
      RC_ASSERT(!next.empty());
      expression = *std::next(next.begin(), *rc::gen::inRange<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(next.size())));
      text += " = " + join(expression);
    }
    RC_LOG() << text;
    RC_ASSERT(task->check(text).valid);
    RC_ASSERT(expression[0] == words.back());
  });
}

TEST_CASE("one changed token in an arithmetic chain is accepted exactly where the history is still valid, and else found at its place") {
  int accepted = 0;
  rc::prop("any instance, place and other token", [&] {
    const auto task = make_task({"arithmetic", *rc::gen::inRange(1, 10), {}});
    const Instance instance = draw(*task, *rc::gen::arbitrary<std::uint64_t>());
    auto words = split(task->text(instance.tokens));
    const auto place = *rc::gen::inRange(task->prompt_tokens(instance.tokens), words.size());
    const Token other = *rc::gen::inRange(3, task->vocabulary());
    RC_PRE(other != instance.tokens[place]);
    words[place] = task->token_text(other);
    RC_LOG() << join(words) << " changed at " << place;
    const auto wrong = first_wrong(words);
    const Verdict verdict = task->check(join(words));
    RC_ASSERT(verdict.valid == !wrong);
    if (!wrong) {
      ++accepted;
      return;
    }
    RC_ASSERT(verdict.position == static_cast<std::int64_t>(*wrong));
    RC_ASSERT(verdict.got == (*wrong < words.size() ? words[*wrong] : "end of text"));
    RC_ASSERT((" " + verdict.expected + " ").find(" " + verdict.got + " ") == std::string::npos);
  });
  CHECK(accepted <= 20);  // of 100: a change is nearly always an error
}

TEST_CASE("reductions that break precedence or keep brackets are refused, those that merely reorder are not") {
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
