// Chase: a permutation f of 0..n-1 as f(0) f(1) ... f(n-1), a start s, <sep>, then s f(s) f(f(s))
// ... after n hops; the last is the answer. The chain repeats s, so that every hop is one look-up
// at the token before it and one layer is enough. All permutations are equally likely: were f one
// cycle, n hops would always end at s. Ids: pad 0, <sep> 1, eos 2, number k is 3 + k. L = 2n + 3.
// Scored teacher-forced: every token of the chain and eos right; chance n^-(n+1).
#include <cmath>
#include <numbers>
#include <numeric>

#include "tasks/chain.hpp"
#include "tasks/entry.hpp"

namespace surd::tasks {
namespace {

constexpr Token separator = 1;
constexpr Token number_0 = 3;

int longest(int size) { return 2 * size + 3; }

class Chase final : public ChainTask {
 public:
  explicit Chase(TaskSettings settings) : ChainTask(std::move(settings), separator) {}

  int vocabulary() const override { return number_0 + settings().size; }
  int length(int size) const override { return longest(size); }
  Scoring scoring() const override { return Scoring::teacher_forced; }
  double chance() const override { return std::pow(1.0 / settings().size, settings().size + 1); }
  // n! permutations and n starts.
  double log2_instances() const override {
    return std::lgamma(settings().size + 1.0) / std::numbers::ln2 + std::log2(settings().size);
  }
  int min_size() const override { return 2; }

  std::string token_text(Token token) const override {
    if (token == pad) return "<pad>";
    if (token == separator) return "<sep>";
    if (token == eos_token) return "<eos>";
    return token < 0 || token >= vocabulary() ? "<unknown>" : std::to_string(token - number_0);
  }

 protected:
  std::optional<Token> find_token(std::string_view word) const override {
    if (word == "<sep>") return separator;
    const auto number = parse_number(word);
    if (!number || *number >= settings().size) return std::nullopt;
    return number_0 + *number;
  }
  std::string token_rule() const override { return number_rule(settings().size) + " or <sep>"; }

  void draw(RandomStream& stream, int size, std::vector<Token>& tokens) const override {
    tokens.resize(static_cast<std::size_t>(size));
    std::iota(tokens.begin(), tokens.end(), number_0);
    for (int i = 0; i + 1 < size; ++i) std::swap(tokens[i], tokens[stream.between(i, size - 1)]);
    tokens.push_back(number_0 + stream.between(0, size - 1));
    tokens.push_back(separator);
    append_chain(tokens);
  }

  // The first number that comes again is the start, so it ends the permutation.
  std::optional<Fault> prompt_fault(std::span<const Token> prompt) const override {
    std::vector<char> seen(static_cast<std::size_t>(settings().size), 0);
    std::size_t count = 0;
    for (; prompt[count] >= number_0 && seen[prompt[count] - number_0] == 0; ++count)
      seen[prompt[count] - number_0] = 1;
    const auto size = static_cast<int>(count);
    if (prompt[count] < number_0) return Fault{count, number_rule(settings().size)};
    if (size < min_size())
      return Fault{count, number_rule(settings().size) + " that did not come before"};
    for (std::size_t i = 0; i < count; ++i) {
      if (prompt[i] - number_0 >= size) return Fault{i, number_rule(size)};
    }
    if (prompt[count + 1] != separator) return Fault{count + 1, "<sep>"};
    return std::nullopt;
  }

  void append_chain(std::vector<Token>& tokens) const override {
    const std::size_t size = tokens.size() - 2;
    Token number = tokens[size];
    tokens.resize(2 * size + 4);
    for (std::size_t hop = 0; hop <= size; ++hop) {
      tokens[size + 2 + hop] = number;
      number = tokens[number - number_0];
    }
    tokens.back() = eos_token;
  }

 private:
  static std::string number_rule(int size) { return "a number 0.." + std::to_string(size - 1); }
};

}  // namespace

Entry chase_entry() {
  return {.name = "chase",
          .min_size = 2,
          .max_size = 65535,
          .length = longest,
          .options = {},
          .make = [](TaskSettings resolved) -> std::unique_ptr<Task> {
            return std::make_unique<Chase>(std::move(resolved));
          }};
}

}  // namespace surd::tasks
