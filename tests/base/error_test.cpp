#include <catch2/catch.hpp>
#include "base/error.hpp"

#include <array>
#include <vector>

namespace surd {
namespace {

TEST_CASE("a report says where, what, expected, got and advice, and leaves out what is empty") {
  CHECK(to_string(
            {.what = "wrong", .where = "a:1:2", .expected = "x", .got = "y", .advice = "Do z."}) ==
        "a:1:2: wrong (expected x, got y). Do z.");
  CHECK(to_string({.what = "wrong"}) == "wrong");
  CHECK(to_string({.what = "wrong", .where = "rank 3"}) == "rank 3: wrong");
  CHECK(to_string({.what = "wrong", .where = {}, .expected = "x"}) == "wrong (expected x)");
  CHECK(to_string({.what = "wrong", .where = {}, .expected = {}, .got = "y"}) == "wrong (got y)");
  CHECK(to_string({.what = "wrong", .where = {}, .expected = {}, .got = {}, .advice = "Do z."}) ==
        "wrong. Do z.");
}

TEST_CASE("an error carries its report, its text and the exit code of its kind") {
  const Error error(Report{.what = "wrong", .where = "here"});
  CHECK(std::string(error.what()) == "here: wrong");
  CHECK(error.report().where == "here");
  CHECK(error.exit_code() == Exit::error);
  const InputError input(std::string("wrong"));
  CHECK(input.exit_code() == Exit::bad_input);
  CHECK(static_cast<int>(input.exit_code()) == 2);
  CHECK_THROWS_AS([&] { throw InputError(input); }(), Error);
}

TEST_CASE("nearest_word finds a misspelling and nothing where none is near") {
  const std::vector<std::string> words{"hidden", "heads", "layers", "learning_rates"};
  CHECK(nearest_word("hiden", words) == "hidden");
  CHECK(nearest_word("head", words) == "heads");
  CHECK(nearest_word("learning_rate", words) == "learning_rates");
  CHECK(nearest_word("lerning_raets", words) == "learning_rates");
  CHECK(nearest_word("layers", words) == "layers");
  CHECK(nearest_word("optimiser", words).empty());
  CHECK(nearest_word("", words).empty());
  CHECK(nearest_word("hidden", std::vector<std::string>{}).empty());
  CHECK(nearest_word("seds", std::array<std::string, 2>{"seeds", "sizes"}) == "seeds");
}

TEST_CASE("nearest_word knows what a word abbreviates") {
  const std::vector<std::string> architectures{
      "standard", "sparse", "linear", "sliding_window", "retention", "gated_linear", "delta"};
  for (const auto& [word, meant] : {std::pair{"gla", "gated_linear"},
                                    {"gl", "gated_linear"},
                                    {"gated", "gated_linear"},
                                    {"swa", "sliding_window"},
                                    {"sw", "sliding_window"},
                                    {"slidwin", "sliding_window"},
                                    {"lin", "linear"},
                                    {"lina", "linear"},
                                    {"ret", "retention"}}) {
    INFO(word);
    CHECK(nearest_word(word, architectures) == meant);
  }
  const std::vector<std::string> tasks{"lookup",   "mqar",          "copy",
                                       "chase",    "recurrence",    "arithmetic",
                                       "equation", "edit_distance", "lis"};
  CHECK(nearest_word("ed", tasks) == "edit_distance");
  CHECK(nearest_word("arith", tasks) == "arithmetic");
  CHECK(nearest_word("--verb", std::vector<std::string>{"--json", "--verbose"}) == "--verbose");
  CHECK(nearest_word("lr", std::vector<std::string>{"seeds", "learning_rates"}) ==
        "learning_rates");
  // One letter's slip goes before an abbreviation, an abbreviation before two slips.
  CHECK(nearest_word("lis", std::vector<std::string>{"list_of_seeds", "lin"}) == "lin");
  CHECK(nearest_word("abc", std::vector<std::string>{"axy", "a_better_choice"}) ==
        "a_better_choice");
}

TEST_CASE("nearest_word makes no sense of nonsense") {
  const std::vector<std::string> words{"standard", "sparse", "sliding_window",
                                       "c",        "lis",    "gated_linear"};
  for (const char* word : {"s", "g", "x", "xy", "gx", "wl", "la", "agl", "sla", "rga", "_", "--",
                           "standards_of_living", "gated_linear_unit_of_some_kind"}) {
    INFO(word);
    CHECK(nearest_word(word, words).empty());
  }
}

}  // namespace
}  // namespace surd
