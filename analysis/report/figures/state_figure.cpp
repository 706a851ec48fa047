// Accuracy against state size at one length, all architectures, with the Pareto front.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/report/figures/figures.hpp"
#include "analysis/report/text.hpp"

namespace surd::analysis {
namespace {

constexpr std::size_t lengths_most = 12;  // of a task, so that a large study keeps a small page

using Cells = std::vector<const StateCell*>;

Point point_of(const StateCell& cell) {
  return {.x = cell.state_bytes,
          .y = 100 * cell.accuracy,
          .hover = fmt::format("{}\nwidth {:g}: {}\n{} %, mean of {} seed{}{}", cell.architecture,
                               cell.hidden, with_prefix(cell.state_bytes, "B"),
                               percent(cell.accuracy), cell.seeds, cell.seeds == 1 ? "" : "s",
                               cell.on_front ? "\non the Pareto front" : "")};
}

// Steps: with this much state the best accuracy is that of the last cell that has no more.
Series front_of(const Cells& cells, double right) {
  Series front{.dotted = true, .size = 2, .name = "Pareto front"};
  Cells on_front;
  std::copy_if(cells.begin(), cells.end(), std::back_inserter(on_front),
               [](const StateCell* cell) { return cell->on_front; });
  std::sort(on_front.begin(), on_front.end(),
            [](const StateCell* a, const StateCell* b) { return a->state_bytes < b->state_bytes; });
  for (const StateCell* cell : on_front) {
    if (!front.points.empty())
      front.points.push_back({.x = cell->state_bytes, .y = front.points.back().y});
    front.points.push_back({.x = cell->state_bytes, .y = 100 * cell->accuracy});
  }
  if (!front.points.empty()) front.points.push_back({.x = right, .y = front.points.back().y});
  return front;
}

Figure figure_of(const Findings& findings, const Group& group, double length, const Cells& cells) {
  Figure figure{.file = file_name(fmt::format("{}-L{:g}-state", name_of(group), length)),
                .title = "Accuracy against state size",
                .subtitle = fmt::format(
                    "L = {:g}; {}", length,
                    findings.counted ? "share of seeds solved" : "test accuracy, mean over seeds"),
                .task = name_of(group),
                .choice = {fmt::format("{:g}", length)}};
  Axis x{.title = "state size (bytes), logarithmic",
         .scale = Scale::logarithmic,
         .low = INFINITY,
         .high = 0};
  for (const StateCell* cell : cells) {
    x.low = std::min(x.low, cell->state_bytes);
    x.high = std::max(x.high, cell->state_bytes);
  }
  x.low /= 1.35, x.high *= 1.35;
  x.ticks = power_ticks(x.low, x.high);
  Panel panel{
      .y = {.title = findings.counted ? "seeds solved" : "test accuracy",
            .low = -4,
            .high = 104,
            .ticks = {{0, "0 %"}, {25, "25 %"}, {50, "50 %"}, {75, "75 %"}, {100, "100 %"}}}};
  panel.series.push_back(front_of(cells, x.high));
  for (const Shown& shown : group.series) {
    const std::string& architecture = shown.finding->series.architecture;
    Series line{.style = shown.style, .size = 2.5, .of = architecture, .name = architecture};
    for (const StateCell* cell : cells) {
      if (cell->architecture == architecture) line.points.push_back(point_of(*cell));
    }
    if (line.points.empty()) continue;
    Series marks = line;
    marks.kind = Kind::marks, marks.size = 9, marks.name = "";
    for (Point& point : line.points) point.hover = "";
    panel.series.push_back(std::move(line));
    panel.series.push_back(std::move(marks));
  }
  figure.columns.push_back({.x = std::move(x), .panels = {std::move(panel)}});
  return figure;
}

}  // namespace

std::vector<Figure> state_figures(const Findings& findings, const Group& group) {
  std::vector<std::pair<double, Cells>> lengths;
  for (const StateCell& cell : findings.states) {
    if (cell.task != group.task || cell.axes != group.axes) continue;
    if (lengths.empty() || lengths.back().first != cell.length)
      lengths.push_back({cell.length, {}});
    lengths.back().second.push_back(&cell);
  }
  std::vector<Figure> figures;  // the largest length first: it is what the page shows
  const std::size_t count = std::min(lengths.size(), lengths_most);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t place = count < 2
                                  ? lengths.size() - 1
                                  : lengths.size() - 1 - i * (lengths.size() - 1) / (count - 1);
    figures.push_back(figure_of(findings, group, lengths[place].first, lengths[place].second));
  }
  return figures;
}

}  // namespace surd::analysis
