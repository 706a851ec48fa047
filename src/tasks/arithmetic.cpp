// Arithmetic mod 11: an expression of n operators, then the expression after each of n reductions,
// "=" between them; the last is the answer. Ids: pad 0, cls 1 (never used), eos 2, + - * / ( ) =
// are 3..9, number k is 10 + k. L = 2n(n+1) + 1. Scored by greedy generation: the token before eos
// is the answer; chance 1/11. check accepts every valid order of reductions.
#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "tasks/chain.hpp"
#include "tasks/entry.hpp"
#include "tasks/modulo.hpp"

namespace surd::tasks {
namespace {

constexpr Token plus = 3;
constexpr Token minus = 4;
constexpr Token times = 5;
constexpr Token over = 6;
constexpr Token open = 7;
constexpr Token close = 8;
constexpr Token equals = 9;
constexpr Token number_0 = 10;

// The worst expression of k operators brackets all but its last: 4k - 1 tokens; and one "=" each,
// and the answer.
int longest(int size) { return 2 * size * (size + 1) + 1; }

bool is_number(Token token) { return token >= number_0; }
bool is_operator(Token token) { return token >= plus && token <= over; }
bool is_additive(Token token) { return token == plus || token == minus; }
bool is_multiplicative(Token token) { return token == times || token == over; }

// Whether a op b may stand without brackets between these tokens ("=" at the ends), that is,
// whether it is a term of the whole: products and sums associate, but nothing may follow / or, for
// a sum, - or *, and no sum may precede a product.
bool stands_free(Token before, Token op, Token after) {
  if (before == over) return false;
  return !is_additive(op) || (before != minus && before != times && !is_multiplicative(after));
}

// One reduction of an expression: tokens [start, end) become `value`.
struct Site {
  std::size_t op = 0;  // index of the operator
  bool bracketed = false;
  Token value = unknown;  // unknown where it would divide by zero

  std::size_t start() const { return op - 1 - (bracketed ? 1 : 0); }
  std::size_t end() const { return op + 2 + (bracketed ? 1 : 0); }
};

Token value_of(int a, Token op, int b) {
  switch (op) {
    case plus: return number_0 + (a + b) % modulus;
    case minus: return number_0 + (a - b + modulus) % modulus;
    case times: return number_0 + a * b % modulus;
    default: return b == 0 ? unknown : number_0 + a * inverses[b] % modulus;
  }
}

// The leftmost site whose operator comes after token `after`.
std::optional<Site> next_site(std::span<const Token> expression, std::size_t after) {
  for (std::size_t op = after + 1; op + 1 < expression.size(); ++op) {
    if (!is_operator(expression[op]) || !is_number(expression[op - 1]) ||
        !is_number(expression[op + 1]))
      continue;
    const Token before = op > 1 ? expression[op - 2] : equals;
    const Token next = op + 2 < expression.size() ? expression[op + 2] : equals;
    if (!stands_free(before, expression[op], next)) continue;
    return Site{.op = op,
                .bracketed = before == open && next == close,
                .value = value_of(expression[op - 1] - number_0, expression[op],
                                  expression[op + 1] - number_0)};
  }
  return std::nullopt;
}

void reduce(std::vector<Token>& expression, const Site& site) {
  const auto begin = expression.begin();
  expression[site.start()] = site.value;
  expression.erase(begin + static_cast<std::ptrdiff_t>(site.start()) + 1,
                   begin + static_cast<std::ptrdiff_t>(site.end()));
}

class Arithmetic final : public ChainTask {
 public:
  explicit Arithmetic(TaskSettings settings) : ChainTask(std::move(settings), equals) {}

  int vocabulary() const override { return number_0 + modulus; }
  int length(int size) const override { return longest(size); }
  Scoring scoring() const override { return Scoring::generated_answer; }
  bool one_solution() const override { return false; }  // several reductions may come first
  double chance() const override { return 1.0 / modulus; }
  // Expressions without brackets: each operator brings 11 numbers, / only the ten that are not
  // zero.
  double log2_instances() const override {
    return std::log2(modulus) + settings().size * std::log2(4 * modulus - 1);
  }

