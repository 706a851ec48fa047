// Numbers as people read them, the same in the terminal and in the report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "law/interval.hpp"

namespace surd::analysis {

// Rounded first, so that -0.001 is 0.00 and not -0.00.
std::string rounded(double value, int digits);
// With its sign: "+0.31"; "+0.00" where nothing is left.
std::string with_sign(double value, int digits);
// "-" where there is no value.
std::string text(const std::optional<double>& value, int digits);
// Three digits that count, for widths and steepnesses of any size.
std::string text3(const std::optional<double>& value);
// "[0.10, 0.52]"; "(open" and "open)" for ends that do not close.
std::string text(const law::Interval& interval);
// Such a number or interval for a page: with true minus signs, and a dash for no value.
std::string typeset(std::string number);

// "linear (model.layers=2)", or the architecture alone where there are no further axes.
std::string full_name(const std::string& architecture, const std::string& axes);

// A word as a field of a CSV file (RFC 4180), always in quotes.
std::string quoted_field(const std::string& word);

using Lines = std::vector<std::vector<std::string>>;
// Left-aligned columns two spaces apart; the first line is the header.
std::string aligned(const Lines& lines);
// The same as a Markdown table.
std::string markdown(const Lines& lines);

}  // namespace surd::analysis
