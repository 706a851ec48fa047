#include "launch/mpirun.hpp"

#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <sstream>
#include <vector>

#include "base/error.hpp"
#include "base/number.hpp"

namespace surd::launch {
namespace {

bool is_program(const std::filesystem::path& path) {
  std::error_code code;
  return std::filesystem::is_regular_file(path, code) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

Mpirun find_mpirun(const std::filesystem::path& programs, const std::string& search_path) {
  std::vector<std::filesystem::path> folders = {programs};
  std::istringstream words(search_path);
  for (std::string folder; std::getline(words, folder, ':');) {
    if (!folder.empty()) folders.emplace_back(folder);
  }
  std::optional<Mpirun> other;
  for (const char* name : {"mpirun", "mpirun.openmpi"}) {
    for (const std::filesystem::path& folder : folders) {
      const std::filesystem::path program = folder / name;
      if (!is_program(program)) continue;
      const Output version = output_of({{program.string(), "--version"}});
      if (version.code != 0) continue;
      if (version.text.find("Open MPI") != std::string::npos) return {program, true};
      if (!other) other = Mpirun{program, false};
    }
  }
  if (other) return *other;
  throw InputError({.what = "there is no mpirun, which starts a run's processes",
                    .where = "PATH",
                    .expected = "Open MPI's mpirun in one of its folders",
                    .advice = "Install Open MPI (Debian: openmpi-bin) or load its module; "
                              "--ranks 1 does without, on one core"});
}

bool is_one_machine() {
  const auto is_set = [](const char* name) { return std::getenv(name) != nullptr; };
  if (number_in_environment("SLURM_JOB_NUM_NODES").value_or(1) != 1) return false;
  return !is_set("PBS_NODEFILE") && !is_set("LSB_DJOB_HOSTFILE") && !is_set("LSB_HOSTS") &&
         !is_set("PE_HOSTFILE") && !is_set("OMPI_MCA_orte_default_hostfile");
}

Command under_mpirun(const Mpirun& mpirun, int ranks, const Command& program, bool one_machine) {
  Command command{{mpirun.program.string(), "-n", std::to_string(ranks)}, program.environment};
  if (mpirun.is_open_mpi) {
    for (const char* flag : {"--quiet", "--oversubscribe", "--bind-to", "none"})
      command.words.emplace_back(flag);
    if (one_machine) {
      for (const char* flag : {"--mca", "btl", "self,vader"}) command.words.emplace_back(flag);
    }
    for (const char* setting : {"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"})
      command.environment.emplace_back(setting);
  }
  command.words.insert(command.words.end(), program.words.begin(), program.words.end());
  return command;
}

}  // namespace surd::launch
