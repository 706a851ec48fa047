#include "analysis/report/steps_output.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/report/table.hpp"

namespace surd::analysis {
namespace {

ResultTable steps_table(std::span<const Solving> cells) {
  using C = const Solving&;
  const bool axes = std::ranges::any_of(cells, [](C cell) { return !cell.axes.empty(); });
  const auto mega = [](double count) { return fmt::format("{:.2g} M", count / 1e6); };
  return make_table<Solving>(
      {
          {{.key = "task", .title = "task"}, [](C c) { return c.task; }},
          {{.key = "size", .title = "size"}, [](C c) { return c.size; }},
          {{.key = "length", .title = "L"}, [](C c) { return c.length; }},
          {{.key = "architecture", .title = "architecture"}, [](C c) { return c.architecture; }},
          {{.key = "axes", .title = axes ? "axes" : ""}, [](C c) { return c.axes; }},
          {{.key = "hidden", .title = "hidden"}, [](C c) { return c.hidden; }},
          {{.key = "learning_rate"}, [](C c) { return c.learning_rate; }},
          {{.title = "learning rate"}, [](C c) { return fmt::format("{:g}", c.learning_rate); }},
          {{.key = "seeds"}, [](C c) { return c.seeds; }},
          {{.key = "solved"}, [](C c) { return c.solved; }},
          {{.title = "solved"}, [](C c) { return fmt::format("{}/{}", c.solved, c.seeds); }},
          {{.key = "steps"}, [](C c) { return value_of(c.steps); }},
          {{.title = "steps"}, [](C c) { return text(c.steps, 0); }},
          {{.key = "tokens"}, [](C c) { return value_of(c.tokens); }},
          {{.title = "tokens"}, [=](C c) { return c.tokens ? mega(*c.tokens) : "-"; }},
          {{.key = "seconds"}, [](C c) { return value_of(c.seconds); }},
          {{.title = "seconds"}, [](C c) { return text(c.seconds, 1); }},
          {{.key = "accuracy_test", .title = "test accuracy", .format = Format::three_digits},
           [](C c) { return c.accuracy_test; }},
      },
      cells);
}

}  // namespace

Lines lines_of(std::span<const Solving> cells) { return lines_of(steps_table(cells)); }

Json to_json(std::span<const Solving> cells) {
  return {{"format_version", 1}, {"cells", to_json(steps_table(cells))}};
}

}  // namespace surd::analysis
