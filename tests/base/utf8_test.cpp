#include "base/utf8.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace surd {
namespace {

TEST_CASE("text is UTF-8 up to the last character of Unicode") {
  for (const char* text : {"", "plain\n", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                           "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    CHECK_FALSE(first_bad_byte(text));
}

TEST_CASE("the first byte that begins no character is found with its line and column") {
  for (const char* bad : {"\x80", "\xC0\xAF", "\xC2", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",
                          "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5", "\xFF"}) {
    const auto found = first_bad_byte(std::string("a\nb\xC3\xA9") + bad + "c");
    REQUIRE(found);
    CHECK(found->at == 5);
    CHECK(found->line == 2);
    CHECK(found->column == 4);
  }
  CHECK(first_bad_byte(std::string_view("a\0b", 3))->at == 1);
}

}  // namespace
}  // namespace surd
