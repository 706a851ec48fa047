// Recurrence: y_t = (x_t + y_{t - k_t}) mod p for t = 1..n, y_0 = 0. Prompt x_1 @k_1 x_2 @k_2 ...
// x_n @k_n <sep>, then y_1 ... y_n <sep> y_n. x_t is uniform in 0..p-1 (option modulus), the lag
// k_t uniform in 1..min(m, t), where m is the option locality and 0 means no limit; so nothing
// before y_0 is ever read. Step t reads the last m values of the chain, and x_t and k_t in the
// prompt. Ids: pad 0, <sep> 1, eos 2, number k is 3 + k, lag @k is 2 + p + k. L = 3n + 3. Scored
// teacher-forced: every token after the first <sep> right, eos included; chance p^-(n+1).
#include <algorithm>
#include <cmath>

#include "tasks/chain.hpp"
#include "tasks/entry.hpp"

namespace surd::tasks {
namespace {

constexpr Token separator = 1;
constexpr Token number_0 = 3;

int longest(int size) { return 3 * size + 3; }

class Recurrence final : public ChainTask {
 public:
  explicit Recurrence(TaskSettings settings)
      : ChainTask(std::move(settings), separator),
        modulus_(this->settings().options.at("modulus")),
        lags_(this->settings().size) {
    if (const int locality = this->settings().options.at("locality"); locality > 0)
      lags_ = std::min(lags_, locality);
  }

  int vocabulary() const override { return number_0 + modulus_ + lags_; }
  int length(int size) const override { return longest(size); }
  Scoring scoring() const override { return Scoring::teacher_forced; }
  double chance() const override { return std::pow(1.0 / modulus_, settings().size + 1); }
  double log2_instances() const override {
    double bits = settings().size * std::log2(modulus_);
    for (int step = 1; step <= settings().size; ++step) bits += std::log2(std::min(step, lags_));
    return bits;
  }

  std::string token_text(Token token) const override {
    if (token == pad) return "<pad>";
    if (token == separator) return "<sep>";
    if (token == eos_token) return "<eos>";
    if (token < 0 || token >= vocabulary()) return "<unknown>";
    if (is_number(token)) return std::to_string(token - number_0);
    std::string text = "@";
    text += std::to_string(lag_of(token));
    return text;
  }

 protected:
  std::optional<Token> find_token(std::string_view word) const override {
    if (word == "<sep>") return separator;
    const bool lag = word.starts_with('@');
    const auto number = parse_number(lag ? word.substr(1) : word);
    if (!number) return std::nullopt;
    if (lag)
      return *number >= 1 && *number <= lags_ ? std::optional(lag_token(*number)) : std::nullopt;
    return *number < modulus_ ? std::optional(number_0 + *number) : std::nullopt;
  }
  std::string token_rule() const override {
    return number_rule() + ", " + lag_rule(lags_) + " or <sep>";
  }

  void draw(RandomStream& stream, int size, std::vector<Token>& tokens) const override {
    tokens.resize(2 * static_cast<std::size_t>(size));
    for (int step = 1; step <= size; ++step) {
      tokens[2 * step - 2] = number_0 + stream.between(0, modulus_ - 1);
      tokens[2 * step - 1] = lag_token(stream.between(1, std::min(step, lags_)));
    }
    tokens.push_back(separator);
    append_chain(tokens);
  }

  std::optional<Fault> prompt_fault(std::span<const Token> prompt) const override {
    // The prompt ends with <sep> or eos, neither of which is a number or a lag.
    for (int step = 1;; ++step) {
      const std::size_t x = 2 * static_cast<std::size_t>(step) - 2;
      const bool more = step <= settings().size;
      if (step > 1 && prompt[x] == separator) return std::nullopt;
      if (!more || !is_number(prompt[x]))
        return Fault{x, more ? number_rule() + (step > 1 ? " or <sep>" : "") : "<sep>"};
      const int most = std::min(step, lags_);
      if (!is_lag(prompt[x + 1]) || lag_of(prompt[x + 1]) > most)
        return Fault{x + 1, lag_rule(most)};
    }
  }

  void append_chain(std::vector<Token>& tokens) const override {
    const std::size_t count = tokens.size() / 2;
    tokens.resize(3 * count + 4);
    Token* const y = tokens.data() + 2 * count;  // y[t] is y_t; <sep> stands at y[0]
    for (std::size_t step = 1; step <= count; ++step) {
      const auto lag = static_cast<std::size_t>(lag_of(tokens[2 * step - 1]));
      const Token sum = tokens[2 * step - 2] + (lag == step ? 0 : y[step - lag] - number_0);
      y[step] = sum >= number_0 + modulus_ ? sum - modulus_ : sum;
    }
    y[count + 1] = separator;
    y[count + 2] = y[count];
    y[count + 3] = eos_token;
  }

 private:
  bool is_number(Token token) const { return token >= number_0 && token < number_0 + modulus_; }
  bool is_lag(Token token) const { return token >= number_0 + modulus_ && token < vocabulary(); }
  Token lag_token(int lag) const { return number_0 + modulus_ + lag - 1; }
  int lag_of(Token token) const { return token - number_0 - modulus_ + 1; }
  std::string number_rule() const { return "a number 0.." + std::to_string(modulus_ - 1); }
  static std::string lag_rule(int most) { return "a lag @1..@" + std::to_string(most); }

  int modulus_;
  int lags_;  // the longest lag
};

}  // namespace

Entry recurrence_entry() {
  return {.name = "recurrence",
          .min_size = 1,
          .max_size = 65535,
          .length = longest,
          .options = {{.name = "modulus",
                       .low = [](int) { return 2; },
                       .high = [](int) { return 1'000'000; },
                       .fallback = [](int) { return 5; }},
                      {.name = "locality",
                       .low = [](int) { return 0; },
                       .high = [](int) { return 65535; },
                       .fallback = [](int) { return 0; }}},
          .make = [](TaskSettings resolved) -> std::unique_ptr<Task> {
            return std::make_unique<Recurrence>(std::move(resolved));
          }};
}

}  // namespace surd::tasks
