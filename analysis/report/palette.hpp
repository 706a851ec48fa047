// The colours, symbols and dashes of all figures: the page gets them as JSON and CSS, the files
// take the light ones.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "base/json.hpp"

namespace surd::analysis {

struct Theme {
  const char* ink;
  const char* soft;
  const char* faint;  // of grids
  const char* card;   // what figures stand on
  const char* none;   // of a cell without a result, and the ink on it
  const char* none_ink;
  const char* on_low;  // ink on the scale: up to on_from, and above
  const char* on_high;
  double on_from;
  std::array<const char*, 9> scale;  // of shares in [0, 1], evenly spaced
  std::array<const char*, 6> lines;  // a style each
};

extern const Theme light_theme;
extern const Theme dark_theme;

constexpr std::size_t style_count = 6;
constexpr std::array<const char*, style_count> symbols = {"circle", "square", "diamond",
                                                          "cross",  "x",      "star"};
constexpr std::array<const char*, style_count> dashes = {
    "", "8,6", "8,3,3,3", "13,6", "3,3", "13,5,3,5"};  // as of stroke-dasharray; empty: solid
constexpr const char* dots = "2,3";

// Of a share in [0, 1], on the light theme's scale.
std::string colour_of(double share);

// {"light", "dark": the themes, "symbols", "dashes", "dots"}
Json palette_json();
// The inks of each theme and --style-0 ... as custom properties: the light ones on paper and where
// nothing else is asked for.
std::string palette_css();

}  // namespace surd::analysis
