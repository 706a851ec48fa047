#include "analysis/report/figure_svg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/report/palette.hpp"
#include "analysis/report/svg.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

const Theme& light = light_theme;
constexpr double letter = 6.7;        // width of one on the average, at 12 pixels
constexpr double paper_pixels = 108;  // an inch on paper: 12 of them are a letter of 8 points

// Where a panel lies, and its values in it.
struct Frame {
  const Axis& across;
  const Axis& upwards;
  double left, right, top, bottom;

  double x(double value) const { return left + share_of(across, value) * (right - left); }
  double y(double value) const { return bottom - share_of(upwards, value) * (bottom - top); }
  // An end of a bar or band that is open or lies outside ends at the frame.
  double x(const std::optional<double>& value, double open) const {
    return std::clamp(x(value.value_or(open)), left, right);
  }
  double y(const std::optional<double>& value, double open) const {
    return std::clamp(y(value.value_or(open)), top, bottom);
  }
};

std::string colour_of(const Series& series) {
  if (series.shade) return surd::analysis::colour_of(*series.shade);
  return series.style ? light.lines[*series.style] : light.soft;
}
std::string dash_of(const Series& series) {
  return series.dotted ? dots : series.style ? dashes[*series.style] : "";
}

void draw_line(Svg& svg, const Frame& frame, const Series& series) {
  Svg::Points line;
  const auto finish = [&] {
    if (line.size() > 1)
      svg.path(line, {.colour = colour_of(series),
                      .width = series.size,
                      .dash = dash_of(series),
                      .opacity = series.opacity});
    line.clear();
  };
  for (const Point& point : series.points) {
    if (point.y) line.emplace_back(frame.x(point.x), frame.y(*point.y));
    if (!point.y) finish();
  }
  finish();
}

void draw_band(Svg& svg, const Frame& frame, const Series& series) {
  Svg::Points band;
  for (const Point& point : series.points)
    band.emplace_back(frame.x(point.x), frame.y(point.high, frame.upwards.high));
  for (auto point = series.points.rbegin(); point != series.points.rend(); ++point) {
    band.emplace_back(frame.x(point->x), frame.y(point->low, frame.upwards.low));
  }
  svg.area(band, colour_of(series), 0.15);
}

void draw_bars(Svg& svg, const Frame& frame, const Series& series) {
  const Svg::Stroke stroke{
      .colour = colour_of(series), .width = series.size, .opacity = series.opacity};
  for (const Point& point : series.points) {
    if (series.kind == Kind::upright) {
      const double x = frame.x(point.x) + series.aside;
      svg.line(x, frame.y(point.low, frame.upwards.low), x, frame.y(point.high, frame.upwards.high),
               stroke);
      continue;
    }
    const double y = frame.y(*point.y);
    const double ends[] = {frame.x(point.low, frame.across.low),
                           frame.x(point.high, frame.across.high)};
    svg.line(ends[0], y, ends[1], y, stroke);
    for (const auto& [closed, at, arrow] : {std::tuple(point.low.has_value(), ends[0], "left"),
                                            {point.high.has_value(), ends[1], "right"}}) {
      if (closed && series.ends == Ends::all) svg.line(at, y - 6, at, y + 6, stroke);
      if (!closed && series.ends != Ends::none) svg.mark(arrow, at, y, 8, stroke.colour);
    }
  }
}

void draw_marks(Svg& svg, const Frame& frame, const Series& series) {
  for (const Point& point : series.points) {
    const std::string symbol = !point.symbol.empty() ? point.symbol
                               : series.style        ? symbols[*series.style]
                                                     : "circle";
    svg.mark(symbol, frame.x(point.x) + series.aside, frame.y(*point.y), series.size,
             colour_of(series));
  }
}

void draw(Svg& svg, const Frame& frame, const Series& series) {
  switch (series.kind) {
    case Kind::line:
      svg.clip(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top);
      draw_line(svg, frame, series);
      return svg.unclip();
    case Kind::band: return draw_band(svg, frame, series);
    case Kind::upright:
    case Kind::across: return draw_bars(svg, frame, series);
    case Kind::marks: return draw_marks(svg, frame, series);
  }
}

void draw_cells(Svg& svg, const Frame& frame, const std::vector<HeatCell>& cells) {
  for (const HeatCell& cell : cells) {
    const double left = frame.x(cell.x - 0.5), right = frame.x(cell.x + 0.5),
                 top = frame.y(cell.y + 0.5), bottom = frame.y(cell.y - 0.5);
    svg.rectangle(left + 1, top + 1, right - left - 2, bottom - top - 2,
                  cell.share ? surd::analysis::colour_of(*cell.share) : light.none, cell.hover);
    const char* ink = !cell.share                   ? light.none_ink
                      : *cell.share > light.on_from ? light.on_high
                                                    : light.on_low;
    svg.text(
        (left + right) / 2, (top + bottom) / 2 + 4, cell.words,
        {.size = std::min(12.0, (right - left) / 3.2), .anchor = Anchor::middle, .colour = ink});
  }
  constexpr int steps = 50;
  const double part = (frame.bottom - frame.top) / steps;
  for (int i = 0; i < steps; ++i) {
    svg.rectangle(frame.right + 14, frame.bottom - part * (i + 1), 10, part + 0.5,
                  surd::analysis::colour_of((i + 0.5) / steps));
  }
  for (const double share : {0.0, 0.5, 1.0}) {
    svg.text(frame.right + 29, frame.bottom - share * (frame.bottom - frame.top) + 4,
             percent(share), {.size = 11, .colour = light.soft});
  }
}

