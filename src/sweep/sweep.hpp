// A whole run: rank 0 coordinates, all others train; with one process both by turns.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cluster/world.hpp"

namespace surd::sweep {

struct RunSettings {
  std::string study;                   // path of the study file
  std::string out;                     // run folder; empty: runs/NAME
  std::vector<std::string> overrides;  // key=value
  std::string device = "auto";         // cpu, cuda, auto
  std::optional<double>
      audit{};  // share of the unsolved seeds, in (0, 1]: then a budget audit follows
  std::string group = "auto";  // solo, mpi, nccl, auto
};

// Collective over the world. Returns the exit code on rank 0, complete on the others. Errors of the
// input are printed by rank 0, once.
Exit run(cluster::World& world, const RunSettings& settings);

}  // namespace surd::sweep
