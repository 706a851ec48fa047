// Lookup: n symbols, then n indices; the target at each index is the symbol there, so answers are no tokens and there is no separator and no eos.
// Ids: pad 0, symbol k is 1 + k, index i is 1 + symbols + i. Text: a, b, ... and 0, 1, ...
#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "tasks/entry.hpp"
#include "tasks/words.hpp"

namespace surd::tasks {
namespace {

int longest(int size) { return 2 * size; }

class Lookup final : public Task {
 public:
  explicit Lookup(TaskSettings settings) : Task(std::move(settings)), symbols_(this->settings().options.at("symbols")) {}

  int vocabulary() const override { return 1 + symbols_ + settings().size; }
  int length(int size) const override { return longest(size); }
  Scoring scoring() const override { return Scoring::teacher_forced; }
  std::optional<Token> eos() const override { return std::nullopt; }
  double chance() const override { return std::pow(1.0 / symbols_, settings().size); }
  double log2_instances() const override { return settings().size * (std::log2(symbols_) + std::log2(settings().size)); }

  void sample(RandomStream& stream, int size, Instance& instance) const override {
    require_sample_size(size);
    instance.tokens.resize(2 * static_cast<std::size_t>(size));
    for (int i = 0; i < size; ++i) instance.tokens[i] = 1 + stream.between(0, symbols_ - 1);
    for (int i = 0; i < size; ++i) instance.tokens[size + i] = 1 + symbols_ + stream.between(0, size - 1);
    set_labels(instance);
  }

  std::size_t prompt_tokens(std::span<const Token> tokens) const override { return tokens.size(); }
  bool answer_right(const Instance& truth, std::span<const Token> generated) const override {
    return std::ranges::equal(generated, std::span(truth.labels).subspan(truth.labels.size() / 2));
  }

  std::string token_text(Token token) const override {
    if (token == pad) return "<pad>";
    if (is_symbol(token)) return std::string(1, static_cast<char>('a' + token - 1));
    return token < 0 || token >= vocabulary() ? "<unknown>" : std::to_string(token - 1 - symbols_);
  }
  Instance encode(std::string_view text) const override {
    const auto words = split_words(text);
    Instance instance;
    for (std::size_t i = 0; i < words.size(); ++i) instance.tokens.push_back(token_at(words[i], word_place(i)));
    if (const auto fault = find_fault(instance.tokens)) throw to_error(*fault, words, settings().name);
    set_labels(instance);
    return instance;
  }
  std::string solve(std::string_view prompt) const override { return text(encode(prompt).tokens); }
  Verdict check(std::string_view text) const override {
    const auto words = split_words(text);
    std::vector<Token> tokens;
    for (const std::string_view word : words) tokens.push_back(find_token(word).value_or(unknown));
    const auto fault = find_fault(tokens);
    return fault ? to_verdict(*fault, words) : Verdict{};
  }

 protected:
  std::optional<Token> find_token(std::string_view word) const override {
    if (word.size() == 1 && word[0] >= 'a' && word[0] < 'a' + symbols_) return 1 + (word[0] - 'a');
    const auto index = parse_number(word);
    if (!index || *index >= settings().size) return std::nullopt;
    return 1 + symbols_ + *index;
  }
  std::string token_rule() const override { return symbol_rule() + " or " + index_rule(settings().size); }

 private:
  bool is_symbol(Token token) const { return token >= 1 && token <= symbols_; }
  std::string symbol_rule() const { return std::string("a symbol a..") + static_cast<char>('a' + symbols_ - 1); }
  static std::string index_rule(int count) { return "an index 0.." + std::to_string(count - 1); }

  // labels[i] = tokens[index] at the indices, pad at the symbols. The tokens are faultless.
  void set_labels(Instance& instance) const {
    const std::size_t count = instance.tokens.size() / 2;
    instance.labels.resize(2 * count);
    for (std::size_t i = 0; i < count; ++i) instance.labels[i] = pad;
    for (std::size_t i = count; i < 2 * count; ++i) instance.labels[i] = instance.tokens[instance.tokens[i] - 1 - symbols_];
  }

  std::optional<Fault> find_fault(std::span<const Token> tokens) const {
    const auto most = static_cast<std::size_t>(settings().size);
    std::size_t count = 0;
    while (count < tokens.size() && count < most && is_symbol(tokens[count])) ++count;
    if (count == 0) return Fault{0, symbol_rule()};
    const Token first_index = 1 + symbols_;
    for (std::size_t i = count; i < 2 * count; ++i) {
      if (i < tokens.size() && tokens[i] >= first_index && tokens[i] < first_index + static_cast<Token>(count)) continue;
      const bool symbol_too = i == count && count < most;
      return Fault{i, (symbol_too ? symbol_rule() + " or " : "") + index_rule(static_cast<int>(count))};
    }
    if (tokens.size() > 2 * count) return Fault{2 * count, "end of text"};
    return std::nullopt;
  }

  int symbols_;
};

}  // namespace

Entry lookup_entry() {
  return {.name = "lookup",
          .min_size = 1,
          .max_size = 65535,
          .length = longest,
          .options = {{.name = "symbols", .low = [](int) { return 2; }, .high = [](int) { return 26; }, .fallback = [](int) { return 8; }}},
          .make = [](TaskSettings resolved) -> std::unique_ptr<Task> { return std::make_unique<Lookup>(std::move(resolved)); }};
}

}  // namespace surd::tasks
