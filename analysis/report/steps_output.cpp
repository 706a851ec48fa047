#include "analysis/report/steps_output.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/report/explain.hpp"
#include "analysis/report/table.hpp"

namespace surd::analysis {
namespace {

ResultTable steps_table(std::span<const Solving> cells) {
  const Meaning rate =
      "of those tried: that which solved most seeds, then that which took the fewest steps";
  const Meaning steps =
      "until the first validation at or above stop_at: the median of solved seeds";
  const Meaning tokens = "trained on until then, the median of solved seeds";
  const Meaning seconds = "of training until then, the median of solved seeds";
  using C = const Solving&;
  const bool axes =
      cells.empty() || std::ranges::any_of(cells, [](C cell) { return !cell.axes.empty(); });
  const auto mega = [](double count) { return fmt::format("{:.2g} M", count / 1e6); };
  return make_table<Solving>(
      {
          {{.key = "task", .title = "task", .means = "that the models were trained on"},
           [](C c) { return c.task; }},
          {{.key = "size", .title = "size", .means = "the task's own measure of a problem"},
           [](C c) { return c.size; }},
          {{.key = "length", .title = "L", .means = "tokens of a full sequence of that size"},
           [](C c) { return c.length; }},
          {{.key = "architecture",
            .title = "architecture",
            .means = "of the models, with its options"},
           [](C c) { return c.architecture; }},
          {{.key = "axes",
            .title = axes ? "axes" : "",
            .means = "further axes of the study, such as model.heads=4; in the table only where "
                     "there are any"},
           [](C c) { return c.axes; }},
          {{.key = "hidden", .title = "hidden", .means = "the width of the models"},
           [](C c) { return c.hidden; }},
          {{.key = "learning_rate", .means = rate}, [](C c) { return c.learning_rate; }},
          {{.title = "learning rate", .means = rate},
           [](C c) { return fmt::format("{:g}", c.learning_rate); }},
          {{.key = "seeds", .means = "trained at that rate"}, [](C c) { return c.seeds; }},
          {{.key = "solved", .means = "seeds that reached stop_at in a validation"},
           [](C c) { return c.solved; }},
          {{.title = "solved", .means = "such seeds, of those trained at that rate"},
           [](C c) { return fmt::format("{}/{}", c.solved, c.seeds); }},
          {{.key = "steps", .means = steps}, [](C c) { return value_of(c.steps); }},
          {{.title = "steps", .means = steps}, [](C c) { return text(c.steps, 0); }},
          {{.key = "tokens", .means = tokens}, [](C c) { return value_of(c.tokens); }},
          {{.title = "tokens", .means = tokens},
           [=](C c) { return c.tokens ? mega(*c.tokens) : "-"; }},
          {{.key = "seconds", .means = seconds}, [](C c) { return value_of(c.seconds); }},
          {{.title = "seconds", .means = seconds}, [](C c) { return text(c.seconds, 1); }},
          {{.key = "accuracy_test",
            .title = "test accuracy",
            .format = Format::three_digits,
            .means = "on the test, the median of the seeds"},
           [](C c) { return c.accuracy_test; }},
      },
      cells);
}

}  // namespace

std::string explain_steps() {
  return explain("surd-fit steps", {{.title = "Steps until a cell was solved, a row a cell",
                                     .machines = "cells",
                                     .table = steps_table({})}});
}

Lines lines_of(std::span<const Solving> cells) { return lines_of(steps_table(cells)); }

Json to_json(std::span<const Solving> cells) {
  return {{"format_version", 1}, {"cells", to_json(steps_table(cells))}};
}

}  // namespace surd::analysis
