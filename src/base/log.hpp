// Log lines to stderr, and to a file where one is given, there with time and level. Keeps spdlog
// out of other rooms.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

namespace surd::log {

// Appends all later lines to `file` as well. Error where it cannot be opened, or is a link or no
// regular file; what cannot be written later, as on a full disk, is left out. Not thread-safe: call
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

// For what may go wrong again and again: a warning of it every minute is enough.
class Seldom {
 public:
  explicit Seldom(double every_s = 60) : every_s_(every_s) {}
  template <typename... Args>
  void warning(fmt::format_string<Args...> format, Args&&... args) {
    if (is_due()) write_warning(fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  bool is_due();

  double every_s_;
  std::optional<double> told_s_;
};

}  // namespace surd::log
