// A figure as an SVG file, drawn without a browser.
#pragma once

#include <string>

#include "analysis/report/figure.hpp"

namespace surd::analysis {

// The file's text, in the light theme and at the figure's own size.
std::string to_svg(const Figure& figure);

}  // namespace surd::analysis
