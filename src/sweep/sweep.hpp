// A whole run: rank 0 coordinates, all others train; with one process both by turns.
#pragma once

#include <functional>

#include "base/error.hpp"
#include "cluster/world.hpp"
#include "program/run_options.hpp"
#include "train/train.hpp"

namespace surd::sweep {

// Collective over the world. Returns the exit code on rank 0, complete on the others. Errors of the
// input are printed by rank 0, once. Stop signals are heard where cluster::listen_for_stop was
// called. at_work, if any, is called on each rank but the first with each piece of work that it
// begins: by tests, which hang there.
Exit run(cluster::World& world, const program::RunOptions& options,
         std::function<void(train::Work)> at_work = {});

}  // namespace surd::sweep
