// What several tests of analysis start from.
#pragma once

#include <filesystem>
#include <string>

#include "analysis/input/csv.hpp"
#include "analysis/input/input.hpp"

namespace surd::test {

inline const std::filesystem::path data = std::filesystem::path(SURD_SOURCE_DIR) / "tests/data";

inline analysis::Input csv(const std::string& text) {
  return analysis::input_from_csv(analysis::parse_csv(text, "small.csv"));
}

}  // namespace surd::test
