// Commands as a user can type them.
#pragma once

#include <span>
#include <string>

namespace surd {

// The word as a POSIX shell reads it back: as it is, or in single quotes where it needs them.
std::string shell_word(const std::string& word);
// Words in one line, each quoted where it needs to be.
std::string shell_line(std::span<const std::string> words);

}  // namespace surd
