// Linear equations mod 11, as the predecessor (CoT_benchmark) makes them: n unknowns in n equations
// with one solution, then the system after each step of Gauss-Jordan elimination; the last system
// is the answer. Step j swaps the first row from j on with a non-zero coefficient of unknown j into
// place, divides it by that coefficient and clears the unknown from all other rows. A system is
// printed after step j without the zero coefficients of unknowns that are done, and a one before
// them is left out: "2 a + 0 b = 10 , 0 a + 6 b = 2 <sep> a + 0 b = 5 , 6 b = 2 <sep> a = 5 , b =
// 4". Coefficients and right sides are uniform; a system that is singular is drawn again. Ids: pad
// 0, "=" 1, eos 2, <sep> 3, + 4, "," 5, unknowns a..e 6..10, number k is 11 + k. L = n(n+1)(3n+4)/2
// + n^2 + n - 1: every instance of n unknowns has this length. Scored by greedy generation: all
// that stands between the last <sep> and eos right, as the predecessor does; chance 11^-n.
#include <algorithm>
#include <array>
#include <cmath>

#include "tasks/chain.hpp"
#include "tasks/entry.hpp"
#include "tasks/modulo.hpp"

namespace surd::tasks {
namespace {

constexpr Token equals = 1;
constexpr Token separator = 3;
constexpr Token plus = 4;
constexpr Token comma = 5;
constexpr Token unknown_a = 6;
constexpr int unknowns = 5;
constexpr Token number_0 = unknown_a + unknowns;

// With d = n - s unknowns left after step s, its s rows that are done hold 3d + 3 tokens and its d
// others 3d + 1; n - 1 commas; n separators.
int longest(int size) { return size * (size + 1) * (3 * size + 4) / 2 + size * size + size - 1; }

// The augmented matrix of n equations: n coefficients, then the right side, all in 0..10.
struct System {
  std::array<std::array<int, unknowns + 1>, unknowns> rows;
  int size = 0;

  // One step of elimination; false where unknown `j` has no coefficient left.
  bool eliminate(int j) {
    int pivot = j;
    while (pivot < size && rows[pivot][j] == 0) ++pivot;
    if (pivot == size) return false;
    std::swap(rows[pivot], rows[j]);
    const int inverse = inverses[rows[j][j]];
    for (int column = j; column <= size; ++column)
      rows[j][column] = rows[j][column] * inverse % modulus;
    for (int row = 0; row < size; ++row) {
      if (row == j || rows[row][j] == 0) continue;
      const int factor = modulus - rows[row][j];
      for (int column = j; column <= size; ++column)
        rows[row][column] = (rows[row][column] + factor * rows[j][column]) % modulus;
    }
    return true;
  }
};

bool is_singular(System system) {
  for (int j = 0; j < system.size; ++j) {
    if (!system.eliminate(j)) return true;
  }
  return false;
}

// Writes the system after `done` steps; returns one past the end.
Token* write(const System& system, int done, Token* next) {
  for (int row = 0; row < system.size; ++row) {
    for (int j = 0; j < system.size; ++j) {
      const int coefficient = system.rows[row][j];
      if (j < done && coefficient == 0) continue;
      if (j >= done)
        *next++ = number_0 + coefficient;  // an unknown that is done has no coefficient but one
      *next++ = unknown_a + j;
      *next++ = plus;
    }
    next[-1] = equals;
    *next++ = number_0 + system.rows[row][system.size];
    *next++ = comma;
  }
  return next - 1;
}

// Reads a faultless prompt.
System read(std::span<const Token> prompt) {
  System system;
  system.size = static_cast<int>(std::count(prompt.begin(), prompt.end(), equals));
  for (int row = 0; row < system.size; ++row) {
    // A row is coefficient, unknown, + or = for each unknown, then the right side and a comma.
    const auto coefficients = prompt.subspan(static_cast<std::size_t>(row) * (3 * system.size + 2));
    for (int j = 0; j <= system.size; ++j) system.rows[row][j] = coefficients[3 * j] - number_0;
  }
  return system;
}

// What stands between the last separator and the first eos; all before eos where there is no
// separator; nothing where there is no eos.
std::span<const Token> answer(std::span<const Token> tokens) {
  const auto end = std::find(tokens.begin(), tokens.end(), ChainTask::eos_token);
  if (end == tokens.end()) return {};
  const std::span before(tokens.begin(), end);
  return {std::find(before.rbegin(), before.rend(), separator).base(), end};
}

class Equation final : public ChainTask {
 public:
  explicit Equation(TaskSettings settings) : ChainTask(std::move(settings), separator) {}

