#include "tasks/chain.hpp"

#include <algorithm>

namespace surd::tasks {
namespace {

// labels[i] is the next token from the separator on: the chain, the answer and eos are supervised.
void set_labels(Instance& instance, std::size_t prompt) {
  instance.labels.resize(instance.tokens.size() - 1);
  const auto supervised = instance.labels.begin() + static_cast<std::ptrdiff_t>(prompt) - 1;
  std::fill(instance.labels.begin(), supervised, pad);
  std::copy(instance.tokens.begin() + static_cast<std::ptrdiff_t>(prompt), instance.tokens.end(),
            supervised);
}

// The token before the first eos; pad where there is none.
Token answer(std::span<const Token> tokens) {
  const auto end = std::find(tokens.begin(), tokens.end(), ChainTask::eos_token);
  return end == tokens.end() || end == tokens.begin() ? pad : *(end - 1);
}

}  // namespace

void ChainTask::sample(RandomStream& stream, int size, Instance& instance) const {
  require_sample_size(size);
  draw(stream, size, instance.tokens);
  set_labels(instance, prompt_tokens(instance.tokens));
}

std::size_t ChainTask::prompt_tokens(std::span<const Token> tokens) const {
  const auto found = std::find(tokens.begin(), tokens.end(), separator_);
  return found == tokens.end() ? tokens.size()
                               : static_cast<std::size_t>(found - tokens.begin()) + 1;
}

bool ChainTask::answer_right(const Instance& truth, std::span<const Token> generated) const {
  const Token got = answer(generated);
  return got != pad && got == answer(truth.tokens);
}

Instance ChainTask::encode(std::string_view text) const {
  const auto words = split_words(text);
  Instance instance;
  instance.tokens.reserve(words.size() + 1);
  for (std::size_t i = 0; i < words.size(); ++i)
    instance.tokens.push_back(token_at(words[i], word_place(i)));
  const std::size_t prompt = prompt_tokens(instance.tokens);
  if (prompt == 0 || instance.tokens[prompt - 1] != separator_) {
    throw InputError({.what = "the text has no separator, so nothing in it is supervised",
                      .where = settings().name,
                      .expected = "'" + token_text(separator_) + "' after the prompt",
                      .got = "end of text after " + std::to_string(words.size()) + " words"});
  }
  instance.tokens.push_back(eos_token);
  set_labels(instance, prompt);
  return instance;
}

std::string ChainTask::solve(std::string_view prompt) const {
  const auto words = split_words(prompt);
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < words.size() && (tokens.empty() || tokens.back() != separator_);
       ++i) {
    tokens.push_back(token_at(words[i], word_place(i)));
  }
  if (tokens.empty() || tokens.back() != separator_) tokens.push_back(eos_token);
  if (const auto fault = prompt_fault(tokens)) throw to_error(*fault, words, settings().name);
  append_chain(tokens);
  return text(tokens);
}

Verdict ChainTask::check(std::string_view text) const {
  const auto words = split_words(text);
  std::vector<Token> tokens;
  tokens.reserve(words.size() + 1);
  for (const std::string_view word : words) tokens.push_back(find_token(word).value_or(unknown));
  tokens.push_back(eos_token);
  const std::size_t prompt = prompt_tokens(tokens);
  auto fault = prompt_fault(std::span(tokens).first(prompt));
  if (!fault) fault = chain_fault(tokens, prompt);
  return fault ? to_verdict(*fault, words) : Verdict{};
}

std::optional<Fault> ChainTask::chain_fault(std::span<const Token> tokens,
                                            std::size_t prompt) const {
  std::vector<Token> right(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(prompt));
  append_chain(right);
  // Both end with their only eos, so neither can be a prefix of the other.
  const auto [wrong, expected] =
      std::mismatch(tokens.begin(), tokens.end(), right.begin(), right.end());
  if (wrong == tokens.end()) return std::nullopt;
  return Fault{static_cast<std::size_t>(wrong - tokens.begin()), expected_text(*expected)};
}

std::optional<Fault> ChainTask::items_fault(std::span<const Token> prompt, Token first_item,
                                            const std::string& item_rule) const {
  const auto most = static_cast<std::size_t>(settings().size);
  for (std::size_t i = 0; i < prompt.size(); ++i) {
    if (i > 0 && prompt[i] == separator_) return std::nullopt;
    if (i == most) return Fault{i, token_text(separator_)};
    if (prompt[i] < first_item) return Fault{i, i == 0 ? item_rule : token_rule()};
  }
  return Fault{prompt.size(), token_text(separator_)};
}

}  // namespace surd::tasks
