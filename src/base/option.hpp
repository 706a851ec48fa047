// Checks of a command line's values: an empty string, or why the value is refused. CLI11 takes them
// as they are: option->check(positive_number).
#pragma once

#include <string>

namespace surd {

// A finite number above 0.
std::string positive_number(const std::string& text);

// A file that can be written: its folder is there and may be written to, and the name is not that
// of a folder or a device. Asked before the work whose result goes there.
std::string output_file(const std::string& path);

}  // namespace surd
