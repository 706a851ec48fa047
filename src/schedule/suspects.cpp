// Trials that earlier runs were lost with, and how a scheduler finds the one that is to blame.
#include <algorithm>

#include "schedule/scheduler.hpp"

namespace surd::schedule {

bool is_fatal(const Losses& losses, int retries) {
  return losses.count > std::max(retries, 1) && losses.together == 1;
}

std::size_t most_together(const Losses& losses) {
  return std::max<std::size_t>(losses.together / 4, 1);
}

std::size_t Scheduler::suspects_running() const {
  if (suspects_.empty()) return 0;
  return static_cast<std::size_t>(
      std::count_if(seats_.begin(), seats_.end(), [&](const auto& entry) {
        return entry.second.running && suspects_.contains(entry.second.running->trials.front());
      }));
}

void Scheduler::dispatch_suspects(double now_s) {
  const std::vector<Rank> free(idle_.begin(), idle_.end());
  for (const Rank rank : free) {
    if (ready_suspects_.empty()) return;
    const std::size_t running = suspects_running();
    const auto [most, trial] =
        *ready_suspects_
             .rbegin();  // those that run were taken before, so they bear no fewer beside them
    if (static_cast<std::size_t>(attempts_) != running || running >= most) return;
    if (lanes_that_fit(seats_.at(rank).worker, trial, now_s) == 0) continue;
    ready_suspects_.erase({most, trial});
    start(rank, {trial}, now_s);
  }
}

}  // namespace surd::schedule
