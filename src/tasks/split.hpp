// Keeps training, validation and test apart: a hash of an instance's prompt says which of the three
// it belongs to, so none can meet another's, whatever is drawn, by whichever rank, and nothing need
// be remembered.
#pragma once

#include <span>

#include "base/random.hpp"
#include "tasks/task.hpp"

namespace surd::tasks {

// One prompt in 16 belongs to validation, one in 16 to the test, all others to training. The same
// for ever, on every machine.
Split split_of(std::span<const Token> prompt);

class SplitSampler {
 public:
  // `task` outlives this.
  explicit SplitSampler(const Task& task);

  // Whether the splits are kept apart: not where there may be fewer than 2^20 prompts of the task's
  // size. There a sixteenth would be too few to test on, and what is held out would be missed in
  // training.
  bool disjoint() const { return disjoint_; }

  // As Task::sample, but an instance of another split than `split` (train, validation or test) is
  // drawn again: 1.14 draws on average for training, 16 for the others. Smaller sizes may have no
  // prompt at all in a split; after 1,000 draws the last one stands.
  void sample(Split split, RandomStream& stream, int size, Instance& instance) const;

 private:
  const Task& task_;
  bool disjoint_;
};

}  // namespace surd::tasks
