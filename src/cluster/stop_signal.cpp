#include "cluster/stop_signal.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>

#include "base/error.hpp"

namespace surd::cluster {
namespace {

constexpr std::array<int, 4> signals{SIGTERM, SIGINT, SIGUSR1, SIGHUP};
std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may touch it");

void install(int signal, struct sigaction& former) {
  struct sigaction action {};
  action.sa_handler = [](int) { stop = true; };
  action.sa_flags = SA_RESTART;  // a write or fsync under way goes on
  sigemptyset(&action.sa_mask);
  if (sigaction(signal, nullptr, &former) == 0 && former.sa_handler == SIG_IGN && signal == SIGHUP)
    return;  // nohup
  if (sigaction(signal, &action, &former) != 0)
    throw Error(std::string("sigaction failed: ") + std::strerror(errno));
}

}  // namespace

StopSignals::StopSignals() {
  stop = false;
  for (std::size_t i = 0; i < signals.size(); ++i) install(signals[i], former_[i]);
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &former_[i], nullptr);
}

bool stop_requested() { return stop; }

}  // namespace surd::cluster
