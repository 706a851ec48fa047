#include "base/utf8.hpp"

namespace surd {
namespace {

// Bytes of the character that begins the text, or 0.
std::size_t character_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return length;
}

}  // namespace

std::optional<BadByte> first_bad_byte(std::string_view text) {
  std::size_t line = 1;
  std::size_t start = 0;  // of the line
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_bytes(text.substr(at));
    if (length == 0) return BadByte{.at = at, .line = line, .column = at - start + 1};
    at += length;
    if (text[at - 1] != '\n') continue;
    ++line;
    start = at;
  }
  return std::nullopt;
}

}  // namespace surd
