// Numbers as people read them, the same in the terminal and in the report.
#pragma once

#include <optional>
#include <string>

#include "law/interval.hpp"

namespace surd::analysis {

// Rounded first, so that -0.001 is 0.00 and not -0.00.
std::string rounded(double value, int digits);
// "-" where there is no value.
std::string text(const std::optional<double>& value, int digits);
// Three digits that count, for widths and steepnesses of any size.
std::string text3(const std::optional<double>& value);
// "[0.10, 0.52]"; "(open" and "open)" for ends that do not close.
std::string text(const law::Interval& interval);
// Such a number or interval for a page: with true minus signs, and a dash for no value.
std::string typeset(std::string number);

}  // namespace surd::analysis
