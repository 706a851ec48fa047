#include "analysis/text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string_view>

namespace surd::analysis {

std::string rounded(double value, int digits) {
  const double scale = std::pow(10.0, digits);
  return fmt::format("{:.{}f}", std::round(value * scale) / scale + 0.0, digits);
}

std::string text(const std::optional<double>& value, int digits) { return value ? rounded(*value, digits) : "-"; }

std::string text3(const std::optional<double>& value) {
  if (!value) return "-";
  return *value >= 100 ? fmt::format("{:.0f}", *value) : fmt::format("{:#.3g}", *value);
}

std::string text(const law::Interval& interval) {
  if (!interval.low && !interval.high) return "open";
  return fmt::format("{}, {}", interval.low ? fmt::format("[{}", rounded(*interval.low, 2)) : "(open",
                     interval.high ? fmt::format("{}]", rounded(*interval.high, 2)) : "open)");
}

std::string typeset(std::string number) {
  if (number == "-") return "\u2013";
  constexpr std::string_view minus = "\u2212";
  for (std::size_t at = 0; (at = number.find('-', at)) != std::string::npos; at += minus.size()) number.replace(at, 1, minus);
  return number;
}

}  // namespace surd::analysis
