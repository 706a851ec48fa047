// Log lines to stderr, and to a file where one is given, there with time and level. Keeps spdlog
// out of other rooms.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace surd::log {

// Appends all later lines to `file` as well. Error where it cannot be opened. Not thread-safe: call
// once at start.
void open(const std::string& file);
void write_info(std::string_view text);
void write_warning(std::string_view text);
void write_error(std::string_view text);

template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write_info(fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  write_warning(fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write_error(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace surd::log
