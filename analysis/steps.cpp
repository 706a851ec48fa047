// surd-fit steps: how many steps, tokens and seconds each cell took until it was solved.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "analysis/findings/steps.hpp"
#include "analysis/flags.hpp"
#include "analysis/report/steps_output.hpp"
#include "analysis/subcommands.hpp"
#include "base/error.hpp"
#include "store/snapshot.hpp"

namespace surd::analysis {

void add_steps(CLI::App& app) {
  struct Flags {
    std::string input;
    bool smallest = false, json = false, markdown = false;
  };
  const auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand(
      "steps", "Steps, tokens and seconds until each cell was solved, at its best learning rate");
  command->add_option("input", flags->input, "Run folder or results.h5")->required();
  command->add_flag(
      "--smallest", flags->smallest,
      "Only the smallest width that every seed solves (where there is none, the nearest to it)");
  CLI::Option* json = command->add_flag("--json", flags->json, "JSON instead of the table");
  command->add_flag("--markdown", flags->markdown, "A Markdown table")->excludes(json);
  add_explain(*command, explain_steps);
  command->callback([flags] {
    const auto run = store::read_run(flags->input);
    print_notes(run->notes());
    std::vector<Solving> cells = steps_to_solve(run->rows());
    if (cells.empty()) {
      throw InputError({.what = "no trial has a result yet",
                        .where = flags->input,
                        .expected = "finished trials",
                        .advice = "Run the study: surd run STUDY"});
    }
    if (flags->smallest) cells = smallest_solved(cells);
    if (flags->json) {
      fmt::print("{}\n", to_json(cells).dump(2));
    } else {
      fmt::print("{}", flags->markdown ? markdown(lines_of(cells)) : aligned(lines_of(cells)));
    }
  });
}

}  // namespace surd::analysis
