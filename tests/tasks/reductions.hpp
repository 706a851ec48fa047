// An oracle for arithmetic histories: a reduction is valid when it is an identity, tried with
// random numbers modulo a large prime.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tasks/support.hpp"

namespace surd::tasks {

using Words = std::vector<std::string>;

inline bool is_sign(const std::string& word) {
  return word == "+" || word == "-" || word == "*" || word == "/";
}

inline std::uint64_t power(std::uint64_t base, std::uint64_t exponent, std::uint64_t modulus) {
  std::uint64_t result = 1;
  for (base %= modulus; exponent > 0; exponent /= 2, base = base * base % modulus) {
    if (exponent % 2 == 1) result = result * base % modulus;
  }
  return result;
}

inline std::uint64_t apply(std::uint64_t a, const std::string& sign, std::uint64_t b,
                           std::uint64_t modulus) {
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
inline std::set<Words> reductions(const Words& words) {
  constexpr std::uint64_t prime = 1'000'000'007;
  RandomStream stream(99, Split::test, 0, 0);
  std::vector<std::uint64_t> values(words.size());
  for (auto& value : values) value = 1 + stream.below(static_cast<std::uint32_t>(prime - 1));
  const std::uint64_t whole = Evaluator(words, values, prime).sum();
  std::set<Words> found;
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    if (!is_digits(words[i]) || !is_sign(words[i + 1]) || !is_digits(words[i + 2])) continue;
    const bool enclosed =
        i > 0 && i + 3 < words.size() && words[i - 1] == "(" && words[i + 3] == ")";
    const std::size_t begin = enclosed ? i - 1 : i;
    const std::size_t end = enclosed ? i + 4 : i + 3;
    const auto replaced = [&](auto list, const auto& value) {
      list.erase(list.begin() + static_cast<std::ptrdiff_t>(begin) + 1,
                 list.begin() + static_cast<std::ptrdiff_t>(end));
      list[begin] = value;
      return list;
    };
    const std::uint64_t a = std::stoull(words[i]);
    const std::uint64_t b = std::stoull(words[i + 2]);
    const Words after = replaced(words, std::to_string(apply(a, words[i + 1], b, 11)));
    const auto values_after =
        replaced(values, apply(values[i], words[i + 1], values[i + 2], prime));
    if (Evaluator(after, values_after, prime).sum() == whole) found.insert(after);
  }
  return found;
}

// The first place where no valid history goes on as `words` do; words.size() for a history that
// ends too early; none where it is valid.
inline std::optional<std::size_t> first_wrong(const Words& words) {
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
        return i < static_cast<std::size_t>(words.end() - begin)
                   ? *(begin + static_cast<std::ptrdiff_t>(i))
                   : "end";
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

}  // namespace surd::tasks
