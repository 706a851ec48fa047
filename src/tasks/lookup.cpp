// Lookup: n symbols, then n indices; the target at each index is the symbol there, so answers are
// no tokens and there is no separator and no eos. Ids: pad 0, symbol k is 1 + k, index i is 1 +
// symbols + i. Text: a, b, ... and 0, 1, ... L = 2n. Scored teacher-forced: every target right;
// chance symbols^-n.
#include <algorithm>
#include <cmath>

#include "tasks/entry.hpp"
#include "tasks/recall.hpp"

namespace surd::tasks {
namespace {

int longest(int size) { return 2 * size; }

class Lookup final : public RecallTask {
 public:
  explicit Lookup(TaskSettings settings)
      : RecallTask(std::move(settings)), symbols_(this->settings().options.at("symbols")) {}

  int vocabulary() const override { return 1 + symbols_ + settings().size; }
  int length(int size) const override { return longest(size); }
  double chance() const override { return std::pow(1.0 / symbols_, settings().size); }
  double log2_instances() const override {
    return settings().size * (std::log2(symbols_) + std::log2(settings().size));
  }

  std::string token_text(Token token) const override {
    if (token == pad) return "<pad>";
    if (is_symbol(token)) return std::string(1, static_cast<char>('a' + token - 1));
    return token < 0 || token >= vocabulary() ? "<unknown>" : std::to_string(token - 1 - symbols_);
  }

 protected:
  std::optional<Token> find_token(std::string_view word) const override {
    if (word.size() == 1 && word[0] >= 'a' && word[0] < 'a' + symbols_) return 1 + (word[0] - 'a');
    const auto index = parse_number(word);
    if (!index || *index >= settings().size) return std::nullopt;
    return 1 + symbols_ + *index;
  }
  std::string token_rule() const override {
    return symbol_rule() + " or " + index_rule(settings().size);
  }

  void draw(RandomStream& stream, int size, std::vector<Token>& tokens) const override {
    tokens.resize(2 * static_cast<std::size_t>(size));
    for (int i = 0; i < size; ++i) tokens[i] = 1 + stream.between(0, symbols_ - 1);
    for (int i = 0; i < size; ++i) tokens[size + i] = 1 + symbols_ + stream.between(0, size - 1);
  }

  void set_targets(std::span<const Token> tokens, std::span<Token> labels) const override {
    for (std::size_t i = tokens.size() / 2; i < tokens.size(); ++i)
      labels[i] = tokens[tokens[i] - 1 - symbols_];
  }

  std::optional<Fault> find_fault(std::span<const Token> tokens) const override {
    const auto most = static_cast<std::size_t>(settings().size);
    std::size_t count = 0;
    while (count < tokens.size() && count < most && is_symbol(tokens[count])) ++count;
    if (count == 0) return Fault{0, symbol_rule()};
    const Token first_index = 1 + symbols_;
    for (std::size_t i = count; i < 2 * count; ++i) {
      if (i < tokens.size() && tokens[i] >= first_index &&
          tokens[i] < first_index + static_cast<Token>(count))
        continue;
      const bool symbol_too = i == count && count < most;
      return Fault{
          i, (symbol_too ? symbol_rule() + " or " : "") + index_rule(static_cast<int>(count))};
    }
    if (tokens.size() > 2 * count) return Fault{2 * count, "end of text"};
    return std::nullopt;
  }

 private:
  bool is_symbol(Token token) const { return token >= 1 && token <= symbols_; }
  std::string symbol_rule() const {
    return std::string("a symbol a..") + static_cast<char>('a' + symbols_ - 1);
  }
  static std::string index_rule(int count) { return "an index 0.." + std::to_string(count - 1); }

  int symbols_;
};

}  // namespace

Entry lookup_entry() {
  return {.name = "lookup",
          .min_size = 1,
          .max_size = 65535,
          .length = longest,
          .options = {{.name = "symbols",
                       .low = [](int) { return 2; },
                       .high = [](int) { return 26; },
                       .fallback = [](int) { return 8; }}},
          .make = [](TaskSettings resolved) -> std::unique_ptr<Task> {
            return std::make_unique<Lookup>(std::move(resolved));
          }};
}

}  // namespace surd::tasks
