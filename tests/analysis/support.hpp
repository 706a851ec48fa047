// What several tests of analysis start from.
#pragma once

#include <filesystem>
#include <string>

#include "analysis/findings/findings.hpp"
#include "analysis/input/csv.hpp"
#include "analysis/input/input.hpp"
#include "base/error.hpp"

namespace surd::test {

inline const std::filesystem::path data = std::filesystem::path(SURD_SOURCE_DIR) / "tests/data";

inline analysis::Input csv(const std::string& text) {
  return analysis::input_from_csv(analysis::parse_csv(text, "small.csv"));
}

// Error where there is none.
inline const analysis::Finding& finding(const analysis::Findings& findings, const std::string& task,
                                        const std::string& architecture) {
  for (const analysis::Finding& one : findings.fits) {
    if (one.series.task == task && one.series.architecture == architecture) return one;
  }
  throw Error("no finding for " + task + " " + architecture);
}

}  // namespace surd::test
