// surd-run, but that a rank hangs where SURD_TEST_HANG says so: "RANK WORK NTH HOW", such as
// "2 step 5 stop": with the fifth step that it begins. HOW: stop, as by SIGSTOP, or sleep, as in a
// call that never returns.
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <map>
#include <sstream>

#include "cluster/stop_signal.hpp"
#include "cluster/world.hpp"
#include "program/program.hpp"
#include "program/run_options.hpp"
#include "sweep/sweep.hpp"

namespace {

struct Hang {
  int rank = -1;
  std::string work;
  int nth = 0;
  std::string how;
};

Hang hang_asked_for() {
  Hang hang;
  if (const char* text = std::getenv("SURD_TEST_HANG"))
    std::istringstream(text) >> hang.rank >> hang.work >> hang.nth >> hang.how;
  return hang;
}

bool is_named(surd::train::Work work, const std::string& name) {
  static const std::map<std::string, surd::train::Work> names = {
      {"load", surd::train::Work::load},
      {"step", surd::train::Work::step},
      {"evaluation", surd::train::Work::evaluation},
      {"checkpoint", surd::train::Work::checkpoint}};
  return names.at(name) == work;
}

}  // namespace

int main(int argc, char** argv) {
  surd::cluster::listen_for_stop();
  CLI::App app("surd-run with a rank that hangs", "surd-run");
  surd::program::prepare(app);
  surd::program::RunOptions options;
  surd::program::add_run_options(app, options);
  const Hang hang = hang_asked_for();
  int begun = 0;
  return surd::program::run(app, argc, argv, [&] {
    return surd::cluster::run(argc, argv, [&](surd::cluster::World& world) {
      return static_cast<int>(surd::sweep::run(world, options, [&](surd::train::Work work) {
        if (world.rank() != hang.rank || !is_named(work, hang.work) || ++begun != hang.nth) return;
        fmt::print(stderr, "rank {} hangs now\n", world.rank());
        if (hang.how == "stop") std::raise(SIGSTOP);
        while (true) ::pause();
      }));
    });
  });
}
