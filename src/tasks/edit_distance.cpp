// Edit distance (insert 2, delete 2, replace 3): s1 | s2 <sep>, the table row by row without row 0
// and column 0, each row closed by ",", <sep>, the last cell. Row 0 and column 0 count 1 a letter,
// not 2: the predecessor has it so, and parity decides. Ids: pad 0, <sep> 1, eos 2, "|" 3, "," 4,
// letters 5..30, number k is 31 + k. L = n^2 + 5n + 6. Scored teacher-forced: every token after the
// first <sep> right, eos included; chance about 0.
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "tasks/chain.hpp"
#include "tasks/entry.hpp"

namespace surd::tasks {
namespace {

constexpr Token separator = 1;
constexpr Token bar = 3;
constexpr Token comma = 4;
constexpr Token letter_a = 5;
constexpr int alphabet = 26;
constexpr Token number_0 = letter_a + alphabet;
constexpr int numbers = 180;
constexpr int insert_cost = 2;
constexpr int delete_cost = 2;
constexpr int replace_cost = 3;
constexpr int border_cost = 1;
// |s1| <= n and |s2| <= n + 2.
constexpr int extra = 2;
constexpr int max_size = 59;
// The dearest cell replaces n letters after two of the border.
static_assert(replace_cost * max_size + extra * border_cost < numbers &&
              replace_cost * (max_size + 1) + extra * border_cost >= numbers);

int longest(int size) { return size * size + 5 * size + 6; }

bool is_letter(Token token) { return token >= letter_a && token < number_0; }

// A string of letters on the stack; edits can double s1's length before it is drawn again.
struct Letters {
  std::array<Token, 2 * max_size> data;
  int size = 0;

  Token* begin() { return data.data(); }
  Token* end() { return data.data() + size; }
  void erase(int place) {
    std::copy(begin() + place + 1, end(), begin() + place);
    --size;
  }
  void insert(int place, Token letter) {
    std::copy_backward(begin() + place, end(), end() + 1);
    data[place] = letter;
    ++size;
  }
};

class EditDistance final : public ChainTask {
 public:
  explicit EditDistance(TaskSettings settings) : ChainTask(std::move(settings), separator) {}

  int vocabulary() const override { return number_0 + numbers; }
  int length(int size) const override { return longest(size); }
  Scoring scoring() const override { return Scoring::teacher_forced; }
  double chance() const override { return 0; }
  // Pairs of the longest strings over one choice of ten letters.
  double log2_instances() const override { return (2 * settings().size + extra) * std::log2(10.0); }

  std::string token_text(Token token) const override {
    if (token < 0 || token >= vocabulary()) return "<unknown>";
    if (is_letter(token)) return std::string(1, static_cast<char>('a' + token - letter_a));
    if (token >= number_0) return std::to_string(token - number_0);
    constexpr std::array<const char*, letter_a> names{"<pad>", "<sep>", "<eos>", "|", ","};
    return names[token];
  }

 protected:
  std::optional<Token> find_token(std::string_view word) const override {
    if (word == "<sep>") return separator;
    if (word == "|") return bar;
    if (word == ",") return comma;
    if (word.size() == 1 && word[0] >= 'a' && word[0] <= 'z') return letter_a + (word[0] - 'a');
    const auto number = parse_number(word);
    if (!number || *number >= numbers) return std::nullopt;
    return number_0 + *number;
  }
  std::string token_rule() const override {
    return "a letter a..z, a number 0.." + std::to_string(numbers - 1) + ", '|', ',' or '<sep>'";
  }

  void draw(RandomStream& stream, int size, std::vector<Token>& tokens) const override {
    Letters s1;
    Letters s2;
    const int edits = stream.between(1, size);  // not drawn again with the pair
    do {
      draw_pair(stream, size, edits, s1, s2);
    } while (s2.size < std::max(1, size - 3) || s2.size > size + extra ||
             std::equal(s1.begin(), s1.end(), s2.begin(), s2.end()));
    if (s1.size > s2.size) std::swap(s1, s2);
    tokens.assign(s1.begin(), s1.end());
    tokens.push_back(bar);
    tokens.insert(tokens.end(), s2.begin(), s2.end());
    tokens.push_back(separator);
    append_chain(tokens);
  }

