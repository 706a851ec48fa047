#include "schedule/ready.hpp"

#include <algorithm>

namespace surd::schedule {

Ready::Ready(Indexed<TrialIndex, Trial> trials, const std::vector<double>& priorities)
    : trials_(std::move(trials)), order_(Earlier{&groups_}) {
  groups_.reserve(priorities.size());
  for (const double priority : priorities) groups_.push_back({priority, {}});
}

void Ready::put(std::span<const TrialIndex> trials) {
  for (std::size_t i = trials.size(); i-- > 0;) {
    const TrialIndex trial = trials[i];
    Group& group = groups_[trials_[trial].group];
    group.trials.push_back(trial);
    order_.insert(trials_[trial].group);
    flops_ += trials_[trial].flops;
    ++count_;
  }
}

void Ready::set_flops(TrialIndex trial, double flops) { trials_[trial].flops = flops; }

// One after the other: half of a fair share of all that is ready, as in factoring (Hummel,
// Schonberg, Flynn, CACM 1992): whole groups while there is plenty, single trials at the end.
// Together: lanes cost next to nothing, so the whole group, unless workers would go without.
std::size_t Ready::lanes(const Group& group, const Cut& cut) const {
  std::size_t lanes = group.trials.size();
  if (!cut.together) {
    double share = flops_ / (2.0 * static_cast<double>(std::max<std::size_t>(cut.workers, 1)));
    lanes = 0;
    while (lanes < group.trials.size() &&
           (share -= trials_[group.trials[group.trials.size() - 1 - lanes]].flops) >= 0)
      ++lanes;
  } else if (cut.idle > order_.size()) {
    lanes = std::min(lanes, (count_ + cut.idle - 1) / cut.idle);
  }
  const std::size_t others = cut.idle > 0 ? cut.idle - 1 : 0;
  lanes = std::min(lanes, count_ > others ? count_ - others : 1);
  return std::max<std::size_t>(lanes, 1);
}

std::vector<TrialIndex> Ready::take(Cut cut,
                                    const std::function<std::size_t(TrialIndex)>& lanes_fit) {
  for (const std::size_t index : order_) {
    Group& group = groups_[index];
    const std::size_t fit = lanes_fit(group.trials.back());
    if (fit == 0) continue;
    std::size_t lanes =
        std::min({this->lanes(group, cut), fit, std::max<std::size_t>(cut.most, 1)});
    const auto seed = [&](std::size_t place) {
      return trials_[group.trials[group.trials.size() - place]].seed;
    };  // place from 1
    std::size_t whole = lanes;
    while (whole > 0 && whole < group.trials.size() && seed(whole) == seed(whole + 1)) --whole;
    if (whole > 0) lanes = whole;
    std::vector<TrialIndex> bundle(group.trials.rbegin(),
                                   group.trials.rbegin() + static_cast<std::ptrdiff_t>(lanes));
    group.trials.resize(group.trials.size() - lanes);
    for (const TrialIndex trial : bundle) flops_ -= trials_[trial].flops;
    count_ -= lanes;
    if (group.trials.empty()) order_.erase(index);
    if (count_ == 0) flops_ = 0;  // what rounding left
    return bundle;
  }
  return {};
}

}  // namespace surd::schedule
