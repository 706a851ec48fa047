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
  CHECK_THROWS_AS([&] { throw input; }(), Error);
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

}  // namespace
}  // namespace surd
