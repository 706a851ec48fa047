// Who is to blame when attempts fail: the trials, the node, or everything.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/id.hpp"

namespace surd::schedule {

// Attempts in a row whose process went away before they got anywhere with a trial: as when it takes
// more memory than there is.
struct Losses {
  int count = 0;
  std::size_t together = 0;  // trials that went away at once, the last time
};
// Whether the trial is to be quarantined: lost retries + 1 times (at least twice), the last time
// with nothing else running.
bool is_fatal(const Losses& losses, int retries);
// How many trials that were lost may run at once, with nothing beside them: a quarter of those that
// went away together, so that few restarts and few idle workers find the one that is to blame.
std::size_t most_together(const Losses& losses);

class Failures {
 public:
  // retries: further attempts after a first failure, on nodes where the trial has not failed yet.
  explicit Failures(int retries) : retries_(retries) {}

  // Nodes where a trial failed in earlier runs.
  void remember(TrialIndex trial, std::vector<std::string> hosts);

  // An attempt at these trials failed. Returns those to quarantine: failed on two nodes, or retries
  // + 1 times. The others are to be tried again, each alone, so that one bad trial does not take
  // its bundle-mates with it.
  std::vector<TrialIndex> record(std::span<const TrialIndex> trials, const std::string& host);
  void succeeded() { any_success_ = true; }
  bool any_success() const { return any_success_; }

  bool any(TrialIndex trial) const { return trials_.contains(trial); }
  bool failed_on(TrialIndex trial, const std::string& host) const;
  // "node1, node2": where the trial failed.
  std::string hosts(TrialIndex trial) const;
  // Two different bundles failed first on this node, and neither has been shown to be bad itself.
  bool suspects(const std::string& host) const;
  // Nothing has succeeded, and four different bundles failed on most of the `hosts` nodes: the
  // program or the allocation is broken.
  bool hopeless(std::size_t hosts) const {
    return !any_success_ && causes_.size() >= 4 && 2 * blame_.size() > hosts;
  }

 private:
  struct Record {
    std::vector<std::string> hosts;  // one a failure
    std::size_t cause = 0;           // index into causes_, of this run
    bool has_cause = false;
  };
  struct Cause {  // a first failure
    std::string host;
    bool cleared = false;  // one of its trials turned out to be bad
  };
  int retries_;
  bool any_success_ = false;
  std::map<TrialIndex, Record> trials_;
  std::vector<Cause> causes_;
  std::map<std::string, int> blame_;  // node -> causes that are not cleared
};

}  // namespace surd::schedule
