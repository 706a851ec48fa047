// Tasks whose targets are no tokens of the text: the whole text is prompt, each query's target is a
// token seen before it. Lookup and mqar.
#pragma once

#include "tasks/task.hpp"
#include "tasks/words.hpp"

namespace surd::tasks {

class RecallTask : public Task {
 public:
  Scoring scoring() const final { return Scoring::teacher_forced; }
  std::optional<Token> eos() const final { return std::nullopt; }
  void sample(RandomStream& stream, int size, Instance& instance) const final;
  std::size_t prompt_tokens(std::span<const Token> tokens) const final { return tokens.size(); }
  bool answer_right(const Instance& truth, std::span<const Token> generated) const final;
  Instance encode(std::string_view text) const final;
  std::string solve(std::string_view prompt) const final { return text(encode(prompt).tokens); }
  Verdict check(std::string_view text) const final;

 protected:
  using Task::Task;

  // Overwrites `tokens` with an instance of problem size `size`.
  virtual void draw(RandomStream& stream, int size, std::vector<Token>& tokens) const = 0;
  // The first token that no instance of at most settings().size has there; `tokens` may hold
  // `unknown`.
  virtual std::optional<Fault> find_fault(std::span<const Token> tokens) const = 0;
  // Writes the target of each query of faultless tokens into `labels`, which come as long as the
  // tokens and all pad.
  virtual void set_targets(std::span<const Token> tokens, std::span<Token> labels) const = 0;

 private:
  void set_labels(Instance& instance) const;
};

}  // namespace surd::tasks
