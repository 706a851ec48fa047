// surd-run: the MPI program. mpirun -n 3 surd-run configs/quickstart.yaml, or under srun; with one
// process it coordinates and trains by turns.
#include <fmt/format.h>

#include "cluster/devices.hpp"
#include "cluster/stop_signal.hpp"
#include "cluster/world.hpp"
#include "program/program.hpp"
#include "program/run_options.hpp"
#include "sweep/sweep.hpp"

namespace {

// Before the initialisers of the libraries, which take longer than all else that comes before main:
// a stop that arrives meanwhile is a stop, with exit code 3.
void listen(int, char**, char**) { surd::cluster::listen_for_stop(); }
[[gnu::section(".preinit_array"), gnu::used]] void (*const listen_first)(int, char**,
                                                                         char**) = listen;

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Trains a study on the ranks of mpirun or srun; `surd run` starts it on all cores of a "
      "machine. Run it again on the same folder to go on where it stopped.",
      "surd-run");
  surd::program::prepare(app);
  surd::program::RunOptions options;
  bool devices = false;
  surd::program::add_run_options(app, options);
  app.add_flag("--devices", devices, "print the devices of this process and exit");
  return surd::program::run(app, argc, argv, [&] {
    if (devices) {
      fmt::print("cuda devices: {}\n", surd::cluster::cuda_device_count());
      return 0;
    }
    if (options.study.empty())
      throw surd::InputError({.what = "no study file given",
                              .expected = "surd-run STUDY",
                              .advice = "For a first try: configs/quickstart.yaml"});
    return surd::cluster::run(argc, argv, [&](surd::cluster::World& world) {
      return static_cast<int>(surd::sweep::run(world, options));
    });
  });
}
