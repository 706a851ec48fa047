#include "base/number.hpp"

#include <charconv>
#include <cstdlib>
#include <system_error>

namespace surd {

std::optional<int> leading_number(std::string_view text) {
  int number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  return code == std::errc() ? std::optional(number) : std::nullopt;
}

std::optional<int> number_in_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::nullopt : leading_number(value);
}

}  // namespace surd
