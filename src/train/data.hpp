// What a bundle trains, validates and is tested on: a pure function of (seed, split, step, index),
// whatever the layout.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "model/batch.hpp"
#include "spec/trial.hpp"
#include "tasks/split.hpp"
#include "tasks/task.hpp"

namespace surd::train {

// The contiguous share of `count` items that member `rank` of `size` takes; shares differ by one
// item at most.
struct Share {
  int first = 0;
  int last = 0;  // one past the end
};
Share share_of(int count, int rank, int size);

// Appends one instance to a packed batch: its inputs, and the supervised positions among them.
void append(model::Batch& batch, const tasks::Instance& instance);

// A fixed set of instances, cut into packed chunks of at most some thousand tokens.
struct EvaluationSet {
  struct Chunk {
    model::Batch batch;    // teacher-forced inputs and labels
    model::Batch prompts;  // up to and with the first separator; only where answers are generated
    std::vector<tasks::Instance> instances;  // the truth; only where answers are generated
  };
  int instances = 0;          // of the whole team
  std::vector<Chunk> chunks;  // this member's share; every member has the same number of chunks
                              // (some may be empty)
};

class Data {
 public:
  // `task` outlives this. rank, size: this member's place in the team.
  Data(const tasks::Task& task, const spec::Recipe& recipe, int rank, int size);

  // Overwrites `batch` with this member's sequences of training step `step` for `seed`.
  void training_batch(std::uint64_t seed, int step, model::Batch& batch);

  // Made once, on first use. Fixed per task and size: the same for every trial of a cell, so
  // accuracies are comparable.
  const EvaluationSet& validation();
  const EvaluationSet& test();

 private:
  EvaluationSet make_set(Split split, int count);

  const tasks::Task& task_;
  tasks::SplitSampler
      sampler_;  // train, validation and test share no instance where there are enough of them
  spec::Recipe recipe_;
  int rank_;
  int size_;
  tasks::Instance instance_;
  std::unique_ptr<EvaluationSet> validation_;
  std::unique_ptr<EvaluationSet> test_;
};

}  // namespace surd::train
