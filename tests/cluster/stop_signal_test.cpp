#include "cluster/stop_signal.hpp"

#include <catch2/catch.hpp>

using namespace surd::cluster;

TEST_CASE("SIGTERM, SIGINT, SIGUSR1 and SIGHUP, also twice, are noted and do not end the process") {
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1, SIGHUP}) {
    const StopSignals signals;
    CHECK_FALSE(stop_requested());
    std::raise(signal);
    CHECK(stop_requested());
    std::raise(signal);
    CHECK(stop_requested());
  }
}

TEST_CASE("the former handlers come back") {
  struct sigaction before {
  }, after{};
  sigaction(SIGTERM, nullptr, &before);
  { const StopSignals signals; }
  sigaction(SIGTERM, nullptr, &after);
  CHECK(before.sa_handler == after.sa_handler);
}
