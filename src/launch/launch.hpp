// `surd run`: starts surd-run on all that this machine (or a Slurm job) has, passes stop signals
// on, and ends with surd-run's own exit code.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "program/run_options.hpp"

namespace surd::launch {

struct Surroundings {
  std::filesystem::path programs;  // folder with surd-run
  std::string search_path;         // for mpirun: PATH
};
// Of this process: the folder that its program lies in, and its PATH.
Surroundings surroundings();

// Starts so many processes of surd-run (none given: see default_ranks) under mpirun, and waits.
// With one, surd-run takes the place of this process. Returns the exit code: the one in state.json
// where this run wrote it, since mpirun hides that of its programs; 3 where a stop was asked for
// and came before surd-run could say so. InputError, before anything is started: what is wrong with
// the study, no surd-run, no mpirun.
int launch(const program::RunOptions& options, std::optional<int> ranks,
           const Surroundings& around);

}  // namespace surd::launch
