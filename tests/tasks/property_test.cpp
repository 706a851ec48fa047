// What holds for every task, over random sizes, options and seeds: check accepts what sample makes
// and refuses every wrong change of one supervised token. What is wrong is decided without the
// room: by the sample itself where a prompt has one continuation, and for arithmetic, where it has
// many, by the oracle of reductions.hpp. The labels of lookup and mqar are no tokens of the text:
// there the queries are changed.
#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "base/error.hpp"
#include "tasks/reductions.hpp"
#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

TaskSettings any_settings(const std::string& name) {
  const auto range = [](int low, int high) { return *rc::gen::inRange(low, high + 1); };
  if (name == "lookup" || name == "copy") return {name, range(1, 20), {{"symbols", range(2, 26)}}};
  if (name == "chase") return {name, range(2, 20), {}};
  if (name == "recurrence")
    return {name, range(1, 20), {{"modulus", range(2, 30)}, {"locality", range(0, 25)}}};
  if (name == "equation") return {name, range(1, 5), {}};
  if (name == "arithmetic" || name == "edit_distance") return {name, range(1, 13), {}};
  if (name == "mqar") {
    const int size = range(1, 20);
    return {name, size, {{"keys", range(size, 3 * size + 5)}, {"values", range(2, 30)}}};
  }
  const int size = range(3, 40);
  return {name, size, {{"number_range", range(2 * size + 1, 3 * size + 60)}}};
}

struct Sample {
  std::unique_ptr<Task> task;
  Instance instance;
  std::size_t prompt;
  std::vector<std::string> words;
};

Sample any_sample(const std::string& name) {
  Sample sample{.task = make_task(any_settings(name)), .instance = {}, .prompt = 0, .words = {}};
  const int size = *rc::gen::inRange(sample.task->min_size(), sample.task->settings().size + 1);
  sample.instance = draw(*sample.task, *rc::gen::arbitrary<std::uint64_t>(), 0, size);
  sample.prompt = sample.task->prompt_tokens(sample.instance.tokens);
  sample.words = split(sample.task->text(sample.instance.tokens));
  RC_LOG() << name << ": " << join(sample.words) << "\n";
  return sample;
}

// Calls visit(words, place, token) with every token of the vocabulary in turn at a random place of
// [begin, end).
template <typename Visit>
void change_one(const Sample& sample, std::size_t begin, std::size_t end, Visit visit) {
  const auto place = *rc::gen::inRange(begin, end);
  auto words = sample.words;
  for (Token token = 1; token < sample.task->vocabulary(); ++token) {
    if (token == sample.instance.tokens[place]) continue;
    words[place] = sample.task->token_text(token);
    RC_LOG() << "word " << place << " changed to " << words[place] << "\n";
    visit(words, place, token);
  }
}

TEST_CASE("what is sampled is valid, encodes to itself and is solved to a valid text") {
  for (const std::string& name : task_names()) {
    rc::prop(name, [&name] {
      const auto [task, instance, prompt_tokens, words] = any_sample(name);
      const std::string text = join(words);
      const Instance encoded = task->encode(text);
      RC_ASSERT(encoded.tokens == instance.tokens);
      RC_ASSERT(encoded.labels == instance.labels);
      RC_ASSERT(task->check(text).valid);
      const std::string prompt = task->text(std::span(instance.tokens).first(prompt_tokens));
      const std::string solution = task->solve(prompt);
      RC_ASSERT(task->check(solution).valid);
      RC_ASSERT(solution.starts_with(prompt));
      RC_ASSERT(task->solve(text) == solution);  // what follows the separator is ignored
      if (name != "arithmetic") RC_ASSERT(solution == text);
    });
  }
}

TEST_CASE("one wrong token after the prompt is found at its place, whatever the token") {
  for (const std::string& name : task_names()) {
    if (name == "lookup" || name == "mqar" || name == "arithmetic") continue;
    rc::prop(name, [&name] {
      const Sample sample = any_sample(name);
      change_one(sample, sample.prompt, sample.words.size(),
                 [&](const auto& words, std::size_t place, Token) {
                   const Verdict verdict = sample.task->check(join(words));
                   RC_ASSERT(!verdict.valid);
                   RC_ASSERT(verdict.position == static_cast<std::int64_t>(place));
                   RC_ASSERT(verdict.expected == sample.words[place]);
                   RC_ASSERT(verdict.got == words[place]);
                 });
    });
  }
}

