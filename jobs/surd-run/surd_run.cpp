// surd-run: the MPI program. mpirun -n 3 surd-run configs/quickstart.yaml, or under srun; with one
// process it coordinates and trains by turns.
#include <fmt/format.h>

#include "cluster/devices.hpp"
#include "cluster/world.hpp"
#include "program/program.hpp"
#include "sweep/sweep.hpp"

int main(int argc, char** argv) {
  CLI::App app(
      "Trains a study on the ranks of mpirun or srun. Run it again on the same folder to go on "
      "where it stopped.",
      "surd-run");
  surd::program::prepare(app);
  surd::sweep::RunSettings settings;
  bool devices = false;
  app.add_option("study", settings.study, "study file (YAML)");
  app.add_option("--out", settings.out, "run folder (default: runs/NAME, NAME being the study's)");
  app.add_option("--set", settings.overrides,
                 "override of the study file, key=value; may be given more than once")
      ->allow_extra_args(false);
  app.add_option("--device", settings.device, "cpu, cuda or auto")->capture_default_str();
  app.add_option("--group", settings.group,
                 "how a team exchanges gradients: solo, mpi, nccl or auto")
      ->capture_default_str();
  app.add_option("--audit", settings.audit,
                 "when the study is complete, train this share (0 to 1) of its unsolved seeds anew "
                 "with twice the steps; at least five");
  app.add_flag("--devices", devices, "print the devices of this process and exit");
  return surd::program::run(app, argc, argv, [&] {
    if (devices) {
      fmt::print("cuda devices: {}\n", surd::cluster::cuda_device_count());
      return 0;
    }
    if (settings.study.empty())
      throw surd::InputError({.what = "no study file given",
                              .expected = "surd-run STUDY",
                              .advice = "For a first try: configs/quickstart.yaml"});
    return surd::cluster::run(argc, argv, [&](surd::cluster::World& world) {
      return static_cast<int>(surd::sweep::run(world, settings));
    });
  });
}
