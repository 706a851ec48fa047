// Names, options, messages and the facts of each task.
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "base/error.hpp"
#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

template <typename Call>
Report report_of(Call call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.report();
  }
  FAIL("no InputError");
  return {};
}

TEST_CASE("the table holds four tasks in this order") {
  CHECK(task_names() == std::vector<std::string>{"lookup", "arithmetic", "edit_distance", "lis"});
  CHECK(option_names("lookup") == std::vector<std::string>{"symbols"});
  CHECK(option_names("arithmetic").empty());
  CHECK(option_names("lis") == std::vector<std::string>{"number_range"});
}

TEST_CASE("resolve writes every option out") {
  CHECK(resolve({"lookup", 5, {}}) == TaskSettings{"lookup", 5, {{"symbols", 8}}});
  CHECK(resolve({"lookup", 5, {{"symbols", 3}}}) == TaskSettings{"lookup", 5, {{"symbols", 3}}});
  CHECK(resolve({"lis", 40, {}}) == TaskSettings{"lis", 40, {{"number_range", 110}}});
  CHECK(resolve({"arithmetic", 6, {}}) == TaskSettings{"arithmetic", 6, {}});
  CHECK(make_task({"lis", 40, {}})->settings() == resolve({"lis", 40, {}}));
}

TEST_CASE("wrong settings are refused with what was expected, what was got and the nearest word") {
  const Report name = report_of([] { resolve({"aritmetic", 3, {}}); });
  CHECK(name.expected == "one of lookup, arithmetic, edit_distance, lis");
  CHECK(name.got == "'aritmetic'");
  CHECK(name.advice == "Did you mean 'arithmetic'?");
  const Report option = report_of([] { resolve({"lis", 5, {{"numbr_range", 30}}}); });
  CHECK(option.where == "task lis");
  CHECK(option.got == "'numbr_range'");
  CHECK(option.advice == "Did you mean 'number_range'?");
  CHECK(report_of([] { resolve({"arithmetic", 5, {{"modulus", 5}}}); }).expected == "no options");
  const Report range = report_of([] { resolve({"lis", 5, {{"number_range", 10}}}); });
  CHECK(range.expected == "11..1000000");
  CHECK(range.got == "10");
  CHECK(report_of([] { resolve({"lookup", 5, {{"symbols", 27}}}); }).expected == "2..26");
  CHECK(report_of([] { resolve({"lis", 2, {}}); }).expected == "3..65535");
  CHECK(report_of([] { resolve({"edit_distance", 60, {}}); }).expected == "1..59");
  CHECK(report_of([] { resolve({"lookup", 0, {}}); }).got == "0");
}

TEST_CASE("a word that is no token is named with its place, the rule and the nearest word") {
  const auto task = make_task({"edit_distance", 4, {}});
  const Report word = report_of([&] { task->encode("a b | c d <spe> 3"); });
  CHECK(word.where == "edit_distance, word 6");
  CHECK(word.got == "'<spe>'");
  CHECK(word.advice == "Did you mean '<sep>'?");
  CHECK(report_of([&] { task->token_of("180"); }).expected == "a letter a..z, a number 0..179, '|', ',' or '<sep>'");
  CHECK(report_of([&] { task->token_of("<eos>"); }).got == "'<eos>'");
  CHECK(report_of([&] { task->encode("a b | c d"); }).expected == "'<sep>' after the prompt");
  CHECK(report_of([] { make_task({"arithmetic", 4, {}})->token_of("11"); }).expected == "a number 0..10 or one of + - * / ( ) =");
}

TEST_CASE("every token but pad, cls and eos is read back from its text") {
  for (const TaskSettings& settings : all_settings()) {
    const auto task = make_task(settings);
    for (Token token = 1; token < task->vocabulary(); ++token) {
      const std::string text = task->token_text(token);
      INFO(settings.name << " token " << token << " '" << text << "'");
      if (text == "<eos>" || text == "<cls>") {
        CHECK_THROWS_AS(task->token_of(text), InputError);
      } else {
        CHECK(task->token_of(text) == token);
      }
    }
    CHECK(task->token_text(-1) == "<unknown>");
    CHECK(task->token_text(task->vocabulary()) == "<unknown>");
  }
}

TEST_CASE("vocabulary, eos, scoring and chance of each task") {
  const auto lookup = make_task({"lookup", 5, {}});
  CHECK(lookup->vocabulary() == 1 + 8 + 5);
  CHECK_FALSE(lookup->eos());
  CHECK(lookup->scoring() == Scoring::teacher_forced);
  CHECK(lookup->chance() == Approx(1.0 / 32768));
  const auto arithmetic = make_task({"arithmetic", 5, {}});
  CHECK(arithmetic->vocabulary() == 21);
  CHECK(arithmetic->eos() == 2);
  CHECK(arithmetic->scoring() == Scoring::generated_answer);
  CHECK(arithmetic->chance() == Approx(1.0 / 11));
  CHECK(make_task({"edit_distance", 5, {}})->vocabulary() == 211);
  CHECK(make_task({"lis", 8, {{"number_range", 56}}})->vocabulary() == 59);
  CHECK(make_task({"lis", 8, {}})->scoring() == Scoring::teacher_forced);
}

TEST_CASE("log2_instances counts the prompts of the smallest sizes") {
  CHECK(make_task({"lookup", 2, {{"symbols", 3}}})->log2_instances() == Approx(std::log2(3 * 3 * 2 * 2)));
  CHECK(make_task({"lis", 3, {{"number_range", 8}}})->log2_instances() == Approx(3 * std::log2(4)));
  CHECK(make_task({"arithmetic", 1, {}})->log2_instances() == Approx(std::log2(11 * 11 * 3 + 11 * 10)));
  std::set<std::vector<Token>> seen;
  const auto task = make_task({"arithmetic", 1, {}});
  for (std::uint32_t i = 0; i < 100'000; ++i) seen.insert(draw(*task, 1, i).tokens);
  CHECK(seen.size() == 473);
}

}  // namespace
}  // namespace surd::tasks
