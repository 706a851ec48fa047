// A small MPI program that goes wrong in the way that its argument says; launch_test.cpp looks at
// what comes out.
#include <unistd.h>

#include <cstdio>
#include <string>

#include "base/error.hpp"
#include "cluster/teams.hpp"
#include "cluster/transport.hpp"
#include "cluster/world.hpp"

using namespace surd;
using namespace surd::cluster;

namespace {

int misbehave(const World& world, const std::string& fault) {
  const int last = world.size() - 1;
  const auto transport = make_mpi_transport(world);
  if (fault == "none") {
    std::printf("rank %d of %d\n", world.rank(), world.size());
    return transport->close(60).empty() ? 0 : 1;
  }
  if (fault == "error" || fault == "input") {
    if (world.rank() == last && fault == "error") throw Error("the error of this test");
    if (world.rank() == last) throw InputError("the bad input of this test");
    transport->wait(600);  // a message that never comes
    return 0;
  }
  if (fault == "unsent") {  // fails with a message under way that nobody takes
    if (world.rank() == last) {
      transport->send(0, std::string(1 << 20, 'x'));
      throw Error("the error of this test");
    }
    sleep(600);
  }
  if (fault == "unflushed") {
    if (world.rank() == last) sleep(600);
    transport->send(last, "x");
    transport->flush(0.2);
  }
  if (fault == "absent") {
    if (world.rank() == last) sleep(600);
    make_mpi_group(world, {0, 1}, 0.2);
  }
  int looked = 0;
  const auto group = make_mpi_group(world, {0, 1}, fault == "silent" ? 2 : 60, [&] {
    if (fault == "impatient" && ++looked > 20) throw Error("nobody comes");
  });
  if (fault == "silent" || fault == "impatient") {
    if (world.rank() == last) sleep(600);
    double data[] = {1, 2, 3};
    group->all_reduce_sum(data, 3, Scalar::float64, nullptr);
  }
  if (fault == "unequal") {
    double data[] = {1, 2, 3, 4};
    group->all_reduce_sum(data, 3 + world.rank(), Scalar::float64,
                          nullptr);  // rank 1 gets less than it expects, which MPI allows
    sleep(600);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run(argc, argv,
             [&](World& world) { return misbehave(world, argc > 1 ? argv[1] : "none"); });
}
