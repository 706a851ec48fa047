// Who hangs: judged from the signs that ranks give of themselves. No MPI, no clock, one thread. A
// rank whose process stands still and one whose step, write or device call never returns look
// alike: their counts stand still. Signs come from the thread that works, since MPI is called from
// one thread alone, and since a helper thread would go on saying that all is well.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace surd::cluster {

// What a rank says of itself.
struct Sign {
  std::string doing;       // the piece of work under way: "a step"
  std::int64_t count = 0;  // of pieces: another number than the last means that it gets on
  double piece_s = 0;      // that the piece takes by forecast
  bool waits = false;      // for the others of its team, whom its count depends on
};

// That a rank has not got on.
struct Silence {
  int rank = 0;
  std::string doing;   // the last that it said
  double seconds = 0;  // since then
};

class Watchdog {
 public:
  struct Settings {
    std::optional<double> silent_s{};  // that a piece may take beyond 5 times its forecast; none:
                                       // nobody ever hangs
    double gap_s = 1;  // time that passes between two calls counts no more than this: who slept
                       // itself cannot tell how long others did
  };
  explicit Watchdog(Settings settings) : settings_(settings) {}

  // From now on the rank is to give signs; `doing` until its first one.
  void expect(int rank, const std::string& doing, double now_s);
  // Ranks, expected already, that wait for each other: while one of them works, the others may.
  void join(const std::vector<int>& team);
  void forget(int rank) { ranks_.erase(rank); }
  // A sign; any other message says as much as one. Ranks that are not expected are ignored.
  void heard(int rank, const Sign& sign, double now_s);
  void heard(int rank, double now_s);
  // From now on nobody may take longer than stop_s beyond 5 times the forecast.
  void stop_asked(double now_s);

  // The rank that has hung for longest, if any. To be asked every second.
  std::optional<Silence> hanging(double now_s);
  // Those that hang or will, should it go on: a quarter of the time has passed (of the default
  // where nobody hangs). As of the last other call, by rank.
  std::vector<Silence> late() const;

  static constexpr double stop_s = 20;
  static constexpr double default_s = 120;

 private:
  struct Watched {
    Sign sign;
    double moved_s = 0;       // when its count last changed
    double heard_s = 0;       // when it last said anything
    std::vector<int> team{};  // empty: alone
  };
  double listen(double now_s);
  std::optional<Silence> silence(int rank, const Watched& watched, double silent_s) const;
  // Seconds since the rank got on, where it may not take so long; what was before from_s is
  // forgiven.
  std::optional<double> stood_still_s(const Watched& watched, double silent_s, double from_s) const;
  bool is_excused(const Watched& watched, double silent_s) const;

  Settings settings_;
  std::map<int, Watched> ranks_;
  std::optional<double> called_s_;  // the caller's time of the last call
  double time_s_ = 0;               // that this has listened
  std::optional<double> stop_asked_s_;
};

}  // namespace surd::cluster