void draw_labels(Svg& svg, const Frame& frame, const std::vector<Label>& labels) {
  for (const Label& label : labels) {
    const double x = frame.x(label.x), y = frame.y(label.y);
    const std::string ink = label.shade ? surd::analysis::colour_of(*label.shade) : light.soft;
    switch (label.place) {
      case Label::Place::start: svg.text(x + 6, y + 4, label.words, {.colour = ink}); break;
      case Label::Place::end:
        svg.text(x, y - 3, label.words, {.anchor = Anchor::end, .colour = ink});
        break;
      case Label::Place::above:
        svg.text(x, y - 3, label.words, {.anchor = Anchor::middle, .colour = ink});
        break;
    }
  }
}

// `first`: the axis at the left is the same in all columns, so only the first of them names it.
void draw_axes(Svg& svg, const Frame& frame, bool first, bool last) {
  for (const Tick& tick : spaced(frame.across, frame.right - frame.left, tick_room_across)) {
    const double x = frame.x(tick.at);
    if (frame.across.grid) svg.line(x, frame.bottom, x, frame.top, {.colour = light.faint});
    if (frame.across.framed) svg.line(x, frame.bottom, x, frame.bottom + 5, {.colour = light.soft});
    if (last)
      svg.text(x, frame.bottom + 19, cut(tick.words, 24),
               {.anchor = Anchor::middle, .colour = light.soft, .bold = tick.bold});
  }
  for (const Tick& tick : spaced(frame.upwards, frame.bottom - frame.top, tick_room_upwards)) {
    const double y = frame.y(tick.at);
    if (frame.upwards.grid) svg.line(frame.left, y, frame.right, y, {.colour = light.faint});
    if (frame.upwards.framed) svg.line(frame.left - 5, y, frame.left, y, {.colour = light.soft});
    const Svg::Text look{.anchor = Anchor::end,
                         .colour = frame.upwards.title.empty() ? light.ink : light.soft,
                         .bold = tick.bold};
    if (first) svg.text(frame.left - 9, y + 4, cut(tick.words, 24), look);
  }
}

void draw_axis_lines(Svg& svg, const Frame& frame) {
  if (frame.across.framed)
    svg.line(frame.left, frame.bottom, frame.right, frame.bottom, {.colour = light.soft});
  if (frame.upwards.framed)
    svg.line(frame.left, frame.bottom, frame.left, frame.top, {.colour = light.soft});
}

// In as many columns as fit; returns the height taken.
double draw_legend(Svg& svg, const Figure& figure, double x, double y, double across) {
  std::vector<std::pair<const Series*, std::string>> entries;
  double column = 0;
  for (const Panel& panel : figure.columns.front().panels) {
    for (const Series& series : panel.series) {
      if (series.name.empty()) continue;
      entries.emplace_back(
          &series, cut(series.name, 30) + (series.detail.empty() ? "" : ": " + series.detail));
      column =
          std::max(column, 54 + letter * static_cast<double>(characters(entries.back().second)));
    }
  }
  if (entries.empty()) return 0;
  const auto columns = static_cast<std::size_t>(std::max(1.0, std::floor(across / column)));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Series& series = *entries[i].first;
    const double left = x + column * static_cast<double>(i % columns);
    const std::size_t row = i / columns;
    const double middle = y + 18 * static_cast<double>(row);
    const std::string colour = colour_of(series);
    if (series.kind == Kind::line)
      svg.line(left, middle, left + 34, middle,
               {.colour = colour, .width = series.size, .dash = dash_of(series)});
    if (series.style) svg.mark(symbols[*series.style], left + 17, middle, 9, colour);
    svg.text(left + 42, middle + 4, entries[i].second, {});
  }
  return 18 * std::ceil(static_cast<double>(entries.size()) / static_cast<double>(columns));
}

double left_margin(const Figure& figure) {
  std::size_t longest = 2;
  bool titled = false;
  for (const Panel& panel : figure.columns.front().panels) {
    for (const Tick& tick : panel.y.ticks)
      longest = std::max(longest, characters(cut(tick.words, 24)));
    titled = titled || !panel.y.title.empty();
  }
  return 18 + letter * static_cast<double>(longest) + (titled ? 24 : 8);
}

