// A whole run: rank 0 coordinates, all others train; with one process both by turns.
#pragma once

#include "base/error.hpp"
#include "cluster/world.hpp"
#include "program/run_options.hpp"

namespace surd::sweep {

// Collective over the world. Returns the exit code on rank 0, complete on the others. Errors of the
// input are printed by rank 0, once.
Exit run(cluster::World& world, const program::RunOptions& options);

}  // namespace surd::sweep
