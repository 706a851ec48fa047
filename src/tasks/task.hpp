// A sequence problem with chain of thought: instances, tokens, labels, solving, checking. Integers
// only; no model, no files. CONTRIBUTING.md says how to add one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"

namespace surd::tasks {

using Token = std::int32_t;
constexpr Token pad = 0;  // never an input of a packed batch; as a label: "not supervised"

// One training or test sequence. labels[i] is the target at tokens[i]; pad where nothing is
// supervised. labels.size() <= tokens.size(): the model reads tokens[0, labels.size()).
struct Instance {
  std::vector<Token> tokens;
  std::vector<Token> labels;
};

enum class Scoring {
  teacher_forced,   // solved when every supervised token is predicted right, given the true prefix
  generated_answer  // solved when greedy generation from the prompt ends with the right answer
                    // before eos
};

// What a study says of a task. Options left out take the task's defaults (resolve() writes them
// out).
struct TaskSettings {
  std::string name;                      // one of task_names()
  int size = 0;                          // problem size n: the largest one that is sampled
  std::map<std::string, int> options{};  // e.g. {"symbols": 8}, {"number_range": 150}
  bool operator==(const TaskSettings&) const = default;
};

// The first place where a text departs from a valid instance. position is a 0-based token index.
struct Verdict {
  bool valid = true;
  std::int64_t position = -1;
  std::string expected{};  // what would be valid there, in the text form of tokens
  std::string got{};
};

class Task {
 public:
  virtual ~Task() = default;

  const TaskSettings& settings() const { return settings_; }  // options written out
  virtual int vocabulary() const = 0;                         // number of token ids, pad included
  // L: the closed-form longest sequence of size n without eos. Monotone in n.
  virtual int length(int size) const = 0;
  int length() const { return length(settings_.size); }
  // Most positions a model ever reads: the longest labels of an instance of settings().size.
  virtual int positions() const { return length(); }
  virtual Scoring scoring() const = 0;
  virtual std::optional<Token> eos() const = 0;  // none where answers are no tokens (lookup, mqar)
  // Probability that an answer counts as solved whose tokens are drawn uniformly from those that
  // can stand at their places. 0 stands for "below 1 % from the fourth size on".
  virtual double chance() const = 0;
  // How many different prompts of settings().size there are, as log2; where the count is not known,
  // a lower bound with two thirds of its bits at least. For keeping the splits apart, and for the
  // warning where they overlap.
  virtual double log2_instances() const = 0;

  // Overwrites `instance` (its capacity is reused) with one instance of problem size `size` in
  // [min_size, settings().size]; Error outside.
  virtual void sample(RandomStream& stream, int size, Instance& instance) const = 0;
  // Smallest problem size that exists.
  virtual int min_size() const { return 1; }
  // Mixture of the predecessor's `--under`: size i in [min_size, most] with probability
  // proportional to i; most in [min_size, settings().size].
  int sample_size_under(RandomStream& stream, int most) const;

  // Number of tokens up to and with the first separator: where generation starts. All of them where
  // there is none (lookup, mqar).
  virtual std::size_t prompt_tokens(std::span<const Token> tokens) const = 0;
  // Whether a generated continuation (eos included where it came) holds the answer of `truth`; for
  // Scoring::generated_answer.
  virtual bool answer_right(const Instance& truth, std::span<const Token> generated) const = 0;

  // Text form: tokens separated by single spaces, eos and pad left out.
  std::string text(std::span<const Token> tokens) const;
  virtual std::string token_text(Token token) const = 0;
  // InputError where the word is no token, or one that the settings do not allow.
  Token token_of(std::string_view word) const { return token_at(word, {}); }
  // Tokens (eos appended) and labels of a whole text, as in parity/instances.jsonl. The text need
  // not be right, but InputError names the first word that is no token, a missing separator, or for
  // lookup and mqar a query that points nowhere.
  virtual Instance encode(std::string_view text) const = 0;
  // The full text for a prompt up to and with its first separator; what follows that is ignored.
  // InputError where the prompt is malformed or larger than settings().size. Where answers are no
  // tokens (lookup, mqar) the text is its own solution.
  virtual std::string solve(std::string_view prompt) const = 0;
  // Whether the text is a valid instance of at most settings().size (prompt well-formed and every
  // later token right). Never throws on a text.
  virtual Verdict check(std::string_view text) const = 0;
  // Whether every prompt has one right continuation: then check takes no other.
  virtual bool one_solution() const { return true; }

 protected:
  // `settings` as resolve() returns them.
  explicit Task(TaskSettings settings) : settings_(std::move(settings)) {}
  // The token of a word, or none; never eos and never pad.
  virtual std::optional<Token> find_token(std::string_view word) const = 0;
  // What a word may be, for messages.
  virtual std::string token_rule() const = 0;
  // As token_of; `where` goes into the message.
  Token token_at(std::string_view word, const std::string& where) const;
  // Error where `size` is outside [min_size(), settings().size].
  void require_sample_size(int size) const;

 private:
  TaskSettings settings_;
};

// In the order in which users see them.
std::vector<std::string> task_names();
// The options that a task has; InputError for an unknown task.
std::vector<std::string> option_names(const std::string& task);
// Settings with every option written out. InputError: unknown task (with the nearest name), unknown
// option, impossible value or size.
TaskSettings resolve(const TaskSettings& settings);
std::unique_ptr<Task> make_task(const TaskSettings& settings);
// The largest size whose length fits into `length`; InputError where not even the smallest does.
// settings.size is ignored.
int largest_size(const TaskSettings& settings, int length);

}  // namespace surd::tasks
