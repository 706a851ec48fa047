// What `surd run` tells the processes of surd-run that it starts: how many they are.
#pragma once

#include <charconv>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace surd::program {

constexpr const char* launched_name = "SURD_LAUNCHED_RANKS";

// A setting of their environment.
inline std::string launched_setting(int ranks) {
  return std::string(launched_name).append("=").append(std::to_string(ranks));
}

// Nothing where this process was started otherwise.
inline std::optional<int> launched_ranks() {
  const char* value = std::getenv(launched_name);
  if (value == nullptr) return std::nullopt;
  const std::string_view text = value;
  int ranks = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), ranks);
  return code == std::errc() ? std::optional(ranks) : std::nullopt;
}

}  // namespace surd::program
