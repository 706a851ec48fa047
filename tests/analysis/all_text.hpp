// What surd-fit fit --verbose prints, as one reads it.
#pragma once

#include <sstream>
#include <string>

#include "analysis/report/fit_output.hpp"

namespace surd::analysis {

// The lines of each item joined to one.
inline std::string all_text(const Findings& findings) {
  std::istringstream lines(to_text(findings, Detail::all));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    const bool goes_on = line.find_first_not_of(' ') == 4;  // what is further in begins anew
    if (goes_on && !text.empty()) {
      text.back() = ' ';
      line.erase(0, 4);
    }
    text.append(line).append("\n");
  }
  return text;
}

}  // namespace surd::analysis
