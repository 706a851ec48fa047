// A figure as SVG, drawn without a browser.
#pragma once

#include <string>

#include "analysis/report/figure.hpp"

namespace surd::analysis {

// How it is drawn.
struct Look {
  bool titled = true;   // with title and subtitle; else a caption says them
  double width_in = 0;  // inches on paper, letters of 8 points; 0: the figure's own pixels. Heat
                        // maps may be narrower
  std::string name{};   // in a page of several drawings, that of this one
  bool as_file = true;  // else an element of HTML
};

// In the light theme.
std::string to_svg(const Figure& figure, const Look& look = {});
// What a figure without titles leaves to its caption: "Exponents; thin: 95 %, thick: unwidened".
std::string caption_of(const Figure& figure);

}  // namespace surd::analysis
