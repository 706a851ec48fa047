#include "tasks/recall.hpp"

#include <algorithm>

namespace surd::tasks {

void RecallTask::set_labels(Instance& instance) const {
  instance.labels.assign(instance.tokens.size(), pad);
  set_targets(instance.tokens, instance.labels);
}

void RecallTask::sample(RandomStream& stream, int size, Instance& instance) const {
  require_sample_size(size);
  draw(stream, size, instance.tokens);
  set_labels(instance);
}

bool RecallTask::answer_right(const Instance& truth, std::span<const Token> generated) const {
  // The queries stand at the end, one target each.
  const auto first = std::find_if(truth.labels.begin(), truth.labels.end(),
                                  [](Token label) { return label != pad; });
  return std::equal(first, truth.labels.end(), generated.begin(), generated.end());
}

Instance RecallTask::encode(std::string_view text) const {
  const auto words = split_words(text);
  Instance instance;
  instance.tokens.reserve(words.size());
  for (std::size_t i = 0; i < words.size(); ++i)
    instance.tokens.push_back(token_at(words[i], word_place(i)));
  if (const auto fault = find_fault(instance.tokens))
    throw to_error(*fault, words, settings().name);
  set_labels(instance);
  return instance;
}

Verdict RecallTask::check(std::string_view text) const {
  const auto words = split_words(text);
  std::vector<Token> tokens;
  tokens.reserve(words.size());
  for (const std::string_view word : words) tokens.push_back(find_token(word).value_or(unknown));
  const auto fault = find_fault(tokens);
  return fault ? to_verdict(*fault, words) : Verdict{};
}

}  // namespace surd::tasks
