#include "cluster/transport.hpp"

#include "base/clock.hpp"
#include "cluster/backoff.hpp"

namespace surd::cluster {

std::optional<Message> Transport::wait(double timeout_s) {
  const double end_s = steady_time_s() + timeout_s;
  for (Backoff backoff = Backoff::patient();;) {
    if (auto message = poll()) return message;
    const double left_s = end_s - steady_time_s();
    if (left_s <= 0) return std::nullopt;
    backoff.wait_at_most(left_s);
  }
}

}  // namespace surd::cluster
