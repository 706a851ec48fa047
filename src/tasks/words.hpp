// The text form of tokens: words, numbers, and the first fault of a text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "tasks/task.hpp"

namespace surd::tasks {

// A word that is no token, in texts that are checked rather than encoded; no vocabulary holds it.
constexpr Token unknown = -1;

// The words between runs of white space.
std::vector<std::string_view> split_words(std::string_view text);
// A number as token_text writes it: digits without sign or leading zero, below 10^9.
std::optional<int> parse_number(std::string_view word);
// The word in quotes, cut where it is long, for messages.
std::string quoted(std::string_view word);

// The first token that is wrong, and what would be right there.
struct Fault {
  std::size_t position = 0;
  std::string expected{};
};

// As verdict: `got` is the word at the fault, or "end of text".
Verdict to_verdict(const Fault& fault, const std::vector<std::string_view>& words);
// As exception, for a malformed prompt.
InputError to_error(const Fault& fault, const std::vector<std::string_view>& words,
                    const std::string& task);
inline std::string word_place(std::size_t position) {
  return "word " + std::to_string(position + 1);
}

}  // namespace surd::tasks
