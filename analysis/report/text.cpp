#include "analysis/report/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

namespace surd::analysis {
namespace {

template <typename Words>
std::string in_brackets(const law::Interval& interval, Words words) {
  const std::string low = interval.low ? fmt::format("[{}", words(*interval.low)) : "(open";
  const std::string high = interval.high ? fmt::format("{}]", words(*interval.high)) : "open)";
  return fmt::format("{}, {}", low, high);
}

std::vector<std::size_t> widths_of(const Lines& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], characters(line[i]));
  }
  return widths;
}

}  // namespace

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
  return in_brackets(interval, [](double end) { return rounded(end, 2); });
}

std::string text3(const law::Interval& interval) {
  return in_brackets(interval, [](double end) { return text3(std::optional(end)); });
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

std::vector<std::string> wrapped(const std::string& words, std::size_t most) {
  std::vector<std::string> lines(1);
  for (std::size_t start = 0; start <= words.size();) {
    const std::size_t space = std::min(words.find(' ', start), words.size());
    const std::string word = words.substr(start, space - start);
    std::string& line = lines.back();
    if (start == 0) {
      line = word;
    } else if (characters(line) + 1 + characters(word) <= most) {
      line += " " + word;
    } else {
      lines.push_back(word);
    }
    start = space + 1;
  }
  return lines;
}

std::string paragraph(const std::string& words) {
  return fmt::format("{}\n", fmt::join(wrapped(words, terminal_columns), "\n"));
}

std::string item(const std::string& words) {
  std::string out;
  for (const std::string& line : wrapped(words, terminal_columns - 4))
    out += fmt::format("{}{}\n", out.empty() ? "  " : "    ", line);
  return out;
}

std::string beside(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::vector<std::string> lines;
  std::size_t left = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::vector<std::string> parts = wrapped(cells[i], widths[i]);
    if (parts.size() > lines.size()) lines.resize(parts.size());
    for (std::size_t j = 0; j < parts.size(); ++j) {
      const std::size_t have = characters(lines[j]);
      lines[j].append(left > have ? left - have : 0, ' ').append(parts[j]);
    }
    left += widths[i] + 2;
  }
  std::string out;
  for (std::string& line : lines) {
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string aligned(const Lines& lines) {
  const std::vector<std::size_t> widths = widths_of(lines);
  std::string out;
  for (const auto& line : lines) out += beside(line, widths);
  return out;
}

std::string aligned_in_terminal(const Lines& lines, std::size_t names) {
  std::vector<std::size_t> widths = widths_of(lines);
  const auto first = widths.begin() + static_cast<std::ptrdiff_t>(names);
  const std::size_t widest = first == widths.end() ? 0 : *std::max_element(first, widths.end());
  // What is left for the names beside the widest column is shared: the shorter ones keep theirs.
  const std::size_t all = terminal_columns - std::min(widest, terminal_columns / 2) - 2 * names;
  for (std::size_t left = std::accumulate(widths.begin(), first, std::size_t{0}); left > all;) {
    const auto longest = std::max_element(widths.begin(), first);
    const std::size_t less = std::min(left - all, *longest - std::min(*longest, all / names));
    if (less == 0) break;
    *longest -= less;
    left -= less;
  }
  const std::size_t start = std::accumulate(widths.begin(), first, 2 * names);
  std::string out;
  for (std::size_t next = names; next < widths.size() || out.empty();) {
    std::vector<std::size_t> shown(names);
    std::iota(shown.begin(), shown.end(), std::size_t{0});
    for (std::size_t end = start; next < widths.size(); ++next) {
      if (shown.size() > names && end + widths[next] > terminal_columns) break;
      end += widths[next] + 2;
      shown.push_back(next);
    }
    for (const auto& line : lines) {
      std::vector<std::string> cells;
      std::vector<std::size_t> cell_widths;
      for (const std::size_t i : shown) {
        cells.push_back(line[i]);
        cell_widths.push_back(widths[i]);
      }
      out += beside(cells, cell_widths);
    }
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
