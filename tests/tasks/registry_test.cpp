// Names, options, messages and the facts of each task.
#include <catch2/catch.hpp>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

#include "base/error.hpp"
#include "base/files.hpp"
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

TEST_CASE(
    "the registry lists the tasks in this order, and what it knows of each is as the task has it") {
  // Of those that are named here: a new task need not be.
  const std::vector<std::string> order{"lookup",   "mqar",          "copy",
                                       "chase",    "recurrence",    "arithmetic",
                                       "equation", "edit_distance", "lis"};
  std::vector<std::string> named;
  std::ranges::copy_if(task_names(), std::back_inserter(named), [&](const std::string& name) {
    return std::ranges::find(order, name) != order.end();
  });
  CHECK(named == order);
  for (const Entry& entry : entries()) {
    INFO(entry.name);
    const auto task = make_task({entry.name, entry.min_size, {}});
    CHECK(task->min_size() == entry.min_size);
    CHECK(task->length() == entry.length(entry.min_size));
    CHECK(task->length(entry.max_size) == entry.length(entry.max_size));
    CHECK(std::ranges::count(task_names(), entry.name) == 1);
  }
  CHECK(option_names("lookup") == std::vector<std::string>{"symbols"});
  CHECK(option_names("mqar") == std::vector<std::string>{"keys", "values"});
  CHECK(option_names("copy") == std::vector<std::string>{"symbols"});
  CHECK(option_names("recurrence") == std::vector<std::string>{"modulus", "locality"});
  for (const char* name : {"chase", "arithmetic", "equation", "edit_distance"})
    CHECK(option_names(name).empty());
  CHECK(option_names("lis") == std::vector<std::string>{"number_range"});
}

TEST_CASE("docs/tasks.md names every task and option") {
  const std::string page = read_file(SURD_SOURCE_DIR "/docs/tasks.md");
  for (const std::string& task : task_names()) {
    const auto row = page.find("\n| " + task + " |");
    INFO(task);
    REQUIRE(row != std::string::npos);
    const std::string text = page.substr(row + 1, page.find('\n', row + 1) - row);
    for (const std::string& option : option_names(task))
      CHECK(text.find(option + " ") != std::string::npos);
  }
}

TEST_CASE("resolve writes every option out") {
  CHECK(resolve({"lookup", 5, {}}) == TaskSettings{"lookup", 5, {{"symbols", 8}}});
  CHECK(resolve({"lookup", 5, {{"symbols", 3}}}) == TaskSettings{"lookup", 5, {{"symbols", 3}}});
  CHECK(resolve({"lis", 40, {}}) == TaskSettings{"lis", 40, {{"number_range", 110}}});
  CHECK(resolve({"mqar", 5, {}}) == TaskSettings{"mqar", 5, {{"keys", 10}, {"values", 8}}});
  CHECK(resolve({"copy", 5, {}}) == TaskSettings{"copy", 5, {{"symbols", 26}}});
  CHECK(resolve({"recurrence", 5, {{"locality", 3}}}) ==
        TaskSettings{"recurrence", 5, {{"locality", 3}, {"modulus", 5}}});
  CHECK(resolve({"arithmetic", 6, {}}) == TaskSettings{"arithmetic", 6, {}});
  CHECK(make_task({"lis", 40, {}})->settings() == resolve({"lis", 40, {}}));
}

TEST_CASE("wrong settings are refused with what was expected, what was got and the nearest word") {
  const Report name = report_of([] { resolve({"aritmetic", 3, {}}); });
  CHECK(name.expected.starts_with("one of lookup, mqar, copy, chase, "));
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
  CHECK(report_of([] { resolve({"mqar", 5, {{"keys", 4}}}); }).expected == "5..1000000");
  CHECK(report_of([] { resolve({"recurrence", 5, {{"modulus", 1}}}); }).expected == "2..1000000");
  CHECK(report_of([] { resolve({"chase", 1, {}}); }).expected == "2..65535");
  CHECK(report_of([] { resolve({"equation", 6, {}}); }).expected == "1..5");
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
  CHECK(report_of([&] { task->token_of("180"); }).expected ==
        "a letter a..z, a number 0..179, '|', ',' or '<sep>'");
  CHECK(report_of([&] { task->token_of("<eos>"); }).got == "'<eos>'");
  CHECK(report_of([&] { task->encode("a b | c d"); }).expected == "'<sep>' after the prompt");
  CHECK(report_of([] {
          make_task({"arithmetic", 4, {}})->token_of("11");
        }).expected == "a number 0..10 or one of + - * / ( ) =");
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
  const auto mqar = make_task({"mqar", 5, {}});
  CHECK(mqar->vocabulary() == 1 + 10 + 8);
  CHECK_FALSE(mqar->eos());
  CHECK(mqar->scoring() == Scoring::teacher_forced);
  CHECK(mqar->chance() == Approx(1.0 / 32768));
  const auto copy = make_task({"copy", 3, {}});
  CHECK(copy->vocabulary() == 3 + 26);
  CHECK(copy->scoring() == Scoring::teacher_forced);
  CHECK(copy->chance() == Approx(1.0 / 17576));
  const auto chase = make_task({"chase", 3, {}});
  CHECK(chase->vocabulary() == 3 + 3);
  CHECK(chase->scoring() == Scoring::teacher_forced);
  CHECK(chase->chance() == Approx(1.0 / 81));
  const auto recurrence = make_task({"recurrence", 4, {}});
  CHECK(recurrence->vocabulary() == 3 + 5 + 4);
  CHECK(make_task({"recurrence", 4, {{"locality", 2}}})->vocabulary() == 3 + 5 + 2);
  CHECK(make_task({"recurrence", 4, {{"locality", 9}}})->vocabulary() == 3 + 5 + 4);
  CHECK(recurrence->scoring() == Scoring::teacher_forced);
  CHECK(recurrence->chance() == Approx(1.0 / 3125));
  const auto equation = make_task({"equation", 2, {}});
  CHECK(equation->vocabulary() == 22);
  CHECK(equation->scoring() == Scoring::generated_answer);
  CHECK(equation->chance() == Approx(1.0 / 121));
}

TEST_CASE("log2_instances counts the prompts of the smallest sizes") {
  CHECK(make_task({"lookup", 2, {{"symbols", 3}}})->log2_instances() ==
        Approx(std::log2(3 * 3 * 2 * 2)));
  CHECK(make_task({"lis", 3, {{"number_range", 8}}})->log2_instances() == Approx(3 * std::log2(4)));
  CHECK(make_task({"arithmetic", 1, {}})->log2_instances() ==
        Approx(std::log2(11 * 11 * 3 + 11 * 10)));
  std::set<std::vector<Token>>
      seen;  // those of the other tasks are counted where their distribution is tested
  const auto task = make_task({"arithmetic", 1, {}});
  for (std::uint32_t i = 0; i < 100'000; ++i) seen.insert(draw(*task, 1, i).tokens);
  CHECK(seen.size() == 473);
  // Regular matrices of two rows modulo 11 by counting, times right sides.
  int regular = 0;
  for (int i = 0; i < 11 * 11 * 11 * 11; ++i)
    regular += (i % 11 * (i / 1331) - i / 11 % 11 * (i / 121 % 11)) % 11 != 0;
  CHECK(make_task({"equation", 2, {}})->log2_instances() == Approx(std::log2(121.0 * regular)));
}

}  // namespace
}  // namespace surd::tasks
