#include "cluster/stop_signal.hpp"

#include <atomic>

namespace surd::cluster {
namespace {

constexpr std::array<int, 4> signals{SIGTERM, SIGINT, SIGUSR1, SIGHUP};
std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch it");

void install(int signal, struct sigaction& former) noexcept {
  struct sigaction action {};
  action.sa_handler = [](int) { stop = true; };
  action.sa_flags = SA_RESTART;  // a write or fsync under way goes on
  sigemptyset(&action.sa_mask);
  if (sigaction(signal, nullptr, &former) == 0 && former.sa_handler == SIG_IGN && signal == SIGHUP)
    return;                             // nohup
  sigaction(signal, &action, &former);  // fails for signals alone that do not exist
}

}  // namespace

void listen_for_stop() noexcept {
  for (const int signal : signals) {
    struct sigaction former {};
    install(signal, former);
  }
}

StopSignals::StopSignals() {
  for (std::size_t i = 0; i < signals.size(); ++i) install(signals[i], former_[i]);
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &former_[i], nullptr);
  stop = false;
}

bool stop_requested() { return stop; }

}  // namespace surd::cluster