template <typename Has>
bool any_panel(const Figure& figure, Has&& has) {
  const auto in_column = [&](const Column& column) {
    return std::any_of(column.panels.begin(), column.panels.end(), has);
  };
  return std::any_of(figure.columns.begin(), figure.columns.end(), in_column);
}

void draw_panel(Svg& svg, const Frame& frame, const Panel& panel, bool first, bool last) {
  draw_axes(svg, frame, first, last);
  if (!panel.cells.empty()) draw_cells(svg, frame, panel.cells);
  for (const Series& series : panel.series) draw(svg, frame, series);
  draw_axis_lines(svg, frame);
  draw_labels(svg, frame, panel.labels);
  if (first)
    svg.text(20, (frame.top + frame.bottom) / 2, panel.y.title,
             {.anchor = Anchor::middle, .upwards = true});
}

// Of labels that stand beside the last column.
double right_margin(const Figure& figure) {
  double margin = 20;
  const Column& last = figure.columns.back();
  for (const Panel& panel : last.panels) {
    for (const Label& label : panel.labels) {
      if (label.place == Label::Place::start && label.x >= last.x.high)
        margin = std::max(margin, 16 + letter * static_cast<double>(characters(label.words)));
    }
  }
  return margin;
}

bool has_cells(const Figure& figure) {
  return any_panel(figure, [](const Panel& panel) { return !panel.cells.empty(); });
}

// Laid out anew for a column of a paper: a letter keeps its size.
Figure resized(Figure figure, double width_in) {
  if (width_in <= 0) return figure;
  constexpr double flat = 310;  // room for a legend and a plot below it
  const double width = width_in * paper_pixels;
  if (has_cells(figure)) {
    figure.width = std::min(figure.width, width);
    return figure;
  }
  if (!figure.height_counts) figure.height = std::max(flat, figure.height * width / figure.width);
  figure.width = width;
  return figure;
}

}  // namespace

std::string caption_of(const Figure& figure) {
  std::string words = figure.title;
  for (const std::string* more : {&figure.task, &figure.subtitle, &figure.note}) {
    if (!more->empty()) words += "; " + *more;
  }
  return words;
}

std::string to_svg(const Figure& described, const Look& look) {
  const Figure figure = resized(described, look.width_in);
  Svg svg(figure.width, figure.height, look.name,
          look.width_in > 0 ? figure.width / paper_pixels : 0);
  svg.title(caption_of(figure));
  if (look.titled) {
    svg.text(16, 26, cut(figure.title, 44), {.size = 15, .bold = true});
    svg.text(16, 44,
             figure.task.empty() ? figure.subtitle : figure.subtitle + "; " + cut(figure.task, 40),
             {.colour = light.soft});
  }
  const double head = look.titled ? 60 : 14;
  const double left = left_margin(figure);
  const double right = figure.width - (has_cells(figure) ? 70 : right_margin(figure));
  const bool raised = any_panel(figure, [](const Panel& panel) {
    return std::any_of(panel.labels.begin(), panel.labels.end(),
                       [](const Label& label) { return label.place == Label::Place::above; });
  });
  const bool one_title = std::ranges::all_of(figure.columns, [&](const Column& column) {
    return column.x.title == figure.columns.front().x.title;
  });
  const bool headed = !figure.columns.front().title.empty();
  const double top = head + draw_legend(svg, figure, left, head + 6, right - left) +
                     (raised ? 14 : 0) + (headed ? 18 : 0);
  const double bottom = figure.height - (figure.note.empty() ? 58 : 80);
  constexpr double gap = 24;
  const double across = (right - left + gap) / static_cast<double>(figure.columns.size());
  for (std::size_t i = 0; i < figure.columns.size(); ++i) {
    const Column& column = figure.columns[i];
    const double from = left + across * static_cast<double>(i);
    const double middle = from + (across - gap) / 2;
    const double high = (bottom - top + gap) / static_cast<double>(column.panels.size());
    for (std::size_t j = 0; j < column.panels.size(); ++j) {
      const double above = top + high * static_cast<double>(j);
      const Panel& panel = column.panels[j];
      const Frame frame{column.x, panel.y, from, from + across - gap, above, above + high - gap};
      draw_panel(svg, frame, panel, i == 0, j + 1 == column.panels.size());
    }
    if (headed) {
      const auto room = static_cast<std::size_t>(std::max(1.0, across / letter));
      svg.text(middle, top - 6, cut(column.title, room), {.anchor = Anchor::middle, .bold = true});
    }
    if (!one_title) svg.text(middle, bottom + 40, column.x.title, {.anchor = Anchor::middle});
  }
  if (one_title)
    svg.text((left + right) / 2, bottom + 40, figure.columns.front().x.title,
             {.anchor = Anchor::middle});
  if (!figure.note.empty())
    svg.text(left, bottom + 64, figure.note, {.size = 11, .colour = light.soft});
  return look.as_file ? svg.finished() : svg.element();
}

}  // namespace surd::analysis
