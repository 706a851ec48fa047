// SIGTERM and SIGINT ask the program to stop; it looks at the question where it can save its work.
#pragma once

#include <csignal>

namespace surd::cluster {

// Installs the handlers for its lifetime and puts the former ones back. A second signal changes nothing: launchers send several. One at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  struct sigaction former_term_ {};
  struct sigaction former_int_ {};
};

// Whether one of the signals has come since the handlers were installed.
bool stop_requested();

}  // namespace surd::cluster
