// What holds for every task of the registry, over random sizes, options and seeds: check accepts
// what sample makes and refuses every wrong change of one supervised token. What is wrong is
// decided without the room: by the sample itself where a prompt has one solution, and for
// arithmetic, where it has many, by the oracle of reductions.hpp. The labels of lookup and mqar are
// no tokens of the text: there the queries are changed.
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

TaskSettings any_settings(const Entry& entry) {
  TaskSettings settings{
      .name = entry.name,
      .size = *rc::gen::inRange(entry.min_size, std::min(entry.max_size, entry.min_size + 14) + 1)};
  for (const OptionRule& rule : entry.options) {
    const int low = rule.low(settings.size);
    const int high = std::min(rule.high(settings.size), low + 30);
    settings.options[rule.name] = *rc::gen::inRange(low, high + 1);
  }
  return settings;
}

const Entry& entry_of(const std::string& name) {
  return *std::ranges::find_if(entries(), [&](const Entry& entry) { return entry.name == name; });
}

struct Sample {
  std::unique_ptr<Task> task;
  Instance instance;
  std::size_t prompt;
  std::vector<std::string> words;
};

Sample any_sample(const Entry& entry) {
  Sample sample{.task = make_task(any_settings(entry)), .instance = {}, .prompt = 0, .words = {}};
  const int size = *rc::gen::inRange(sample.task->min_size(), sample.task->settings().size + 1);
  sample.instance = draw(*sample.task, *rc::gen::arbitrary<std::uint64_t>(), 0, size);
  sample.prompt = sample.task->prompt_tokens(sample.instance.tokens);
  sample.words = split(sample.task->text(sample.instance.tokens));
  RC_LOG() << entry.name << ": " << join(sample.words) << "\n";
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
  for (const Entry& entry : entries()) {
    rc::prop(entry.name, [&entry] {
      const auto [task, instance, prompt_tokens, words] = any_sample(entry);
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
      if (task->one_solution()) RC_ASSERT(solution == text);
    });
  }
}

TEST_CASE("one wrong token after the prompt is found at its place, whatever the token") {
  for (const Entry& entry : entries()) {
    const auto task = make_task(settings_of(entry, 0, default_of));
    if (!task->eos() || !task->one_solution()) continue;
    rc::prop(entry.name, [&entry] {
      const Sample sample = any_sample(entry);
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
    const Sample sample = any_sample(entry_of("arithmetic"));
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
    const Sample sample = any_sample(entry_of("lookup"));
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
    const Sample sample = any_sample(entry_of("mqar"));
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

TEST_CASE("the answer is right, and with its last token changed it is not") {
  for (const Entry& entry : entries()) {
    rc::prop(entry.name, [&entry] {
      const Sample sample = any_sample(entry);
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
      const std::size_t last = answer.size() - (sample.task->eos() ? 2 : 1);
      for (Token token = 0; token < sample.task->vocabulary(); ++token) {
        if (token == sample.task->eos())
          continue;  // ends the answer before; that may be right, too
        auto changed = answer;
        changed[last] = token;
        RC_ASSERT(sample.task->answer_right(sample.instance, changed) == (token == answer[last]));
      }
    });
  }
}

TEST_CASE("any token of an equation's solution decides, and so does every target of a recall") {
  for (const char* name : {"equation", "lookup", "mqar"}) {
    rc::prop(name, [&] {
      const Sample sample = any_sample(entry_of(name));
      std::vector<Token> answer;
      if (sample.task->eos()) {
        const auto& tokens = sample.instance.tokens;
        answer.assign(std::find(tokens.rbegin(), tokens.rend(), Token{3}).base(), tokens.end());
      } else {
        std::ranges::copy_if(sample.instance.labels, std::back_inserter(answer),
                             [](Token t) { return t != pad; });
      }
      const auto place =
          *rc::gen::inRange<std::size_t>(0, answer.size() - (sample.task->eos() ? 1 : 0));
      for (Token token = 0; token < sample.task->vocabulary(); ++token) {
        auto changed = answer;
        changed[place] = token;
        RC_ASSERT(sample.task->answer_right(sample.instance, changed) == (token == answer[place]));
      }
    });
  }
}

}  // namespace
}  // namespace surd::tasks