  std::string token_text(Token token) const override {
    if (token < 0 || token >= vocabulary()) return "<unknown>";
    if (is_number(token)) return std::to_string(token - number_0);
    constexpr std::array<const char*, number_0> names{"<pad>", "<cls>", "<eos>", "+", "-",
                                                      "*",     "/",     "(",     ")", "="};
    return names[token];
  }

 protected:
  std::optional<Token> find_token(std::string_view word) const override {
    constexpr std::string_view marks = "+-*/()=";
    if (word.size() == 1 && marks.find(word[0]) != std::string_view::npos)
      return plus + static_cast<Token>(marks.find(word[0]));
    const auto number = parse_number(word);
    if (!number || *number >= modulus) return std::nullopt;
    return number_0 + *number;
  }
  std::string token_rule() const override {
    return "a number 0.." + std::to_string(modulus - 1) + " or one of + - * / ( ) =";
  }

  // The history is drawn from the answer to the prompt and read backwards: so it is written from
  // the back of the buffer, each expression as a copy of the one behind it with a number replaced.
  void draw(RandomStream& stream, int size, std::vector<Token>& tokens) const override {
    tokens.resize(static_cast<std::size_t>(longest(size)) + 1);
    Token* const end = tokens.data() + tokens.size();
    Token* first = end - 2;
    Token* last = end - 1;  // the expression is [first, last)
    *last = eos_token;
    *first = number_0 + stream.between(0, modulus - 1);
    for (int step = 0; step < size; ++step) {
      const auto length = static_cast<std::int32_t>(last - first);
      const Token* chosen = first;
      do {
        chosen = first + stream.between(0, length - 1);
      } while (!is_number(*chosen));
      const auto [a, op, b] = draw_operation(stream, *chosen - number_0);
      const Token before = chosen > first ? chosen[-1] : equals;
      const Token after = chosen + 1 < last ? chosen[1] : equals;
      const bool bracketed = !stands_free(before, op, after);

      Token* write = first - 1;
      *write = equals;
      Token* const new_last = write;
      write = std::copy_backward(chosen + 1, const_cast<const Token*>(last), write);
      if (bracketed) *--write = close;
      *--write = number_0 + b;
      *--write = op;
      *--write = number_0 + a;
      if (bracketed) *--write = open;
      write = std::copy_backward(const_cast<const Token*>(first), chosen, write);
      first = write;
      last = new_last;
    }
    tokens.resize(static_cast<std::size_t>(std::copy(first, end, tokens.data()) - tokens.data()));
  }

  std::optional<Fault> prompt_fault(std::span<const Token> prompt) const override {
    if (auto fault = grammar_fault(prompt)) return fault;
    return division_fault(prompt.first(prompt.size() - 1));
  }

  void append_chain(std::vector<Token>& tokens) const override {
    std::vector<Token> expression(tokens.begin(), tokens.end() - 1);
    while (const auto site = next_site(expression, 0)) {
      reduce(expression, *site);
      tokens.insert(tokens.end(), expression.begin(), expression.end());
      tokens.push_back(equals);
    }
    tokens.back() = eos_token;
  }

  // Follows the text: each expression must be the one before it after some reduction. The wrong
  // token is the first that no reduction explains.
  std::optional<Fault> chain_fault(std::span<const Token> tokens,
                                   std::size_t prompt) const override {
    std::vector<Token> expression(tokens.begin(),
                                  tokens.begin() + static_cast<std::ptrdiff_t>(prompt) - 1);
    std::span<const Token> rest = tokens.subspan(prompt);
    while (expression.size() > 1) {
      const auto differs =
          std::mismatch(expression.begin(), expression.end(), rest.begin(), rest.end()).first;
      const auto same = static_cast<std::size_t>(differs - expression.begin());
      std::optional<Site> taken;
      std::size_t furthest = 0;
      std::set<Token> wanted;  // what the reductions that agree up to `furthest` have there
      for (auto site = next_site(expression, 0); site && !taken;
           site = next_site(expression, site->op)) {
        const std::size_t reduced_size = expression.size() - (site->end() - site->start()) + 1;
        const auto reduced = [&](std::size_t i) {
          if (i == reduced_size) return reduced_size == 1 ? eos_token : equals;
          if (i == site->start()) return site->value;
          return i < site->start() ? expression[i]
                                   : expression[site->end() + i - site->start() - 1];
        };
        // `rest` ends with its only eos, which stops the comparison.
        std::size_t i = std::min(same, site->start());
        while (i <= reduced_size && rest[i] == reduced(i)) ++i;
        if (i > reduced_size) {
          taken = site;
        } else {
          if (i > furthest) wanted.clear();
          furthest = std::max(furthest, i);
          if (i == furthest) wanted.insert(reduced(i));
        }
      }
      if (!taken) {
        std::string expected;
        for (const Token token : wanted)
          expected += (expected.empty() ? "" : " or ") + expected_text(token);
        return Fault{tokens.size() - rest.size() + furthest, expected};
      }
      reduce(expression, *taken);
      rest = rest.subspan(expression.size() + 1);
    }
    return std::nullopt;
  }

