// A rank's line to the coordinator: messages both ways, signs of life both ways, and a stop signal
// that reached this rank. Whatever waits or works looks at it in between.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <optional>

#include "cluster/transport.hpp"
#include "cluster/watchdog.hpp"
#include "sweep/message.hpp"
#include "train/train.hpp"

namespace surd::sweep {

// How often a rank gives a sign, where one is found to hang after silent_s.
double sign_every_s(std::optional<double> silent_s);

// The coordinator hangs: the run is to end, whatever is under way.
class Deserted : public Error {
  using Error::Error;
};

class Line {
 public:
  // stop_signalled: a stop signal reached this process. `at_work` is called with each piece of work
  // that begins. transport outlives the line.
  Line(cluster::Transport& transport, std::function<bool()> stop_signalled,
       std::function<void(train::Work)> at_work = {});

  int rank() const { return transport_.rank(); }
  void send(const Message& message);
  void flush(double deadline_s) { transport_.flush(deadline_s); }

  // All four look at what has arrived, tell the coordinator of a stop signal, once, and give a sign
  // where one is due. Deserted where the coordinator gave none for too long. The first two return
  // messages that are not the line's own, in order; wait() sleeps for up to `timeout_s`, and the
  // rank counts as idle.
  std::optional<Message> poll();
  std::optional<Message> wait(double timeout_s);
  // A piece of work begins, which takes `forecast_s` where none like it was measured since the last
  // load.
  void begins(train::Work work, double forecast_s);
  // For groups: this rank waits for the others of its team.
  void waits();

  // The work has ended.
  void rests();
  bool stop_signalled() const { return stop_signalled_(); }

 private:
  void look();
  void take(const cluster::Message& received, double now_s);
  void give_sign(bool waits, double now_s);

  cluster::Transport& transport_;
  std::function<bool()> stop_signalled_;
  std::function<void(train::Work)> at_work_;
  std::deque<Message> inbox_;
  cluster::Watchdog coordinator_;
  double sign_every_s_ = 0;  // 0: the coordinator has not asked for any
  Sign sign_;
  std::optional<train::Work> work_;    // none: idle
  std::array<double, 4> longest_s_{};  // by work, since the last load; 0: not measured
  double began_s_ = 0;
  double signed_s_ = 0;
  bool told_signal_ = false;
};

}  // namespace surd::sweep
