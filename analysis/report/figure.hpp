// What a figure shows, described once: the page draws it from the JSON (report.js), figure_svg.hpp
// as a file.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace surd::analysis {

struct Tick {
  double at = 0;
  std::string words;
  bool bold = false;
};

// root: by square roots, so that a parabola shows as two straight lines.
enum class Scale { linear, logarithmic, root };

struct Axis {
  std::string title{};
  Scale scale = Scale::linear;
  double low = 0;  // at the left or the bottom; above `high` where the axis runs the other way
  double high = 1;
  std::vector<Tick>
      ticks{};  // in order along the axis; those that would crowd are left out when it is drawn
  bool grid = true;    // a line across the panel at each tick
  bool framed = true;  // a line along the axis; else the words of the ticks alone
};

struct Point {
  double x = 0;
  std::optional<double> y{};            // none: a gap in a line
  std::optional<double> low{}, high{};  // of a band or a bar; none where it is open
  std::string hover{};                  // lines of text, the first one the heading
  std::string symbol{};  // of a mark, where it is not its series' own: "up", "down", "tick"
};

enum class Kind {
  line,     // through the points
  band,     // between low and high
  upright,  // bars from low to high, at x
  across,   // the same, at y
  marks,
};

// Which ends of a bar are marked: closed ones by a stroke, open ones by an arrowhead.
enum class Ends { none, open, all };

struct Series {
  Kind kind = Kind::line;
  std::optional<std::size_t> style{};  // row of the palette's table; none: a guide, soft
  std::optional<double> shade{};  // in [0, 1], on the palette's scale, instead of a style's colour;
                                  // of files alone
  bool dotted = false;            // else a line has the dashes of its style
  double size = 1;                // pixels: width of a line, or a mark across
  double opacity = 1;
  double aside = 0;  // pixels to the right of the place that x gives
  Ends ends = Ends::none;
  std::string of{};      // what it belongs to: the legend shows and hides all of one word together
  std::string name{};    // in the legend; no entry where empty
  std::string detail{};  // after the name, where there is room
  std::string hover{};   // of points without one of their own; {x} and {y} stand for the numbers
  std::vector<Point> points{};
};

// A cell of a heat map, of size 1 around (x, y).
struct HeatCell {
  double x = 0;
  double y = 0;
  std::optional<double> share{};  // in [0, 1], on the palette's scale; none: nothing to show
  std::string words{};
  std::string hover{};
};

// Words inside a panel.
struct Label {
  enum class Place {
    start,
    end,
    above
  };  // the point is at the words' left, at their lower right, below their middle
  double x = 0;
  double y = 0;
  std::string words{};
  Place place = Place::start;
  std::optional<double> shade{};  // as of a series
};

struct Panel {
  Axis y{};
  std::vector<Series> series{};  // in the order in which they are drawn
  std::vector<HeatCell> cells{};
  std::vector<Label> labels{};
};

// Panels below each other over one axis.
struct Column {
  std::string title{};
  Axis x{};
  std::vector<Panel> panels{};
};

struct Figure {
  std::string file{};  // name of its file, without ending
  std::string title{};
  std::string subtitle{};
  std::string
      task{};  // with further axes, after the subtitle; empty where the figure shows several
  std::vector<Column>
      columns{};  // beside each other, with equal y axes; a narrow page shows those in the middle
  std::string note{};                 // below
  std::vector<std::string> choice{};  // what picks it among the figures at one place of the page
  double width = 720;                 // of its file, in pixels
  double height = 500;
  bool height_counts = false;  // on the page too: it has a row for each thing it shows

  // There is nothing to show.
  bool empty() const { return columns.empty(); }
};

// Arrays a series: {"kind", "x": [...], "y": [...], "low", "high", "hovers", "symbols"}, the last
// four only where they say something; other members by their names where they differ from the
// default.
Json to_json(const Figure& figure);

// --- Ticks

// At most `most` round values in [low, high], linear.
std::vector<Tick> round_ticks(double low, double high, int most = 8);
// Powers of ten in [low, high]; where these are fewer than two, 1, 2 and 5 times them.
std::vector<Tick> power_ticks(double low, double high);
// These values themselves.
std::vector<Tick> ticks_at(const std::vector<double>& values);
// Pixels that a tick of an axis across or upwards keeps to its neighbours.
constexpr double tick_room_across = 36;
constexpr double tick_room_upwards = 16;
// Without those that are less than `least` pixels from the last one kept, on an axis `pixels` long.
std::vector<Tick> spaced(const Axis& axis, double pixels, double least);

// Where a value lies along the axis: 0 at low, 1 at high.
double share_of(const Axis& axis, double value);

}  // namespace surd::analysis
