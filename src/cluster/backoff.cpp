#include "cluster/backoff.hpp"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <ctime>

#include "base/clock.hpp"

namespace surd::cluster {

void Backoff::wait_at_most(double seconds) {
  if (yield_s_ > 0) {
    const double now_s = steady_time_s();
    if (yielding_since_s_ < 0) yielding_since_s_ = now_s;
    if (now_s - yielding_since_s_ < yield_s_) {
      sched_yield();
      return;
    }
  }
  const double sleep_s = std::clamp(seconds, 0.0, sleep_s_);
  const timespec pause{.tv_sec = static_cast<time_t>(sleep_s),
                       .tv_nsec = static_cast<long>(std::fmod(sleep_s, 1.0) * 1e9)};
  nanosleep(&pause, nullptr);  // not sleep_for, which would sleep on after a signal
  sleep_s_ = std::min(2 * sleep_s_, longest_sleep_s_);
}

void Backoff::reset() {
  sleep_s_ = first_sleep_s_;
  yielding_since_s_ = -1;
}

}  // namespace surd::cluster
