#include "base/shell.hpp"

#include <catch2/catch.hpp>
#include <cstdio>
#include <string>
#include <vector>

using namespace surd;

namespace {

// What a shell makes of the line, one word in brackets after the other.
std::string read_by_shell(const std::string& line) {
  FILE* pipe = ::popen(("printf '<%s>' " + line).c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string words;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) words += static_cast<char>(c);
  ::pclose(pipe);
  return words;
}

}  // namespace

TEST_CASE("plain words stay as they are") {
  CHECK(shell_word("runs/quickstart") == "runs/quickstart");
  CHECK(shell_word("recipe.steps=50") == "recipe.steps=50");
}

TEST_CASE("a shell reads back every word of a line as it was") {
  const std::vector<std::string> words = {
      "surd",     "--set", "grid.length=[16, 24]", "it's $HOME", "", "a\\b \"c\"",
      "{x: [*]}", "~",     "tab\tand\nline",       "#no",        "!"};
  std::string expected;
  for (const std::string& word : words) expected += "<" + word + ">";
  CHECK(read_by_shell(shell_line(words)) == expected);
}
