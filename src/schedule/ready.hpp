// Trials that may run now, and how they are cut into bundles. Trials of one bundle key form a
// group; groups wait in the order of their priority. Nothing here scans all trials: a bundle is
// taken in O(log groups + lanes).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <vector>

#include "base/id.hpp"
#include "base/indexed.hpp"

namespace surd::schedule {

// What the cut of a bundle depends on.
struct Cut {
  std::size_t idle = 1;     // workers that wait, the one that will get the bundle included
  std::size_t workers = 1;  // all of them
  bool together = false;    // lanes run as one program (a GPU), not one after the other
  std::size_t most = 1;     // lanes at most
};

class Ready {
 public:
  struct Trial {
    std::size_t group = 0;
    std::uint64_t seed =
        0;             // lanes of one seed share their data, so a cut between seeds costs least
    double flops = 0;  // still to do
  };
  // One entry a trial of the study and one priority a group; higher ones are taken first, equal
  // ones in group order.
  Ready(Indexed<TrialIndex, Trial> trials, const std::vector<double>& priorities);
  Ready(const Ready&) = delete;  // order_ points at groups_
  Ready& operator=(const Ready&) = delete;

  // Afterwards these wait, in this order within their group, before those that wait there already.
  void put(std::span<const TrialIndex> trials);
  void set_flops(TrialIndex trial, double flops);  // of a trial that does not wait

  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  std::size_t groups() const { return order_.size(); }

  // Takes a bundle: lanes of the first group of which at least one fits. lanes_fit(trial): how many
  // lanes like this one the worker may take (at least 1), 0 where none fits the time left. Empty
  // where nothing fits.
  std::vector<TrialIndex> take(Cut cut,
                               const std::function<std::size_t(TrialIndex trial)>& lanes_fit);

 private:
  struct Group {
    double priority = 0;
    std::vector<TrialIndex> trials;  // the next one is the last
  };
  struct Earlier {
    const std::vector<Group>* groups;
    bool operator()(std::size_t a, std::size_t b) const {
      const double pa = (*groups)[a].priority;
      const double pb = (*groups)[b].priority;
      return pa != pb ? pa > pb : a < b;
    }
  };
  std::size_t lanes(const Group& group, const Cut& cut) const;

  Indexed<TrialIndex, Trial> trials_;
  std::vector<Group> groups_;
  std::set<std::size_t, Earlier> order_;  // groups that have trials
  std::size_t count_ = 0;
  double flops_ = 0;
};

}  // namespace surd::schedule
