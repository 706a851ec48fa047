// Every rank runs every test case. The first failed assertion of any rank ends the job: its peers
// may be waiting in a collective call.
#define CATCH_CONFIG_RUNNER
#include "mpi_main.hpp"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <string>

#include "base/error.hpp"

namespace surd::test {
namespace {
const cluster::World* current = nullptr;
}

const cluster::World& world() { return *current; }

double processor_time_s() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace surd::test

int main(int argc, char** argv) {
  return surd::cluster::run(argc, argv, [&](surd::cluster::World& world) {
    surd::test::current = &world;
    Catch::Session session;
    session.configData().abortAfter = 1;
    session.configData().name = "rank " + std::to_string(world.rank());
    if (const int code = session.applyCommandLine(argc, argv); code != 0) return code;
    if (session.run() != 0) throw surd::Error("a test has failed on this rank");
    return 0;
  });
}