TEST_CASE(
    "one changed token after the prompt of arithmetic is accepted exactly where the history is "
    "still valid, and else found at its place") {
  int changes = 0;
  int accepted = 0;
  rc::prop("arithmetic", [&] {
    const Sample sample = any_sample("arithmetic");
    change_one(sample, sample.prompt, sample.words.size(),
               [&](const auto& words, std::size_t, Token token) {
                 if (token < 3) return;  // cls and eos are no words
                 ++changes;
                 const auto wrong = first_wrong(words);
                 const Verdict verdict = sample.task->check(join(words));
                 RC_ASSERT(verdict.valid == !wrong);
                 accepted += verdict.valid ? 1 : 0;
                 if (!wrong) return;
                 RC_ASSERT(verdict.position == static_cast<std::int64_t>(*wrong));
                 RC_ASSERT(verdict.got == (*wrong < words.size() ? words[*wrong] : "end of text"));
                 RC_ASSERT((" " + verdict.expected + " ").find(" " + verdict.got + " ") ==
                           std::string::npos);
               });
  });
  CHECK(accepted * 20 < changes);  // a change is nearly always an error
}

TEST_CASE(
    "a changed index of lookup is accepted exactly where it points at a symbol, and its target "
    "follows") {
  rc::prop("lookup", [] {
    const Sample sample = any_sample("lookup");
    const std::size_t n = sample.words.size() / 2;
    change_one(sample, n, 2 * n, [&](const auto& words, std::size_t place, Token) {
      const Verdict verdict = sample.task->check(join(words));
      RC_ASSERT(verdict.valid == (is_digits(words[place]) && std::stoul(words[place]) < n));
      if (!verdict.valid) {
        RC_ASSERT(verdict.position == static_cast<std::int64_t>(place) ||
                  (place == n && verdict.position > static_cast<std::int64_t>(n)));
        return;
      }
      const Instance instance = sample.task->encode(join(words));
      for (std::size_t i = 0; i < 2 * n; ++i) {
        RC_ASSERT(sample.task->token_text(instance.labels[i]) ==
                  (i < n ? "<pad>" : words[std::stoul(words[i])]));
      }
    });
  });
}

TEST_CASE(
    "no other token may stand at a query of mqar, and each target is the value that follows its "
    "key") {
  rc::prop("mqar", [] {
    const Sample sample = any_sample("mqar");
    const std::size_t pairs = sample.words.size() / 3;
    for (std::size_t i = 0; i < sample.words.size(); ++i) {
      const std::string label = sample.task->token_text(sample.instance.labels[i]);
      if (i < 2 * pairs) {
        RC_ASSERT(label == "<pad>");
        continue;
      }
      const auto key = std::find(sample.words.begin(), sample.words.end(), sample.words[i]);
      RC_ASSERT(label == *(key + 1));
    }
    change_one(sample, 2 * pairs, 3 * pairs, [&](const auto& words, std::size_t place, Token) {
      const Verdict verdict = sample.task->check(join(words));
      RC_ASSERT(!verdict.valid);
      RC_ASSERT(verdict.position >= static_cast<std::int64_t>(place));
    });
  });
}

TEST_CASE("the answer is right, and with one token of it changed it is not") {
  for (const std::string& name : task_names()) {
    rc::prop(name, [&name] {
      const Sample sample = any_sample(name);
      std::vector<Token>
          answer;  // what is generated after the prompt; for lookup and mqar a target at each query
      if (sample.task->eos()) {
        answer.assign(sample.instance.tokens.begin() + static_cast<std::ptrdiff_t>(sample.prompt),
                      sample.instance.tokens.end());
      } else {
        std::copy_if(sample.instance.labels.begin(), sample.instance.labels.end(),
                     std::back_inserter(answer), [](Token t) { return t != pad; });
      }
      RC_ASSERT(sample.task->answer_right(sample.instance, answer));
      // The part that is scored: all targets; of an equation all after the last separator; else the
      // token before eos.
      std::size_t begin = 0;
      std::size_t end = answer.size();
      if (sample.task->eos()) {
        end -= 1;
        begin = end - 1;
        if (name == "equation")
          begin = static_cast<std::size_t>(answer.rend() -
                                           std::find(answer.rbegin(), answer.rend(), Token{3}));
      }
      const auto place = *rc::gen::inRange(begin, end);
      for (Token token = 0; token < sample.task->vocabulary(); ++token) {
        if (token == sample.task->eos() && name != "equation")
          continue;  // ends the answer before; that one may be right, too
        auto changed = answer;
        changed[place] = token;
        RC_ASSERT(sample.task->answer_right(sample.instance, changed) == (token == answer[place]));
      }
    });
  }
}

}  // namespace
}  // namespace surd::tasks
