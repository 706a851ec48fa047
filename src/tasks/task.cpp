#include "tasks/task.hpp"

#include "base/error.hpp"
#include "tasks/words.hpp"

namespace surd::tasks {

int Task::sample_size_under(RandomStream& stream, int most) const {
  // Rejection: a uniform size is kept with probability size / most. No table, and exact.
  while (true) {
    const int size = stream.between(min_size(), most);
    if (stream.between(1, most) <= size) return size;
  }
}

std::string Task::text(std::span<const Token> tokens) const {
  std::string text;
  for (const Token token : tokens) {
    if (token == pad || token == eos()) continue;
    if (!text.empty()) text += ' ';
    text += token_text(token);
  }
  return text;
}

Token Task::token_at(std::string_view word, const std::string& where) const {
  if (const auto token = find_token(word)) return *token;
  std::string nearest;
  if (word.size() >= 3) {  // anything is near to a word of one letter
    std::vector<std::string> names;
    for (Token token = 1; token < vocabulary(); ++token) {
      std::string name = token_text(token);
      if (name.size() >= 3 && name[0] == '<' && find_token(name)) names.push_back(std::move(name));
    }
    nearest = nearest_word(std::string(word.substr(0, 40)), names);
  }
  throw InputError({.what = "no token of this task",
                    .where = settings_.name + (where.empty() ? "" : ", " + where),
                    .expected = token_rule(),
                    .got = quoted(word),
                    .advice = nearest.empty() ? "" : "Did you mean '" + nearest + "'?"});
}

void Task::require_sample_size(int size) const {
  if (size >= min_size() && size <= settings_.size) return;
  throw Error({.what = "the sampled size is out of range",
               .where = settings_.name,
               .expected = std::to_string(min_size()) + ".." + std::to_string(settings_.size),
               .got = std::to_string(size)});
}

}  // namespace surd::tasks
