#include "sweep/crew.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace surd::sweep {

void Crew::join(Rank rank, const Joined& joined) {
  ranks_[rank] = joined;
  if (joined.leads) teams_[rank] = {.joined = joined};
}

void Crew::start(Rank rank, AttemptId id, std::vector<TrialIndex> trials, double now_s) {
  Team& team = teams_.at(rank);
  team.attempt = id;
  attempts_[id] = {std::move(trials), team.joined.host, now_s};
}

Attempt Crew::end(Rank rank, AttemptId id) {
  Attempt ended = attempt(id);
  attempts_.erase(id);
  teams_.at(rank).attempt = {};
  return ended;
}

const Attempt& Crew::attempt(AttemptId id) const {
  const auto found = attempts_.find(id);
  if (found == attempts_.end()) {
    throw Error({.what = "a worker speaks of an attempt that is not running",
                 .got = std::to_string(id.value)});
  }
  return found->second;
}

bool Crew::all_dismissed() const {
  return std::all_of(teams_.begin(), teams_.end(),
                     [](const auto& entry) { return entry.second.dismissed; });
}

}  // namespace surd::sweep
