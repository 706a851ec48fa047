// What every figure file is made of: the palette of the report, axes with ticks, legends.
#pragma once

#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "analysis/report/svg.hpp"

namespace surd::analysis::plot {

// As in report.js, light.
constexpr const char* ink = "#18202b";
constexpr const char* soft = "#566171";
constexpr const char* faint = "#e3e7ec";
constexpr const char* none = "#edeff2";  // of a cell without a result
constexpr std::array<const char*, 6> colours = {"#0072b2", "#d55e00", "#009e73", "#b0468c", "#8a6d00", "#3d3d3d"};
constexpr std::array<const char*, 6> shapes = {"circle", "square", "diamond", "cross", "x", "star"};
constexpr std::array<const char*, 6> dashes = {"", "7,4", "7,3,2,3", "11,5", "2,3", "11,3,2,3"};

// Of a share in [0, 1], on the heat maps' scale.
std::string colour_of(double share);

std::string plain(double value);
std::string percent(double share);  // without the sign; 100 only where it is
// At most so many characters, then an ellipsis.
std::string cut(const std::string& words, std::size_t most);

// One side of a plot's frame, and where a value lies along it.
struct Axis {
  double from, to;  // pixels
  double low, high;
  bool logarithmic = false;
  double operator()(double value) const {
    const double share = logarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
    return from + share * (to - from);
  }
};

// Lines and titles of both axes; no line at the side where `beside` is empty.
void frame(Svg& svg, const Axis& x, const Axis& y, const std::string& below, const std::string& beside);
void tick_below(Svg& svg, const Axis& x, const Axis& y, double value, const std::string& words, bool grid);
void tick_beside(Svg& svg, const Axis& x, const Axis& y, double value, const std::string& words);
// Of ascending values those that are at least `least` pixels apart.
std::vector<double> spaced(const std::vector<double>& values, const Axis& axis, double least);
// At most nine round values in [low, high].
std::vector<double> round_values(double low, double high);

void title(Svg& svg, const std::string& words, const std::string& what);
// Words and style of each, in as many columns as fit `across` pixels; returns the height taken.
double legend(Svg& svg, double x, double y, double across, const std::vector<std::pair<std::string, std::size_t>>& entries);

}  // namespace surd::analysis::plot