  std::optional<Fault> prompt_fault(std::span<const Token> prompt) const override {
    const auto letters = [&](std::size_t from) {
      return static_cast<std::size_t>(
          std::find_if_not(prompt.begin() + static_cast<std::ptrdiff_t>(from), prompt.end(),
                           is_letter) -
          prompt.begin());
    };
    // A string of 1 to `most` letters from `from` on, then `closing`.
    const auto string_fault = [&](std::size_t from, std::size_t most,
                                  Token closing) -> std::optional<Fault> {
      const std::size_t end = letters(from);
      if (end == from) return Fault{end, "a letter a..z"};
      const std::string mark = quoted(token_text(closing));
      if (end - from > most) return Fault{from + most, mark};
      if (end < prompt.size() && prompt[end] == closing) return std::nullopt;
      return Fault{end, end - from < most ? "a letter a..z or " + mark : mark};
    };
    const auto most = static_cast<std::size_t>(settings().size);
    if (auto fault = string_fault(0, most, bar)) return fault;
    return string_fault(letters(0) + 1, most + extra, separator);
  }

  void append_chain(std::vector<Token>& tokens) const override {
    const auto rows =
        static_cast<std::size_t>(std::find(tokens.begin(), tokens.end(), bar) - tokens.begin());
    const std::size_t columns = tokens.size() - rows - 2;
    const std::size_t prompt = tokens.size();
    tokens.resize(prompt + rows * (columns + 1) + 3);
    const Token* s1 = tokens.data();
    const Token* s2 = s1 + rows + 1;
    Token* row = tokens.data() + prompt;
    for (std::size_t i = 0; i < rows; ++i) {
      const Token* above = row - (columns + 1);
      int left = static_cast<int>(i + 1) * border_cost;
      int corner = left - border_cost;
      for (std::size_t j = 0; j < columns; ++j) {
        const int up = i == 0 ? static_cast<int>(j + 1) * border_cost : above[j] - number_0;
        left = std::min(
            {left + insert_cost, up + delete_cost, corner + (s1[i] == s2[j] ? 0 : replace_cost)});
        row[j] = number_0 + left;
        corner = up;
      }
      row[columns] = comma;
      row += columns + 1;
    }
    row[0] = separator;
    row[1] = row[-2];
    row[2] = eos_token;
  }

 private:
  // With probability .4 s2 is drawn by itself, else it is s1 after `edits` edits.
  static void draw_pair(RandomStream& stream, int size, int edits, Letters& s1, Letters& s2) {
    // A partial Fisher-Yates shuffle: the letters in use, without replacement.
    const int used = stream.between(3, 10);
    std::array<Token, alphabet> letters;
    std::iota(letters.begin(), letters.end(), letter_a);
    for (int i = 0; i < used; ++i) std::swap(letters[i], letters[stream.between(i, alphabet - 1)]);
    const auto letter = [&] { return letters[stream.between(0, used - 1)]; };

    s1.size = size;
    for (Token& token : s1) token = letter();
    if (stream.below(5) < 2) {
      s2.size = stream.between(
          std::max(1, size - 3),
          size + extra);  // s2 is never empty: sizes below 4 are ours, not the predecessor's
      for (Token& token : s2) token = letter();
      return;
    }
    s2.size = size;
    std::copy(s1.begin(), s1.end(), s2.begin());
    for (int edit = 0; edit < edits; ++edit) {
      const std::uint32_t kind = stream.below(3);
      if (kind == 0 && s2.size > 2) {
        s2.erase(stream.between(0, s2.size - 1));
      } else if (kind == 1) {
        s2.data[stream.between(0, s2.size - 1)] = letter();
      } else {
        const int place = stream.between(0, s2.size);
        s2.insert(place, letter());
      }
    }
  }
};

}  // namespace

Entry edit_distance_entry() {
  return {.name = "edit_distance",
          .min_size = 1,
          .max_size = max_size,
          .length = longest,
          .options = {},
          .make = [](TaskSettings resolved) -> std::unique_ptr<Task> {
            return std::make_unique<EditDistance>(std::move(resolved));
          }};
}

}  // namespace surd::tasks
