// Log lines to stderr, and to a file where one is given: time, level, rank, text. Keeps spdlog out of other rooms.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace surd::log {

// Prefix for all later lines, e.g. "rank 3"; `file` empty: stderr only. Not thread-safe: call once at start.
void open(const std::string& prefix, const std::string& file);
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
