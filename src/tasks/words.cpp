#include "tasks/words.hpp"

#include <charconv>

namespace surd::tasks {

std::vector<std::string_view> split_words(std::string_view text) {
  constexpr std::string_view white = " \t\r\n";
  std::vector<std::string_view> words;
  std::size_t begin = text.find_first_not_of(white);
  while (begin != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(white, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(white, end);
  }
  return words;
}

std::optional<int> parse_number(std::string_view word) {
  if (word.empty() || word.size() > 9 || word[0] < '0' || word[0] > '9' ||
      (word[0] == '0' && word.size() > 1))
    return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::string quoted(std::string_view word) {
  constexpr std::size_t most = 40;
  std::string text = "'";
  text += word.substr(0, most);
  text += word.size() > most ? "...'" : "'";
  return text;
}

Verdict to_verdict(const Fault& fault, const std::vector<std::string_view>& words) {
  const bool ended = fault.position >= words.size();
  return {.valid = false,
          .position = static_cast<std::int64_t>(fault.position),
          .expected = fault.expected,
          .got = ended ? "end of text" : std::string(words[fault.position])};
}

InputError to_error(const Fault& fault, const std::vector<std::string_view>& words,
                    const std::string& task) {
  const bool ended = fault.position >= words.size();
  return InputError({.what = "the prompt is malformed",
                     .where = task + ", " + word_place(fault.position),
                     .expected = fault.expected,
                     .got = ended ? "end of text" : quoted(words[fault.position])});
}

}  // namespace surd::tasks
