#include "analysis/report/text.hpp"

#include <catch2/catch.hpp>
#include <sstream>

namespace surd::analysis {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST_CASE("words are broken at spaces, and those that are longer than a line are left whole") {
  CHECK(wrapped("", 10) == std::vector<std::string>{""});
  CHECK(wrapped("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrapped("one two three", 6) == std::vector<std::string>{"one", "two", "three"});
  CHECK(wrapped("a /a/long/path b", 4) == std::vector<std::string>{"a", "/a/long/path", "b"});
  // Characters are counted, not bytes.
  CHECK(wrapped("\u03b1\u03b1 \u03b1", 4) == std::vector<std::string>{"\u03b1\u03b1 \u03b1"});
}

TEST_CASE("an item's further lines stand further in, and none is too wide for a terminal") {
  CHECK(item("short") == "  short\n");
  std::string words;
  for (int i = 0; i < 60; ++i) words += "word ";
  const auto lines = lines_of(item(words + "end"));
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].starts_with("  word"));
  for (std::size_t i = 1; i < lines.size(); ++i) CHECK(lines[i].starts_with("    word"));
  for (const std::string& line : lines) CHECK(line.size() <= terminal_columns);
}

TEST_CASE("cells beside each other are wrapped each in its own width") {
  CHECK(beside({"a b c", "x", "long words"}, {3, 2, 5}) ==
        "a b  x   long\n"
        "c        words\n");
}

TEST_CASE(
    "a table that fits is as it ever was, and columns without a place follow below, with names") {
  const Lines narrow = {{"task", "a", "b"}, {"lis", "1", "2"}};
  CHECK(aligned_in_terminal(narrow, 1) == aligned(narrow));
  CHECK(aligned_in_terminal(narrow, 0) == aligned(narrow));

  const std::string wide(50, 'x');
  const std::string gap(44, ' ');
  const Lines table = {{"task", "first", "second", "third"}, {"lis", wide, wide, "3"}};
  CHECK(aligned_in_terminal(table, 1) ==
        "task  first\nlis   " + wide + "\ntask  second" + gap + "  third\nlis   " + wide + "  3\n");
}

TEST_CASE("long names are wrapped, so that no line of a table is too wide") {
  const std::string architecture =
      "sparse(c=16) (model.layers=2, model.heads=16, recipe.training_set=100000, task.locality=4)";
  Lines table = {{"task", "architecture"}, {"edit_distance", architecture}, {"lis", "standard"}};
  for (int i = 0; i < 12; ++i) {
    table[0].push_back("column");
    table[1].push_back("[-1.00, 1.00]");
    table[2].push_back("-");
  }
  std::string joined;
  for (const std::string& line : lines_of(aligned_in_terminal(table, 2))) {
    CAPTURE(line);
    CHECK(line.size() <= terminal_columns);
    joined += line + " ";
  }
  for (const std::string word : {"edit_distance", "recipe.training_set=100000,", "standard"})
    CHECK(joined.find(word) != std::string::npos);
  std::size_t cells = 0;
  for (std::size_t at = 0; (at = joined.find("[-1.00, 1.00]", at)) != std::string::npos; ++at)
    ++cells;
  CHECK(cells == 12);
}

TEST_CASE("intervals in words: two decimals, or three digits that count") {
  CHECK(text(law::Interval{0.104, std::nullopt}) == "[0.10, open)");
  CHECK(text3(law::Interval{0.00123, 123.4}) == "[0.00123, 123]");
  CHECK(text3(law::Interval{}) == "(open, open)");
}

}  // namespace
}  // namespace surd::analysis
