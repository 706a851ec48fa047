// surd-fit simulate: such a study as a file.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "analysis/findings/planned.hpp"
#include "analysis/flags.hpp"
#include "analysis/report/power_output.hpp"
#include "analysis/subcommands.hpp"
#include "base/files.hpp"
#include "base/option.hpp"

namespace surd::analysis {

void add_simulate(CLI::App& app) {
  struct SimulateFlags {
    std::string pilot;
    PlannedFlags plan;
    std::uint64_t seed = 1;
    std::string out;
    bool counted = false;
  };
  const auto flags = std::make_shared<SimulateFlags>();
  CLI::App* command = app.add_subcommand(
      "simulate", "Writes a synthetic study as CSV, drawn from the law that is fitted");
  add_planned_flags(*command, flags->pilot, flags->plan);
  command->add_option("--seed", flags->seed, "Of the draw")->capture_default_str();
  command->add_option("--out", flags->out, "The CSV file (default: standard output)")
      ->check(output_file);
  command->add_flag("--counted", flags->counted,
                    "A row a cell with seeds and solved, instead of a row a seed");
  command->callback([flags] {
    const Planned plan = planned(flags->plan, read_pilot(flags->pilot));
    print_notes(plan.notes);
    const std::string csv = simulated_csv(plan, flags->seed, flags->counted);
    if (flags->out.empty()) {
      fmt::print("{}", csv);
    } else {
      write_file_atomically(flags->out, csv);
      fmt::print("{}\n", flags->out);
    }
  });
}

}  // namespace surd::analysis
