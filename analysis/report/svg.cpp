#include "analysis/report/svg.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <utility>

#include "analysis/report/page.hpp"

namespace surd::analysis {
namespace {

// Hundredths of a pixel, without zeros at the end.
std::string coordinate(double value) {
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string list(const Svg::Points& points) {
  std::string out;
  for (const auto& [x, y] : points)
    out += fmt::format("{}{},{}", out.empty() ? "" : " ", coordinate(x), coordinate(y));
  return out;
}

std::string attributes(const Svg::Stroke& stroke) {
  return fmt::format(
      "fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"{}{}", stroke.colour,
      coordinate(stroke.width),
      stroke.dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", stroke.dash),
      stroke.opacity == 1 ? "" : fmt::format(" stroke-opacity=\"{}\"", coordinate(stroke.opacity)));
}

// Corners at equal angles, at the radii in turn, the first at the top.
Svg::Points star(double x, double y, std::vector<double> radii, int corners) {
  Svg::Points points;
  for (int i = 0; i < corners; ++i) {
    const double angle = 2 * std::numbers::pi * i / corners;
    const double radius = radii[static_cast<std::size_t>(i) % radii.size()];
    points.emplace_back(x + radius * std::sin(angle), y - radius * std::cos(angle));
  }
  return points;
}

}  // namespace

Svg::Svg(double width, double height, std::string name, double width_in)
    : width_(width), height_(height), name_(std::move(name)), width_in_(width_in) {}

void Svg::line(double x1, double y1, double x2, double y2, const Stroke& stroke) {
  path({{x1, y1}, {x2, y2}}, stroke);
}

void Svg::path(const Points& points, const Stroke& stroke) {
  body_ += fmt::format("<polyline points=\"{}\" {}{}/>\n", list(points), attributes(stroke), clip_);
}

void Svg::clip(double x, double y, double width, double height) {
  const std::string name = fmt::format("{}clip{}", name_, ++clips_);
  clip_ = fmt::format(" clip-path=\"url(#{})\"", name);
  body_ += fmt::format(
      "<clipPath id=\"{}\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>\n", name,
      coordinate(x), coordinate(y), coordinate(width), coordinate(height));
}

void Svg::area(const Points& points, const std::string& colour, double opacity) {
  body_ += fmt::format("<polygon points=\"{}\" fill=\"{}\" fill-opacity=\"{}\"{}/>\n", list(points),
                       colour, coordinate(opacity), clip_);
}

void Svg::title(const std::string& words) {
  body_ += fmt::format("<title>{}</title>\n", escaped(words));
}

void Svg::rectangle(double x, double y, double width, double height, const std::string& colour,
                    const std::string& title) {
  body_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"",
                       coordinate(x), coordinate(y), coordinate(width), coordinate(height), colour);
  body_ += title.empty() ? "/>\n" : fmt::format("><title>{}</title></rect>\n", escaped(title));
}

void Svg::mark(const std::string& shape, double x, double y, double size,
               const std::string& colour) {
  const double r = size / 2;
  if (shape == "circle") {
    body_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"/>\n", coordinate(x),
                         coordinate(y), coordinate(r), colour);
  } else if (shape == "square") {
    rectangle(x - r, y - r, size, size, colour);
  } else if (shape == "cross" || shape == "x") {
    const double d = shape == "x" ? r * 0.8 : 0;
    const Stroke stroke{.colour = colour, .width = size / 4};
    const double straight = shape == "x" ? 0 : r;
    line(x - straight - d, y - d, x + straight + d, y + d, stroke);
    line(x - d, y + straight + d, x + d, y - straight - d, stroke);
  } else if (shape == "up" || shape == "down") {
    const double s = shape == "up" ? 1 : -1;
    area({{x, y - s * r}, {x + r, y + s * r * 0.8}, {x - r, y + s * r * 0.8}}, colour, 1);
  } else if (shape == "left" || shape == "right") {
    const double s = shape == "left" ? 1 : -1;
    area({{x - s * r, y}, {x + s * r * 0.8, y + r}, {x + s * r * 0.8, y - r}}, colour, 1);
  } else if (shape == "tick") {
    line(x, y - r, x, y + r, {.colour = colour, .width = 1.5});
  } else if (shape == "star") {
    area(star(x, y, {1.15 * r, 0.5 * r}, 10), colour, 1);
  } else {  // diamond
    area(star(x, y, {1.2 * r}, 4), colour, 1);
  }
}

void Svg::text(double x, double y, const std::string& words, const Text& look) {
  const char* anchor = look.anchor == Anchor::start    ? "start"
                       : look.anchor == Anchor::middle ? "middle"
                                                       : "end";
  body_ += fmt::format(
      "<text x=\"{0}\" y=\"{1}\" font-size=\"{2}\" text-anchor=\"{3}\" "
      "fill=\"{4}\"{5}{6}>{7}</text>\n",
      coordinate(x), coordinate(y), coordinate(look.size), anchor, look.colour,
      look.bold ? " font-weight=\"bold\"" : "",
      look.upwards ? fmt::format(" transform=\"rotate(-90 {} {})\"", coordinate(x), coordinate(y))
                   : "",
      escaped(words));
}

std::string Svg::finished() const {
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", element());
}

std::string Svg::element() const {
  const auto size = [this](double pixels) {
    return width_in_ > 0 ? fmt::format("{:.4g}in", pixels / width_ * width_in_)
                         : coordinate(pixels);
  };
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{3}\" height=\"{4}\" viewBox=\"0 0 {0} "
      "{1}\" font-family=\"Helvetica, Arial, 'Liberation "
      "Sans', "
      "sans-serif\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n{2}</svg>\n",
      coordinate(width_), coordinate(height_), body_, size(width_), size(height_));
}

}  // namespace surd::analysis