 private:
  struct Operation {
    int a;
    Token op;
    int b;
  };

  // a op b = x: a and op uniform, b the number that makes it so; where no b does, a and op are
  // drawn again.
  static Operation draw_operation(RandomStream& stream, int x) {
    while (true) {
      const int a = stream.between(0, modulus - 1);
      const Token op = plus + stream.between(0, 3);
      switch (op) {
        case plus: return {a, op, (x - a + modulus) % modulus};
        case minus: return {a, op, (a - x + modulus) % modulus};
        case times:
          if (a != 0) return {a, op, x * inverses[a] % modulus};
          if (x == 0) return {a, op, stream.between(0, modulus - 1)};
          break;
        default:
          if (a != 0 && x != 0) return {a, op, a * inverses[x] % modulus};
          if (a == 0 && x == 0) {
            if (const int b = stream.between(0, modulus - 1); b != 0) return {a, op, b};
          }
      }
    }
  }

  // Numbers and brackets alternate with operators; every bracket, and the whole, holds an operator
  // of its own; at most settings().size of them.
  std::optional<Fault> grammar_fault(std::span<const Token> prompt) const {
    std::vector<bool> has_operator{false};  // of the whole, then of each open bracket inwards
    int operators = 1;  // seen, and still owed to the open brackets and the whole
    bool want_number = true;
    for (std::size_t i = 0; i < prompt.size(); ++i) {
      const Token token = prompt[i];
      const bool more = operators < settings().size;
      if (want_number) {
        if (is_number(token)) {
          want_number = false;
        } else if (token == open && more) {
          has_operator.push_back(false);
          ++operators;
        } else {
          return Fault{i, more ? "a number or (" : "a number"};
        }
        continue;
      }
      const bool complete = has_operator.back();
      const Token closing = has_operator.size() > 1 ? close : equals;
      if (is_operator(token) && (more || !complete)) {
        if (complete) ++operators;
        has_operator.back() = true;
        want_number = true;
      } else if (token == closing && complete) {
        if (closing == equals) return std::nullopt;
        has_operator.pop_back();
      } else if (!complete) {
        return Fault{i, "an operator"};
      } else {
        return Fault{i, (more ? "an operator or " : "") + token_text(closing)};
      }
    }
    return Fault{prompt.size(), "="};
  }

  // Evaluates a grammatical expression and points at the divisor that is zero.
  static std::optional<Fault> division_fault(std::span<const Token> whole) {
    std::vector<Token> expression(whole.begin(), whole.end());
    std::vector<std::size_t> origins(whole.size());
    for (std::size_t i = 0; i < origins.size(); ++i) origins[i] = i;
    while (const auto site = next_site(expression, 0)) {
      if (site->value == unknown) return Fault{origins[site->op + 1], "a divisor that is not zero"};
      const auto begin = origins.begin();
      origins.erase(begin + static_cast<std::ptrdiff_t>(site->start()) + 1,
                    begin + static_cast<std::ptrdiff_t>(site->end()));
      reduce(expression, *site);
    }
    return std::nullopt;
  }
};

}  // namespace

Entry arithmetic_entry() {
  return {.name = "arithmetic",
          .min_size = 1,
          .max_size = 500,
          .length = longest,
          .options = {},
          .make = [](TaskSettings resolved) -> std::unique_ptr<Task> {
            return std::make_unique<Arithmetic>(std::move(resolved));
          }};
}

}  // namespace surd::tasks
