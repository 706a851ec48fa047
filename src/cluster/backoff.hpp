// Waiting that costs no core: look, sleep, look again, each sleep twice as long as the last up to a
// cap.
#pragma once

namespace surd::cluster {

class Backoff {
 public:
  // For waits of unknown length (messages, plans): from 1 ms to 20 ms.
  static Backoff patient() { return {0, 1e-3, 20e-3}; }
  // For peers that are known to be near (an all-reduce inside a step): gives up the core for 200
  // us, then sleeps from 50 us to 1 ms.
  static Backoff prompt() { return {200e-6, 50e-6, 1e-3}; }

  Backoff(double yield_s, double first_sleep_s, double longest_sleep_s)
      : yield_s_(yield_s),
        first_sleep_s_(first_sleep_s),
        longest_sleep_s_(longest_sleep_s),
        sleep_s_(first_sleep_s) {}

  // Sleeps once. A signal cuts the sleep short.
  void wait() { wait_at_most(longest_sleep_s_); }
  void wait_at_most(double seconds);
  // Something happened: start again with short sleeps.
  void reset();

 private:
  double yield_s_, first_sleep_s_, longest_sleep_s_;
  double sleep_s_;
  double yielding_since_s_ = -1;
};

}  // namespace surd::cluster
