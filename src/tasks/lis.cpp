// Longest increasing subsequence (strictly): n numbers, <sep>, the length of the best subsequence
// ending at each place, <sep>, their maximum. Ids: pad 0, <sep> 1, eos 2, number k is 3 + k;
// numbers are below number_range. L = 2n + 3. Scored teacher-forced: every token after the first
// <sep> right, eos included; chance about 0.
#include <algorithm>
#include <bit>
#include <cmath>

#include "tasks/chain.hpp"
#include "tasks/entry.hpp"

namespace surd::tasks {
namespace {

constexpr Token separator = 1;
constexpr Token number_0 = 3;

int longest(int size) { return 2 * size + 3; }

// Kept between instances, so that sampling allocates nothing once it has seen the largest size.
struct Scratch {
  std::vector<std::uint64_t> bits;
  std::vector<int> places;
  std::vector<Token> tails;
};
Scratch& scratch() {
  static thread_local Scratch instance;
  return instance;
}

// Visits a uniformly drawn set of `count` of the integers [0, bound) in rising order: Floyd's
// algorithm (Bentley and Floyd, CACM 30(9), 1987) on a bit set, whose scan sorts.
template <typename Visit>
void visit_sorted_sample(RandomStream& stream, int count, int bound,
                         std::vector<std::uint64_t>& bits, Visit visit) {
  bits.assign((static_cast<std::size_t>(bound) + 63) / 64, 0);
  for (int last = bound - count; last < bound; ++last) {
    int value = stream.between(0, last);
    if (bits[value / 64] >> (value % 64) & 1U) value = last;
    bits[value / 64] |= std::uint64_t{1} << (value % 64);
  }
  for (std::size_t word = 0; word < bits.size(); ++word) {
    for (std::uint64_t rest = bits[word]; rest != 0; rest &= rest - 1)
      visit(static_cast<int>(word * 64) + std::countr_zero(rest));
  }
}

class Lis final : public ChainTask {
 public:
  explicit Lis(TaskSettings settings)
      : ChainTask(std::move(settings), separator),
        range_(this->settings().options.at("number_range")) {}

  int vocabulary() const override { return number_0 + range_; }
  int length(int size) const override { return longest(size); }
  Scoring scoring() const override { return Scoring::teacher_forced; }
  double chance() const override { return 0; }
  // Three runs of one number each leave every place free, so all sequences occur.
  double log2_instances() const override {
    return settings().size * std::log2(range_ - settings().size - 1);
  }
  int min_size() const override { return 3; }

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
    if (!number || *number >= range_) return std::nullopt;
    return number_0 + *number;
  }
  std::string token_rule() const override { return number_rule() + " or <sep>"; }

  void draw(RandomStream& stream, int size, std::vector<Token>& tokens) const override {
    tokens.resize(static_cast<std::size_t>(size));
    for (Token& token : tokens) token = number_0 + stream.between(size + 1, range_ - 1);

    const int runs = stream.between(1, 3);
    const int total = stream.between(3, size);
    int first = total;
    int second = 0;
    if (runs == 2) {
      first = 1 + stream.between(0, total / 2);
      second = total - first;
    } else if (runs == 3) {
      first = 1 + stream.between(0, total / 3);
      second = 1 + stream.between(0, (total - first) / 2);
    }
    auto& [bits, places, tails] = scratch();
    places.clear();
    visit_sorted_sample(stream, total, size, bits, [&](int place) { places.push_back(place); });
    std::size_t next = 0;
    for (const int run : {first, second, total - first - second}) {
      visit_sorted_sample(stream, run, range_ - size - 1, bits,
                          [&](int value) { tokens[places[next++]] = number_0 + size + 1 + value; });
    }
    tokens.push_back(separator);
    append_chain(tokens);
  }

  std::optional<Fault> prompt_fault(std::span<const Token> prompt) const override {
    return items_fault(prompt, number_0, number_rule());
  }

  // Patience sorting: tails[k] is the smallest last number of a rising subsequence of length k + 1;
  // O(n log n).
  void append_chain(std::vector<Token>& tokens) const override {
    const std::size_t count = tokens.size() - 1;
    tokens.resize(2 * count + 4);
    auto& tails = scratch().tails;
    tails.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const Token number = tokens[i];
      auto place = tails.end();
      if (tails.empty() ||
          number > tails.back()) {  // most numbers of a sorted run extend the longest
        tails.push_back(number);
        place = tails.end() - 1;
      } else {
        place = std::lower_bound(tails.begin(), tails.end(), number);
        *place = number;
      }
      tokens[count + 1 + i] = number_0 + 1 + static_cast<Token>(place - tails.begin());
    }
    tokens[2 * count + 1] = separator;
    tokens[2 * count + 2] = number_0 + static_cast<Token>(tails.size());
    tokens[2 * count + 3] = eos_token;
  }

 private:
  std::string number_rule() const { return "a number 0.." + std::to_string(range_ - 1); }

  int range_;
};

}  // namespace

Entry lis_entry() {
  return {.name = "lis",
          .min_size = 3,
          .max_size = 65535,
          .length = longest,
          // Numbers are drawn from [n + 1, number_range): at least n of them, so that a sorted run
          // of n exists.
          .options = {{.name = "number_range",
                       .low = [](int size) { return 2 * size + 1; },
                       .high = [](int) { return 1'000'000; },
                       .fallback = [](int size) { return 2 * size + 30; }}},
          .make = [](TaskSettings resolved) -> std::unique_ptr<Task> {
            return std::make_unique<Lis>(std::move(resolved));
          }};
}

}  // namespace surd::tasks