  int vocabulary() const override { return number_0 + modulus; }
  int length(int size) const override { return longest(size); }
  Scoring scoring() const override { return Scoring::generated_answer; }
  double chance() const override { return std::pow(1.0 / modulus, settings().size); }
  // Regular matrices, times right sides.
  double log2_instances() const override {
    const int n = settings().size;
    double bits = n * (n + 1) * std::log2(modulus);
    for (int row = 1; row <= n; ++row) bits += std::log2(1 - std::pow(1.0 / modulus, row));
    return bits;
  }
  bool answer_right(const Instance& truth, std::span<const Token> generated) const override {
    return std::ranges::equal(answer(generated), answer(truth.tokens));
  }

  std::string token_text(Token token) const override {
    if (token < 0 || token >= vocabulary()) return "<unknown>";
    if (token >= number_0) return std::to_string(token - number_0);
    if (token >= unknown_a) return std::string(1, static_cast<char>('a' + token - unknown_a));
    constexpr std::array<const char*, unknown_a> names{"<pad>", "=", "<eos>", "<sep>", "+", ","};
    return names[token];
  }

 protected:
  std::optional<Token> find_token(std::string_view word) const override {
    if (word == "<sep>") return separator;
    if (word == "=") return equals;
    if (word == "+") return plus;
    if (word == ",") return comma;
    if (word.size() == 1 && word[0] >= 'a' && word[0] < 'a' + unknowns)
      return unknown_a + (word[0] - 'a');
    const auto number = parse_number(word);
    if (!number || *number >= modulus) return std::nullopt;
    return number_0 + *number;
  }
  std::string token_rule() const override {
    return number_rule() + " or one of a b c d e + = , <sep>";
  }

  void draw(RandomStream& stream, int size, std::vector<Token>& tokens) const override {
    System system;
    system.size = size;
    do {
      for (int row = 0; row < size; ++row) {
        for (int column = 0; column <= size; ++column)
          system.rows[row][column] = stream.between(0, modulus - 1);
      }
    } while (is_singular(system));
    tokens.resize(static_cast<std::size_t>(longest(size)) + 1);
    Token* next = write(system, 0, tokens.data());
    *next++ = separator;
    write_chain(system, next);
  }

  // Every row names the unknowns of the first, in order.
  std::optional<Fault> prompt_fault(std::span<const Token> prompt) const override {
    int size = 0;  // unknowns; known after the first row
    std::size_t i = 0;
    for (int row = 0;; ++row) {
      for (int j = 0;; ++j) {
        if (prompt[i] < number_0) return Fault{i, number_rule()};
        if (prompt[++i] != unknown_a + j) return Fault{i, token_text(unknown_a + j)};
        ++i;
        const bool may_end = row == 0 || j + 1 == size;
        const bool may_go_on = row == 0 ? j + 1 < settings().size : j + 1 < size;
        if (may_end && prompt[i] == equals) {
          size = j + 1;
          break;
        }
        if (!may_go_on || prompt[i] != plus)
          return Fault{i, may_end && may_go_on ? "+ or =" : may_end ? "=" : "+"};
        ++i;
      }
      if (prompt[++i] < number_0) return Fault{i, number_rule()};
      const bool last = row + 1 == size;
      if (prompt[++i] != (last ? separator : comma)) return Fault{i, last ? "<sep>" : ","};
      if (last) break;
      ++i;
    }
    if (is_singular(read(prompt))) return Fault{i, "a system with exactly one solution"};
    return std::nullopt;
  }

  void append_chain(std::vector<Token>& tokens) const override {
    const System system = read(tokens);
    const std::size_t prompt = tokens.size();
    tokens.resize(static_cast<std::size_t>(longest(system.size)) + 1);
    write_chain(system, tokens.data() + prompt);
  }

 private:
  static void write_chain(System system, Token* next) {
    for (int step = 0; step < system.size; ++step) {
      system.eliminate(step);
      next = write(system, step + 1, next);
      *next++ = step + 1 < system.size ? separator : eos_token;
    }
  }
  static std::string number_rule() { return "a number 0.." + std::to_string(modulus - 1); }
};

}  // namespace

Entry equation_entry() {
  return {.name = "equation",
          .min_size = 1,
          .max_size = unknowns,
          .length = longest,
          .options = {},
          .make = [](TaskSettings resolved) -> std::unique_ptr<Task> {
            return std::make_unique<Equation>(std::move(resolved));
          }};
}

}  // namespace surd::tasks
