// Numbers as people read them, the same in the terminal and in the report.
#pragma once

#include <cstddef>
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
// The same without zeros at the end, for what stands in figures.
std::string short_text(double value);
// "12.5 MFLOP"
std::string with_prefix(double value, const std::string& unit);
// Of a share, without the sign; 100 only where it is.
std::string percent(double share);
// Of UTF-8, not bytes.
std::size_t characters(const std::string& words);
// At most so many characters, then an ellipsis.
std::string cut(const std::string& words, std::size_t most);
// "[0.10, 0.52]"; "(open" and "open)" for ends that do not close.
std::string text(const law::Interval& interval);
// Such a number or interval for a page: with true minus signs, and a dash for no value.
std::string typeset(std::string number);

// "linear (model.layers=2)", or the architecture alone where there are no further axes.
std::string full_name(const std::string& architecture, const std::string& axes);

// Words as a file's name, of letters, digits and "-_." alone.
std::string file_name(const std::string& words);

// A word as a field of a CSV file (RFC 4180), always in quotes.
std::string quoted_field(const std::string& word);

using Lines = std::vector<std::vector<std::string>>;
// Left-aligned columns two spaces apart; the first line is the header.
std::string aligned(const Lines& lines);
// The same as a Markdown table.
std::string markdown(const Lines& lines);

}  // namespace surd::analysis
