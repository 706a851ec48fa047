// Tasks whose text is a prompt, a separator, a chain of thought and the answer: all tasks but
// lookup and mqar.
#pragma once

#include "tasks/task.hpp"
#include "tasks/words.hpp"

namespace surd::tasks {

class ChainTask : public Task {
 public:
  static constexpr Token eos_token = 2;

  std::optional<Token> eos() const final { return eos_token; }
  void sample(RandomStream& stream, int size, Instance& instance) const final;
  std::size_t prompt_tokens(std::span<const Token> tokens) const final;
  // Here: the token before the first eos is the answer.
  bool answer_right(const Instance& truth, std::span<const Token> generated) const override;
  Instance encode(std::string_view text) const final;
  std::string solve(std::string_view prompt) const final;
  Verdict check(std::string_view text) const final;

 protected:
  ChainTask(TaskSettings settings, Token separator)
      : Task(std::move(settings)), separator_(separator) {}

  // Overwrites `tokens` with an instance of problem size `size`, eos included.
  virtual void draw(RandomStream& stream, int size, std::vector<Token>& tokens) const = 0;
  // `prompt` ends with its only separator, or with eos where the text has none; it may hold
  // `unknown`.
  virtual std::optional<Fault> prompt_fault(std::span<const Token> prompt) const = 0;
  // Appends chain, answer and eos to a faultless prompt.
  virtual void append_chain(std::vector<Token>& tokens) const = 0;
  // The first wrong token after a faultless prompt of `prompt` tokens; `tokens` end with eos. Here:
  // the first that differs from append_chain's.
  virtual std::optional<Fault> chain_fault(std::span<const Token> tokens, std::size_t prompt) const;
  // prompt_fault where a prompt is one to `size` items, ids from `first_item` on, and the
  // separator; `item_rule` says what an item is.
  std::optional<Fault> items_fault(std::span<const Token> prompt, Token first_item,
                                   const std::string& item_rule) const;
  // token_text, and "end of text" for eos.
  std::string expected_text(Token token) const {
    return token == eos_token ? "end of text" : token_text(token);
  }

 private:
  Token separator_;
};

}  // namespace surd::tasks
