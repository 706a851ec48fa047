#include "analysis/report/steps_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "analysis/report/number.hpp"

namespace surd::analysis {

Lines lines_of(std::span<const Solving> cells) {
  const bool axes = std::any_of(cells.begin(), cells.end(), [](const Solving& cell) { return !cell.axes.empty(); });
  Lines out{{"task", "size", "L", "architecture"}};
  if (axes) out[0].emplace_back("axes");
  for (const char* name : {"hidden", "learning rate", "solved", "steps", "tokens", "seconds", "test accuracy"}) out[0].emplace_back(name);
  for (const Solving& cell : cells) {
    std::vector<std::string> line{cell.task, fmt::format("{}", cell.size), fmt::format("{}", cell.length), cell.architecture};
    if (axes) line.push_back(cell.axes);
    line.insert(line.end(), {fmt::format("{}", cell.hidden), fmt::format("{:g}", cell.learning_rate), fmt::format("{}/{}", cell.solved, cell.seeds),
                             text(cell.steps, 0), cell.tokens ? fmt::format("{:.2g} M", *cell.tokens / 1e6) : "-", text(cell.seconds, 1),
                             rounded(cell.accuracy_test, 3)});
    out.push_back(std::move(line));
  }
  return out;
}

Json to_json(std::span<const Solving> cells) {
  Json list = Json::array();
  for (const Solving& cell : cells) {
    list.push_back({{"task", cell.task},
                    {"size", cell.size},
                    {"length", cell.length},
                    {"architecture", cell.architecture},
                    {"axes", cell.axes},
                    {"hidden", cell.hidden},
                    {"learning_rate", cell.learning_rate},
                    {"seeds", cell.seeds},
                    {"solved", cell.solved},
                    {"steps", number(cell.steps)},
                    {"tokens", number(cell.tokens)},
                    {"seconds", number(cell.seconds)},
                    {"accuracy_test", number_to_json(cell.accuracy_test)}});
  }
  return {{"format_version", 1}, {"cells", list}};
}

}  // namespace surd::analysis
