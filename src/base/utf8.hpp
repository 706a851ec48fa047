// Whether bytes are text.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace surd {

struct BadByte {
  std::size_t at = 0;      // offset in bytes
  std::size_t line = 0;    // from 1
  std::size_t column = 0;  // in bytes, from 1
};
// The first byte that begins no character of UTF-8 (Unicode 15, table 3-7: no longer ways to write
// a character, no halves of surrogate pairs); NUL is no text. Nothing where all is text.
std::optional<BadByte> first_bad_byte(std::string_view text);

}  // namespace surd
