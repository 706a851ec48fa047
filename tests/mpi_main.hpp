// For test programs that run on several ranks (surd_mpi_test).
#pragma once

#include "cluster/world.hpp"

namespace surd::test {

// The world that main has made for the test cases.
const cluster::World& world();

// What this process has used of the cores so far, in user and system mode.
double processor_time_s();

}  // namespace surd::test
