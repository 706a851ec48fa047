#include "analysis/report/text.hpp"

#include <fmt/format.h>

#include <algorithm>
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

std::string text(const std::optional<double>& value, int digits) {
  return value ? rounded(*value, digits) : "-";
}

std::string text3(const std::optional<double>& value) {
  if (!value) return "-";
  return *value >= 100 ? fmt::format("{:.0f}", *value) : fmt::format("{:#.3g}", *value);
}

std::string short_text(double value) {
  return value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

std::string with_prefix(double value, const std::string& unit) {
  constexpr const char* prefixes[] = {"", "k", "M", "G", "T", "P", "E", "Z"};
  std::size_t i = 0;
  for (; std::abs(value) >= 999.5 && i + 1 < std::size(prefixes); ++i) value /= 1000;
  return fmt::format("{:.3g} {}{}", value, prefixes[i], unit);
}

std::string percent(double share) {
  std::string text = fmt::format("{:.1f}", 100 * share);
  if (share < 1 && text == "100.0") text = "99.9";  // only what is solved wholly says so
  return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

std::size_t characters(const std::string& words) {
  return static_cast<std::size_t>(std::count_if(words.begin(), words.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string cut(const std::string& words, std::size_t most) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if ((static_cast<unsigned char>(words[i]) & 0xC0U) == 0x80U) continue;  // inside a character
    if (++characters > most) return words.substr(0, i) + "\u2026";
  }
  return words;
}

std::string text(const law::Interval& interval) {
  if (!interval.low && !interval.high) return "(open, open)";
  return fmt::format("{}, {}",
                     interval.low ? fmt::format("[{}", rounded(*interval.low, 2)) : "(open",
                     interval.high ? fmt::format("{}]", rounded(*interval.high, 2)) : "open)");
}

std::string typeset(std::string number) {
  if (number == "-") return "\u2013";
  constexpr std::string_view minus = "\u2212";
  for (std::size_t at = 0; (at = number.find('-', at)) != std::string::npos; at += minus.size())
    number.replace(at, 1, minus);
  return number;
}

std::string full_name(const std::string& architecture, const std::string& axes) {
  return architecture + (axes.empty() ? "" : " (" + axes + ")");
}

std::string file_name(const std::string& words) {
  std::string out;
  for (const char c : words) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '.';
    if (kept) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  out.erase(0, out.find_first_not_of("-."));
  return out.empty() ? "figure" : out.substr(0, 120);
}

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
    for (std::size_t i = 0; i < line.size(); ++i)
      row += fmt::format("{:<{}}", line[i], widths[i] + 2);
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
