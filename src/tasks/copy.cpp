// Copy: n symbols, <sep>, the same symbols. Ids: pad 0, <sep> 1, eos 2, symbol k is 3 + k. Text: a,
// b, ... L = 2n + 1. Scored teacher-forced: every symbol and eos right; chance symbols^-n.
#include <cmath>

#include "tasks/chain.hpp"
#include "tasks/entry.hpp"

namespace surd::tasks {
namespace {

constexpr Token separator = 1;
constexpr Token symbol_a = 3;

int longest(int size) { return 2 * size + 1; }

class Copy final : public ChainTask {
 public:
  explicit Copy(TaskSettings settings)
      : ChainTask(std::move(settings), separator),
        symbols_(this->settings().options.at("symbols")) {}

  int vocabulary() const override { return symbol_a + symbols_; }
  int length(int size) const override { return longest(size); }
  Scoring scoring() const override { return Scoring::teacher_forced; }
  double chance() const override { return std::pow(1.0 / symbols_, settings().size); }
  double log2_instances() const override { return settings().size * std::log2(symbols_); }

  std::string token_text(Token token) const override {
    if (token == pad) return "<pad>";
    if (token == separator) return "<sep>";
    if (token == eos_token) return "<eos>";
    return token < 0 || token >= vocabulary()
               ? "<unknown>"
               : std::string(1, static_cast<char>('a' + token - symbol_a));
  }

 protected:
  std::optional<Token> find_token(std::string_view word) const override {
    if (word == "<sep>") return separator;
    if (word.size() != 1 || word[0] < 'a' || word[0] >= 'a' + symbols_) return std::nullopt;
    return symbol_a + (word[0] - 'a');
  }
  std::string token_rule() const override { return symbol_rule() + " or <sep>"; }

  void draw(RandomStream& stream, int size, std::vector<Token>& tokens) const override {
    tokens.resize(static_cast<std::size_t>(size));
    for (Token& token : tokens) token = symbol_a + stream.between(0, symbols_ - 1);
    tokens.push_back(separator);
    append_chain(tokens);
  }

  std::optional<Fault> prompt_fault(std::span<const Token> prompt) const override {
    return items_fault(prompt, symbol_a, symbol_rule());
  }

  void append_chain(std::vector<Token>& tokens) const override {
    const std::size_t count = tokens.size() - 1;
    tokens.resize(2 * count + 2);
    for (std::size_t i = 0; i < count; ++i) tokens[count + 1 + i] = tokens[i];
    tokens.back() = eos_token;
  }

 private:
  std::string symbol_rule() const {
    return std::string("a symbol a..") + static_cast<char>('a' + symbols_ - 1);
  }

  int symbols_;
};

}  // namespace

Entry copy_entry() {
  return {.name = "copy",
          .min_size = 1,
          .max_size = 65535,
          .length = longest,
          .options = {{.name = "symbols",
                       .low = [](int) { return 2; },
                       .high = [](int) { return 26; },
                       .fallback = [](int) { return 26; }}},
          .make = [](TaskSettings resolved) -> std::unique_ptr<Task> {
            return std::make_unique<Copy>(std::move(resolved));
          }};
}

}  // namespace surd::tasks
