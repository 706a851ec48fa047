// Who is here and what runs: the ranks of a run, their teams, and the attempts under way.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "sweep/message.hpp"

namespace surd::sweep {

struct Team {
  Joined joined;
  AttemptId attempt{};  // 0: idle
  bool dismissed = false;
};

struct Attempt {
  std::vector<TrialIndex> trials;  // by lane: of the study that is handed out
  std::string host;
  double start_s = 0;  // steady clock
};

class Crew {
 public:
  // Of every rank, once.
  void join(Rank rank, const Joined& joined);
  void start(Rank rank, AttemptId id, std::vector<TrialIndex> trials, double now_s);
  // Error where no such attempt runs.
  Attempt end(Rank rank, AttemptId id);
  void dismiss(Rank rank) { teams_.at(rank).dismissed = true; }

  const std::map<Rank, Joined>& ranks() const { return ranks_; }  // those that lead no team too
  const std::map<Rank, Team>& teams() const { return teams_; }    // by first rank
  // Error where no such attempt runs.
  const Attempt& attempt(AttemptId id) const;
  const std::map<AttemptId, Attempt>& attempts() const { return attempts_; }  // under way
  bool all_dismissed() const;

 private:
  std::map<Rank, Joined> ranks_;
  std::map<Rank, Team> teams_;
  std::map<AttemptId, Attempt> attempts_;
};

}  // namespace surd::sweep
