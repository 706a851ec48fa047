// surd-fit next: which seeds to run next.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "analysis/findings/next.hpp"
#include "analysis/flags.hpp"
#include "analysis/input/source.hpp"
#include "analysis/report/next_output.hpp"
#include "analysis/subcommands.hpp"
#include "base/option.hpp"

namespace surd::analysis {

void add_next(CLI::App& app) {
  struct Flags {
    std::string input;
    Choices choices;
    Wish wish;
    bool only_grid = false, json = false;
  };
  const auto flags = std::make_shared<Flags>();
  CLI::App* command = app.add_subcommand(
      "next",
      "Which seeds to run next: those that narrow the interval of an exponent most per FLOP");
  command->add_option("input", flags->input, "Run folder, results.h5 or CSV file")->required();
  command->add_option("--budget", flags->wish.search.budget, "FLOPs that may be spent")
      ->required()
      ->check(positive_number);
  command
      ->add_option("--at-once", flags->wish.search.at_once,
                   "Seeds that can run at the same time: the most that are proposed")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command
      ->add_option("--half-width", flags->wish.search.half_width,
                   "Enough once the expected half-width of the interval is at most this")
      ->check(positive_number);
  command->add_option("--task", flags->wish.task, "Needed where there are several");
  command->add_option("--architecture", flags->wish.architecture,
                      "Needed where there are several; for delta all but the baseline");
  command->add_option(
      "--axes", flags->wish.axes,
      "Further axes, as fit prints them: \"model.layers=2\"; needed where there are several");
  command
      ->add_option("--goal", flags->wish.goal, "alpha, or delta: the difference to the baseline's")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Goal>{{"alpha", Goal::alpha}, {"delta", Goal::delta}}));
  command->add_flag("--only-grid", flags->only_grid,
                    "Only widths that the study has, none between them");
  add_choices(*command, flags->choices);
  command->add_flag("--json", flags->json, "JSON instead of a study fragment");
  add_explain(*command, explain_next);
  command->callback([flags] {
    flags->wish.new_widths = !flags->only_grid;
    const Input input = read_input(flags->input);
    const Next next = next_seeds(input, flags->choices, flags->wish);
    print_notes(input.notes);
    if (flags->json) {
      fmt::print("{}\n", to_json(next).dump(2));
    } else {
      fmt::print("{}", to_yaml(next));
    }
  });
}

}  // namespace surd::analysis
