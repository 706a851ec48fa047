// A drawing as an SVG file that papers and vector editors take: shapes and text, no script, no
// style sheet. Coordinates in pixels from the top left.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace surd::analysis {

enum class Anchor { start, middle, end };

class Svg {
 public:
  // `name` begins the names inside, which are told apart where one page holds several drawings;
  // `width_in`: as wide as this on paper, with all that it shows; 0: a pixel is a pixel.
  Svg(double width, double height, std::string name = "", double width_in = 0);

  struct Stroke {
    std::string colour = "#000000";
    double width = 1;
    std::string dash{};  // as of stroke-dasharray; empty: solid
    double opacity = 1;
  };
  using Points = std::vector<std::pair<double, double>>;

  // Lines, paths and areas from here on are cut at this rectangle, until unclip().
  void clip(double x, double y, double width, double height);
  void unclip() { clip_.clear(); }
  void line(double x1, double y1, double x2, double y2, const Stroke& stroke);
  void path(const Points& points, const Stroke& stroke);
  void area(const Points& points, const std::string& colour, double opacity);
  // What viewers and screen readers call the drawing; not drawn.
  void title(const std::string& words);
  // With a title, which viewers show on hover.
  void rectangle(double x, double y, double width, double height, const std::string& colour,
                 const std::string& title = "");
  // A filled mark of `size` across around (x, y): circle, square, diamond, cross, x, star, up,
  // down, left, right, tick (a stroke upwards).
  void mark(const std::string& shape, double x, double y, double size, const std::string& colour);
  struct Text {
    double size = 12;
    Anchor anchor = Anchor::start;
    std::string colour = "#18202b";
    bool bold = false;
    bool upwards = false;  // turned by 90 degrees, anchored at the same point
  };
  void text(double x, double y, const std::string& words, const Text& look);

  // As a file; the same inside a page of HTML.
  std::string finished() const;
  std::string element() const;
  double width() const { return width_; }
  double height() const { return height_; }

 private:
  double width_;
  double height_;
  std::string name_;
  double width_in_;
  std::string body_;
  std::string clip_;  // attribute of what is drawn
  int clips_ = 0;
};

}  // namespace surd::analysis
