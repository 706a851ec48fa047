// Whole numbers that other programs wrote: in the environment, in what they print.
#pragma once

#include <optional>
#include <string_view>

namespace surd {

// The number that the text begins with; nothing where it begins with none, or with one that an int
// does not hold.
std::optional<int> leading_number(std::string_view text);
// Of the environment variable; nothing too where it is not set.
std::optional<int> number_in_environment(const char* name);

}  // namespace surd
