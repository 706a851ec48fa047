#include "analysis/report/plot.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace surd::analysis::plot {
namespace {

constexpr std::array<unsigned, 9> scale = {0xfffbe0, 0xedf8b1, 0xc7e9b4, 0x7fcdbb, 0x41b6c4, 0x1d91c0, 0x225ea8, 0x253494, 0x0b1f5c};

}  // namespace

std::string colour_of(double share) {
  const double at = std::clamp(share, 0.0, 1.0) * (scale.size() - 1);
  const auto i = std::min(static_cast<std::size_t>(at), scale.size() - 2);
  unsigned mixed = 0;
  for (const unsigned shift : {16U, 8U, 0U}) {
    const double low = (scale[i] >> shift) & 0xffU;
    const double high = (scale[i + 1] >> shift) & 0xffU;
    mixed |= static_cast<unsigned>(std::lround(low + (high - low) * (at - static_cast<double>(i)))) << shift;
  }
  return fmt::format("#{:06x}", mixed);
}

std::string plain(double value) { return fmt::format("{:g}", value); }

std::string percent(double share) {
  std::string text = fmt::format("{:.1f}", 100 * share);
  if (share < 1 && text == "100.0") text = "99.9";  // only what is solved wholly says so
  return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

std::string cut(const std::string& words, std::size_t most) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if ((static_cast<unsigned char>(words[i]) & 0xC0U) == 0x80U) continue;  // inside a character
    if (++characters > most) return words.substr(0, i) + "\u2026";
  }
  return words;
}

void frame(Svg& svg, const Axis& x, const Axis& y, const std::string& below, const std::string& beside) {
  svg.line(x.from, y.from, x.to, y.from, {.colour = soft});
  if (!beside.empty()) svg.line(x.from, y.from, x.from, y.to, {.colour = soft});
  svg.text((x.from + x.to) / 2, y.from + 40, below, {.anchor = Anchor::middle});
  if (!beside.empty()) svg.text(x.from - 46, (y.from + y.to) / 2, beside, {.anchor = Anchor::middle, .upwards = true});
}

void tick_below(Svg& svg, const Axis& x, const Axis& y, double value, const std::string& words, bool grid) {
  if (grid) svg.line(x(value), y.from, x(value), y.to, {.colour = faint});
  svg.line(x(value), y.from, x(value), y.from + 5, {.colour = soft});
  svg.text(x(value), y.from + 19, words, {.anchor = Anchor::middle, .colour = soft});
}

void tick_beside(Svg& svg, const Axis& x, const Axis& y, double value, const std::string& words) {
  svg.line(x.from, y(value), x.to, y(value), {.colour = faint});
  svg.line(x.from - 5, y(value), x.from, y(value), {.colour = soft});
  svg.text(x.from - 9, y(value) + 4, words, {.anchor = Anchor::end, .colour = soft});
}

std::vector<double> spaced(const std::vector<double>& values, const Axis& axis, double least) {
  std::vector<double> kept;
  for (const double value : values) {
    if (kept.empty() || std::abs(axis(value) - axis(kept.back())) >= least) kept.push_back(value);
  }
  return kept;
}

std::vector<double> round_values(double low, double high) {
  const double raw = (high - low) / 8;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * power >= raw) step = factor * power;
  }
  std::vector<double> values;
  for (double i = std::ceil(low / step); i * step <= high + 1e-9; ++i) values.push_back(i * step + 0.0);  // no -0
  return values;
}

void title(Svg& svg, const std::string& words, const std::string& what) {
  svg.text(16, 26, words, {.size = 15, .bold = true});
  svg.text(16, 44, what, {.colour = soft});
}

double legend(Svg& svg, double x, double y, double across, const std::vector<std::pair<std::string, std::size_t>>& entries) {
  std::size_t longest = 1;
  for (const auto& [words, style] : entries) longest = std::max(longest, cut(words, 60).size());
  const double column = 50 + 6.6 * static_cast<double>(longest);
  const auto columns = static_cast<std::size_t>(std::max(1.0, std::floor(across / column)));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const double left = x + column * static_cast<double>(i % columns);
    const double middle = y + 18 * static_cast<double>(i / columns);
    const std::size_t style = entries[i].second;
    svg.line(left, middle, left + 34, middle, {.colour = colours[style], .width = 2.5, .dash = dashes[style]});
    svg.mark(shapes[style], left + 17, middle, 9, colours[style]);
    svg.text(left + 42, middle + 4, cut(entries[i].first, 60), {});
  }
  return 18 * std::ceil(static_cast<double>(entries.size()) / static_cast<double>(columns));
}

}  // namespace surd::analysis::plot
