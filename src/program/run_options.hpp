// What a training run is asked for on a command line: by surd-run, and by `surd run`, which starts
// it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace surd::program {

struct RunOptions {
  std::string study{};                   // path of a study file, or of a run folder to go on with
  std::string out{};                     // run folder; empty: the one named as study, or runs/NAME
  std::vector<std::string> overrides{};  // key=value
  std::string device = "auto";           // cpu, cuda, auto
  std::string group = "auto";            // solo, mpi, nccl, auto
  // Share of the unsolved seeds, in (0, 1]: then a budget audit follows.
  std::optional<double> audit{};
  bool shrink = false;  // trials that are finished may leave the study
  bool operator==(const RunOptions&) const = default;
};

// Adds the options to a program or subcommand; `options` outlives its parsing.
void add_run_options(CLI::App& app, RunOptions& options);
// The command line that is parsed to these options; what is a default is left out.
std::vector<std::string> to_arguments(const RunOptions& options);

}  // namespace surd::program
