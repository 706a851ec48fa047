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
Command under_mpirun(const Mpirun& mpirun, int ranks, const Command& program);

}  // namespace surd::launch
