// What `surd run` tells the processes of surd-run that it starts: how many they are.
#pragma once

#include <optional>
#include <string>

#include "base/number.hpp"

namespace surd::program {

constexpr const char* launched_name = "SURD_LAUNCHED_RANKS";

// A setting of their environment.
inline std::string launched_setting(int ranks) {
  return std::string(launched_name).append("=").append(std::to_string(ranks));
}

// Nothing where this process was started otherwise.
inline std::optional<int> launched_ranks() { return number_in_environment(launched_name); }

}  // namespace surd::program
