// SIGTERM, SIGINT, SIGUSR1 and SIGHUP (a terminal that goes away, unless nohup ignores it) ask the
// program to stop; it looks at the question where it can save its work. SIGUSR1 is for Open MPI's
// mpirun: it passes that on and waits, but after a SIGTERM or SIGINT of its own it kills the ranks
// within about a second.
#pragma once

#include <array>
#include <csignal>

namespace surd::cluster {

// Installs the handlers for good. Needs nothing that is initialised at start, and throws nothing:
// a program may call it before main.
void listen_for_stop() noexcept;

// Installs the handlers for its lifetime, puts the former ones back and forgets the signals. A
// second signal changes nothing: launchers send several. One at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  std::array<struct sigaction, 4> former_{};
};

// Whether one of the signals has come since the handlers were installed.
bool stop_requested();

}  // namespace surd::cluster
