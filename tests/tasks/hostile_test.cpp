// Texts, words and settings that nobody should send: a verdict or an InputError, never anything
// else.
#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include "base/error.hpp"
#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

// Mostly words of the task, in any order, among them long runs, and bytes of any kind.
std::string any_text(const Task& task) {
  const auto word = rc::gen::weightedOneOf<std::string>(
      {{20, rc::gen::map(rc::gen::inRange(0, task.vocabulary()),
                         [&task](int token) { return task.token_text(token); })},
       {1, rc::gen::arbitrary<std::string>()},
       {1,
        rc::gen::element<std::string>("-1", "007", "99999999999999999999", "1e3", "<spe>", "<eos>",
                                      "\xff\xfe", "  ", "\t", "é", std::string(1, '\0'))}});
  std::string text;
  for (const std::string& piece : *rc::gen::container<std::vector<std::string>>(word))
    text += piece + " ";
  return text;
}

template <typename Call>
void only_input_errors(Call call) {
  try {
    call();
  } catch (const InputError& error) {
    RC_ASSERT(!error.report().what.empty());
    RC_ASSERT(!error.report().expected.empty());
    RC_ASSERT(!error.report().got.empty());
  }
}

TEST_CASE("random texts give verdicts and InputErrors only") {
  for (const TaskSettings& settings : all_settings()) {
    const auto task = make_task(settings);
    rc::prop(settings.name + " " + std::to_string(settings.size), [&] {
      const std::string text = any_text(*task);
      const Verdict verdict = task->check(text);
      RC_ASSERT(verdict.valid == (verdict.position < 0));
      RC_ASSERT(verdict.valid == verdict.expected.empty());
      only_input_errors([&] { task->encode(text); });
      only_input_errors([&] { RC_ASSERT(task->check(task->solve(text)).valid); });
      only_input_errors([&] { task->token_of(text); });
      task->token_text(*rc::gen::arbitrary<Token>());
    });
  }
}

TEST_CASE("a sampled text with bytes broken gives verdicts and InputErrors only") {
  for (const TaskSettings& settings : all_settings()) {
    const auto task = make_task(settings);
    rc::prop(settings.name + " " + std::to_string(settings.size), [&] {
      std::string text = task->text(draw(*task, *rc::gen::arbitrary<std::uint64_t>()).tokens);
      for (int i = *rc::gen::inRange(1, 4); i > 0; --i)
        text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
      task->check(text);
      only_input_errors([&] { task->encode(text); });
      only_input_errors([&] { RC_ASSERT(task->check(task->solve(text)).valid); });
    });
  }
}

TEST_CASE("very long texts are judged without recursion") {
  const auto task = make_task({"arithmetic", 500, {}});
  std::string brackets;
  for (int i = 0; i < 100'000; ++i) brackets += "( ";
  CHECK(task->check(brackets).position == 499);
  const auto lis = make_task({"lis", 3, {}});
  CHECK(lis->check(std::string(1'000'000, '9')).position == 0);
  CHECK_THROWS_AS(lis->encode(std::string(1'000'000, '9')), InputError);
}

TEST_CASE("any settings are resolved, or refused with InputError") {
  rc::prop("any name, size and options", [] {
    TaskSettings settings{
        .name =
            *rc::gen::oneOf(rc::gen::elementOf(task_names()), rc::gen::arbitrary<std::string>()),
        .size = *rc::gen::oneOf(rc::gen::inRange(-2, 70), rc::gen::arbitrary<int>())};
    for (const std::string& name : task_names()) {
      for (const std::string& option : option_names(name)) {
        if (name == settings.name ? *rc::gen::arbitrary<bool>() : *rc::gen::inRange(0, 20) == 0) {
          settings.options[option] =
              *rc::gen::oneOf(rc::gen::inRange(-2, 100), rc::gen::inRange(-5, 2'000'000'000),
                              rc::gen::arbitrary<int>());
        }
      }
    }
    try {
      const auto task = make_task(settings);
      RC_ASSERT(task->settings() == resolve(task->settings()));
      RC_ASSERT(task->length() > 0);
      RC_ASSERT(task->vocabulary() > 1);
      RC_ASSERT(draw(*task, 1, 0, task->min_size()).tokens.size() > 1U);
    } catch (const InputError& error) {
      RC_ASSERT(!error.report().what.empty());
    }
    only_input_errors([&] { largest_size(settings, *rc::gen::arbitrary<int>()); });
  });
}

}  // namespace
}  // namespace surd::tasks
