#include "base/option.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <string_view>

namespace surd {

std::string positive_number(const std::string& text) {
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  double value = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool is_number = code == std::errc() && end == digits.data() + digits.size();
  return is_number && value > 0 && std::isfinite(value)
             ? ""
             : fmt::format("expected a number above 0, got '{}'", text);
}

std::string output_file(const std::string& path) {
  const std::filesystem::path file(path);
  std::error_code code;
  if (path.empty()) return "expected the name of a file, got nothing";
  if (std::filesystem::is_directory(file, code))
    return fmt::format("{} cannot be written: it is a folder. Name a file in it", path);
  if (std::filesystem::exists(file, code) && !std::filesystem::is_regular_file(file, code)) {
    return fmt::format("{} cannot be written: it exists and is no regular file. Name a new one",
                       path);
  }
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  if (!std::filesystem::exists(folder, code)) {
    return fmt::format(
        "{} cannot be written: the folder {} does not exist. Make it first, or name a file "
        "elsewhere",
        path, folder.string());
  }
  if (!std::filesystem::is_directory(folder, code)) {
    return fmt::format("{} cannot be written: {} is no folder. Name a file elsewhere", path,
                       folder.string());
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    return fmt::format("{} cannot be written: the folder {}: {}. Name a file elsewhere", path,
                       folder.string(), std::strerror(errno));
  }
  return "";
}

}  // namespace surd
