// Multi-query associative recall (Arora et al., Zoology, 2023, section 3): n pairs of a key and its
// value, then every key once more in random order; the target at each of these queries is its key's
// value, so as in lookup answers are no tokens and there is no separator and no eos. Keys are
// distinct, drawn from `keys` of them; values are independent of each other, from `values` of them.
// Zoology spreads its queries over filler tokens. Ids: pad 0, key k is 1 + k, value v is 1 + keys +
// v. Text: 0, 1, ... and v0, v1, ... L = 3n. Scored teacher-forced: every target right; chance
// values^-n.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "tasks/entry.hpp"
#include "tasks/recall.hpp"

namespace surd::tasks {
namespace {

int longest(int size) { return 3 * size; }

// Kept between instances, so that sampling allocates nothing once it has seen the largest task.
struct Scratch {
  std::vector<int> identity;    // 0, 1, ...; in order again after each use
  std::vector<int> places;      // that were swapped
  std::vector<Token> value_of;  // by key; only those of the instance at hand mean anything
};
Scratch& scratch() {
  static thread_local Scratch instance;
  return instance;
}

// Visits `count` of the integers [0, bound), distinct and in random order: a Fisher-Yates shuffle
// that stops early and is undone, so its cost does not depend on `bound`.
template <typename Visit>
void visit_distinct(RandomStream& stream, int count, int bound, Visit visit) {
  auto& [identity, places, value_of] = scratch();
  for (auto next = static_cast<int>(identity.size()); next < bound; ++next)
    identity.push_back(next);
  places.resize(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    places[i] = stream.between(i, bound - 1);
    std::swap(identity[i], identity[places[i]]);
    visit(identity[i]);
  }
  // NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): the first loop has filled places
  for (int i = count - 1; i >= 0; --i) std::swap(identity[i], identity[places[i]]);
}

class Mqar final : public RecallTask {
 public:
  explicit Mqar(TaskSettings settings)
      : RecallTask(std::move(settings)),
        keys_(this->settings().options.at("keys")),
        values_(this->settings().options.at("values")) {}

  int vocabulary() const override { return 1 + keys_ + values_; }
  int length(int size) const override { return longest(size); }
  double chance() const override { return std::pow(1.0 / values_, settings().size); }
  // Ordered choices of keys, values, orders of the queries.
  double log2_instances() const override {
    const double n = settings().size;
    return (std::lgamma(keys_ + 1.0) - std::lgamma(keys_ - n + 1.0) + std::lgamma(n + 1.0)) /
               std::numbers::ln2 +
           n * std::log2(values_);
  }

  std::string token_text(Token token) const override {
    if (token == pad) return "<pad>";
    if (is_key(token)) return std::to_string(token - 1);
    if (!is_value(token)) return "<unknown>";
    std::string text = "v";
    text += std::to_string(token - 1 - keys_);
    return text;
  }

 protected:
  std::optional<Token> find_token(std::string_view word) const override {
    const bool value = word.starts_with('v');
    const auto number = parse_number(value ? word.substr(1) : word);
    if (!number || *number >= (value ? values_ : keys_)) return std::nullopt;
    return 1 + (value ? keys_ : 0) + *number;
  }
  std::string token_rule() const override { return key_rule() + " or " + value_rule(); }

  void draw(RandomStream& stream, int size, std::vector<Token>& tokens) const override {
    const auto count = static_cast<std::size_t>(size);
    tokens.resize(3 * count);
    Token* next = tokens.data();
    visit_distinct(stream, size, keys_, [&](int key) {
      *next = 1 + key;
      next += 2;
    });
    for (std::size_t i = 0; i < count; ++i)
      tokens[2 * i + 1] = 1 + keys_ + stream.between(0, values_ - 1);
    next = tokens.data() + 2 * count;
    visit_distinct(stream, size, size, [&](int pair) { *next++ = tokens[2 * pair]; });
  }

  void set_targets(std::span<const Token> tokens, std::span<Token> labels) const override {
    auto& value_of = scratch().value_of;
    value_of.resize(std::max(value_of.size(), static_cast<std::size_t>(keys_) + 1));
    const std::size_t queries = tokens.size() / 3 * 2;
    for (std::size_t i = 0; i < queries; i += 2) value_of[tokens[i]] = tokens[i + 1];
    for (std::size_t i = queries; i < tokens.size(); ++i) labels[i] = value_of[tokens[i]];
  }

  // A key that is new opens a pair; the first one that is not is the first query.
  std::optional<Fault> find_fault(std::span<const Token> tokens) const override {
    const auto most = static_cast<std::size_t>(settings().size);
    std::vector<char> owed(static_cast<std::size_t>(keys_) + 1, 0);  // keys given and not asked yet
    const auto token = [&](std::size_t i) { return i < tokens.size() ? tokens[i] : unknown; };
    std::size_t pairs = 0;
    for (; pairs < most && is_key(token(2 * pairs)) && owed[token(2 * pairs)] == 0; ++pairs) {
      if (!is_value(token(2 * pairs + 1))) return Fault{2 * pairs + 1, value_rule()};
      owed[token(2 * pairs)] = 1;
    }
    if (pairs == 0) return Fault{0, key_rule()};
    for (std::size_t i = 2 * pairs; i < 3 * pairs; ++i) {
      if (!is_key(token(i)) || owed[token(i)] == 0) {
        return Fault{i, i == 2 * pairs && pairs < most ? key_rule()
                                                       : "a key that was given and not asked yet"};
      }
      owed[token(i)] = 0;
    }
    if (tokens.size() > 3 * pairs) return Fault{3 * pairs, "end of text"};
    return std::nullopt;
  }

 private:
  bool is_key(Token token) const { return token >= 1 && token <= keys_; }
  bool is_value(Token token) const { return token > keys_ && token < vocabulary(); }
  std::string key_rule() const { return "a key 0.." + std::to_string(keys_ - 1); }
  std::string value_rule() const { return "a value v0..v" + std::to_string(values_ - 1); }

  int keys_;
  int values_;
};

}  // namespace

Entry mqar_entry() {
  return {.name = "mqar",
          .min_size = 1,
          .max_size = 65535,
          .length = longest,
          // Twice as many keys as pairs: which of them occur has to be read, too.
          .options = {{.name = "keys",
                       .low = [](int size) { return size; },
                       .high = [](int) { return 1'000'000; },
                       .fallback = [](int size) { return 2 * size; }},
                      {.name = "values",
                       .low = [](int) { return 2; },
                       .high = [](int) { return 1'000'000; },
                       .fallback = [](int) { return 8; }}},
          .make = [](TaskSettings resolved) -> std::unique_ptr<Task> {
            return std::make_unique<Mqar>(std::move(resolved));
          }};
}

}  // namespace surd::tasks
