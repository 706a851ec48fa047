#include "jobs/surd/run.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "launch/launch.hpp"
#include "program/run_options.hpp"

namespace surd::jobs {

void add_run_command(CLI::App& app, int& exit_code) {
  struct Arguments {
    program::RunOptions options;
    std::optional<int> ranks;
  };
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "run",
      "Train a study on all cores (or GPUs) of this machine, or go on with one: starts surd-run "
      "under mpirun. Ctrl-C stops it with checkpoints");
  program::add_run_options(*command, arguments->options);
  command->get_option("study")->required();
  command
      ->add_option("--ranks", arguments->ranks,
                   "Processes: a coordinator and workers; 1 does both by turns, without mpirun "
                   "(default: a worker a core, with GPUs a worker a GPU; in a Slurm job its tasks)")
      ->check(CLI::PositiveNumber);
  command->callback([arguments, &exit_code] {
    exit_code = launch::launch(arguments->options, arguments->ranks, launch::surroundings());
  });
}

}  // namespace surd::jobs
