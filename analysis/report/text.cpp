#include "analysis/report/text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

namespace surd::analysis {

std::string rounded(double value, int digits) {
  const double scale = std::pow(10.0, digits);
  return fmt::format("{:.{}f}", std::round(value * scale) / scale + 0.0, digits);
}

std::string with_sign(double value, int digits) {
  const std::string number = rounded(value, digits);
  return number.starts_with('-') ? number : "+" + number;
}

std::string text(const std::optional<double>& value, int digits) { return value ? rounded(*value, digits) : "-"; }

std::string text3(const std::optional<double>& value) {
  if (!value) return "-";
  return *value >= 100 ? fmt::format("{:.0f}", *value) : fmt::format("{:#.3g}", *value);
}

std::string text(const law::Interval& interval) {
  if (!interval.low && !interval.high) return "(open, open)";
  return fmt::format("{}, {}", interval.low ? fmt::format("[{}", rounded(*interval.low, 2)) : "(open",
                     interval.high ? fmt::format("{}]", rounded(*interval.high, 2)) : "open)");
}

std::string typeset(std::string number) {
  if (number == "-") return "\u2013";
  constexpr std::string_view minus = "\u2212";
  for (std::size_t at = 0; (at = number.find('-', at)) != std::string::npos; at += minus.size()) number.replace(at, 1, minus);
  return number;
}

std::string full_name(const std::string& architecture, const std::string& axes) { return architecture + (axes.empty() ? "" : " (" + axes + ")"); }

std::string quoted_field(const std::string& word) {
  std::string out = "\"";
  for (const char c : word) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string aligned(const Lines& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string out;
  for (const auto& line : lines) {
    std::string row;
    for (std::size_t i = 0; i < line.size(); ++i) row += fmt::format("{:<{}}", line[i], widths[i] + 2);
    row.erase(row.find_last_not_of(' ') + 1);
    out += row + "\n";
  }
  return out;
}

std::string markdown(const Lines& lines) {
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out += fmt::format("| {} |\n", fmt::join(lines[i], " | "));
    if (i > 0) continue;
    for (std::size_t column = 0; column < lines[0].size(); ++column) out += "|---";
    out += "|\n";
  }
  return out;
}

}  // namespace surd::analysis
