// What the scheduler says. Its caller turns messages into MPI, journal records and log lines; tests
// and the simulator record them. An implementation must not call the scheduler back.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/id.hpp"

namespace surd::schedule {

// An execution of a bundle: trials of one bundle key.
struct Assignment {
  AttemptId attempt;
  std::vector<TrialIndex> trials;
};

class Outbox {
 public:
  virtual ~Outbox() = default;
  virtual void assign(Rank rank, const Assignment& assignment) = 0;
  virtual void stop(Rank rank) = 0;  // checkpoint and give back what is unfinished; once an attempt
  virtual void dismiss(Rank rank) = 0;  // no more work will come; once a worker, when it is idle
  // These will not be tried again, in this run or in later ones.
  virtual void quarantine(std::span<const TrialIndex> trials, const std::string& reason) = 0;
  // No new work goes to this node.
  virtual void drain(const std::string& host, const std::string& reason) = 0;
};

}  // namespace surd::schedule
