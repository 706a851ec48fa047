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
// The same with three digits that count.
std::string text3(const law::Interval& interval);
// Such a number or interval for a page: with true minus signs, and a dash for no value.
std::string typeset(std::string number);

// "linear (model.layers=2)", or the architecture alone where there are no further axes.
std::string full_name(const std::string& architecture, const std::string& axes);

// Words as a file's name, of letters, digits and "-_." alone.
std::string file_name(const std::string& words);

// A word as a field of a CSV file (RFC 4180), always in quotes.
std::string quoted_field(const std::string& word);

// What a terminal shows is at most so wide, but for words without spaces that are longer.
constexpr std::size_t terminal_columns = 100;
// Broken at spaces into lines of at most `most` characters; a longer word has a line of its own.
std::vector<std::string> wrapped(const std::string& words, std::size_t most);
// "words\n", wrapped for a terminal.
std::string paragraph(const std::string& words);
// "  words\n", wrapped for a terminal, further lines four spaces in.
std::string item(const std::string& words);

using Lines = std::vector<std::vector<std::string>>;
// Left-aligned columns two spaces apart; the first line is the header.
std::string aligned(const Lines& lines);
// The same for a terminal: columns that have no place follow below, each time after the first
// `names` ones, in which long words are wrapped where that is needed.
std::string aligned_in_terminal(const Lines& lines, std::size_t names);
// Cells beside each other, left-aligned and two spaces apart, each wrapped within its width.
std::string beside(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths);
// The same as a Markdown table.
std::string markdown(const Lines& lines);

}  // namespace surd::analysis
