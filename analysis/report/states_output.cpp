#include "analysis/report/states_output.hpp"

#include <functional>

#include "analysis/report/columns.hpp"

namespace surd::analysis {

ResultTable states_table(std::span<const StateCell> cells) {
  using C = const StateCell&;
  auto columns = named<StateCell>([](C c) -> C { return c; });
  append<StateCell>(
      columns,
      {
          {{.key = "length", .means = "of the cell"}, [](C c) { return c.length; }},
          {{.key = "hidden", .means = "the width of its models"}, [](C c) { return c.hidden; }},
          {{.key = "state_bytes", .means = "what one of its models keeps after that length"},
           [](C c) { return c.state_bytes; }},
          {{.key = "accuracy",
            .means = "on the test, the mean over its seeds at their best learning rates; where the "
                     "input counts seeds, the share solved"},
           [](C c) { return c.accuracy; }},
          {{.key = "seeds", .means = "of that mean"}, [](C c) { return c.seeds; }},
          {{.key = "on_front",
            .means = "on the Pareto front: at this task and length no cell does better with as "
                     "little state"},
           [](C c) { return c.on_front; }},
      });
  return make_table(columns, cells);
}

}  // namespace surd::analysis
