#include "cluster/watchdog.hpp"

#include <algorithm>

namespace surd::cluster {
namespace {

constexpr double of_forecast = 5;  // a forecast may be wrong by so much

}  // namespace

// The time up to now that this has listened.
double Watchdog::listen(double now_s) {
  time_s_ += std::clamp(now_s - called_s_.value_or(now_s), 0.0, settings_.gap_s);
  called_s_ = now_s;
  return time_s_;
}

void Watchdog::expect(int rank, const std::string& doing, double now_s) {
  const double time_s = listen(now_s);
  ranks_[rank] = {.sign = {.doing = doing}, .moved_s = time_s, .heard_s = time_s};
}

void Watchdog::join(const std::vector<int>& team) {
  for (const int rank : team) {
    if (const auto found = ranks_.find(rank); found != ranks_.end()) found->second.team = team;
  }
}

void Watchdog::heard(int rank, const Sign& sign, double now_s) {
  const double time_s = listen(now_s);
  const auto found = ranks_.find(rank);
  if (found == ranks_.end()) return;
  Watched& watched = found->second;
  watched.heard_s = time_s;
  if (sign.count != watched.sign.count) watched.moved_s = time_s;
  watched.sign = sign;
}

void Watchdog::heard(int rank, double now_s) {
  const double time_s = listen(now_s);
  const auto found = ranks_.find(rank);
  if (found != ranks_.end()) found->second.moved_s = found->second.heard_s = time_s;
}

void Watchdog::stop_asked(double now_s) {
  const double time_s = listen(now_s);
  if (!stop_asked_s_) stop_asked_s_ = time_s;
}

// Whether the rank may wait: for a member that works, or that hangs and is found by itself.
bool Watchdog::is_excused(const Watched& watched, double silent_s) const {
  return std::any_of(watched.team.begin(), watched.team.end(), [&](int member) {
    const auto found = ranks_.find(member);
    if (found == ranks_.end()) return false;
    return !found->second.sign.waits || time_s_ - found->second.heard_s > silent_s;
  });
}

std::optional<double> Watchdog::stood_still_s(const Watched& watched, double silent_s,
                                              double from_s) const {
  double since_s = watched.moved_s;
  double allowed_s = silent_s + of_forecast * watched.sign.piece_s;
  if (watched.sign.waits && is_excused(watched, silent_s)) {
    since_s = watched.heard_s;
    allowed_s = silent_s;
  } else if (watched.sign.waits) {
    // All of the team wait, and one that lives no more would be found first.
    for (const int member : watched.team) {
      if (const auto found = ranks_.find(member); found != ranks_.end())
        since_s = std::max(since_s, found->second.moved_s);
    }
    allowed_s += silent_s;
  }
  if (time_s_ - std::max(since_s, from_s) <= allowed_s) return std::nullopt;
  return time_s_ - since_s;
}

std::optional<Silence> Watchdog::silence(int rank, const Watched& watched, double silent_s) const {
  auto seconds = stood_still_s(watched, silent_s, 0);
  if (!seconds && stop_asked_s_)
    seconds = stood_still_s(watched, std::min(silent_s, stop_s), *stop_asked_s_);
  if (!seconds) return std::nullopt;
  return Silence{rank, (watched.sign.waits ? "waiting for its team in " : "") + watched.sign.doing,
                 *seconds};
}

std::optional<Silence> Watchdog::hanging(double now_s) {
  listen(now_s);
  std::optional<Silence> longest;
  if (!settings_.silent_s) return longest;
  for (const auto& [rank, watched] : ranks_) {
    const auto found = silence(rank, watched, *settings_.silent_s);
    if (found && (!longest || found->seconds > longest->seconds)) longest = found;
  }
  return longest;
}

std::vector<Silence> Watchdog::late() const {
  std::vector<Silence> late;
  for (const auto& [rank, watched] : ranks_) {
    if (const auto found = silence(rank, watched, settings_.silent_s.value_or(default_s) / 4))
      late.push_back(*found);
  }
  return late;
}

}  // namespace surd::cluster
