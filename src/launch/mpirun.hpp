// Finding mpirun, and how it is asked for the processes of a run.
#pragma once

#include <filesystem>
#include <string>

#include "launch/child.hpp"

namespace surd::launch {

struct Mpirun {
  std::filesystem::path program;
  bool is_open_mpi = false;  // else the flags of Open MPI are not for it
};

// Looks beside the programs, then along `search_path` (folders between colons, as PATH): the first
// mpirun (or mpirun.openmpi, where a system has several) that is Open MPI's, else the first that
// tells its version. InputError where there is none.
Mpirun find_mpirun(const std::filesystem::path& programs, const std::string& search_path);

// Starts `ranks` processes of the program on whatever cores there are: Open MPI is told not to
// count slots, not to bind, to run as root as well (containers), and not to call a stop a failure.
// On one machine the processes talk through its memory and so listen on no network; Open MPI 4's
// mpirun itself listens on all addresses whatever it is told.
Command under_mpirun(const Mpirun& mpirun, int ranks, const Command& program, bool one_machine);

// Whether Open MPI will find no other machine in the environment: no allocation of a scheduler that
// may span several.
bool is_one_machine();

}  // namespace surd::launch
