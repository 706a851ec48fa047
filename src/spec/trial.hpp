// A trial: one training of a cell, and its id.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "spec/model.hpp"
#include "tasks/task.hpp"

namespace surd::spec {

// Raised by hand whenever the same settings would give other numbers than before; part of every id.
constexpr int numerics_version = 3;

// How the rate falls after the warm-up: along half a cosine, not at all, in a straight line, or in
// a straight line by the epoch of a fixed training set: as the predecessor's, which stands still
// within an epoch and is 0 in the first.
enum class Schedule { cosine, constant, linear, linear_by_epoch };

// Problem sizes in training; validation and test are always at the full size n. under: mixed as in
// the predecessor, size i with probability in proportion to i. curriculum: as under, but no larger
// than a bound that rises from the smallest size to n over the first half of the steps, each size
// being the bound for equally many of them.
enum class Sizes { full, under, curriculum };

struct Recipe {
  int batch_sequences = 0;  // sequences a step, over the whole team; resolved from {tokens: K} as
                            // max(1, floor(K / L))
  int training_set =
      0;  // instances, drawn once a seed and shuffled every epoch; 0: fresh ones in every step
  int steps = 1000;
  int warmup = 100;  // linear, in steps
  Schedule schedule = Schedule::cosine;
  double final_lr = 0.1;  // share of the peak rate at the last step
  double clip = 1.0;      // global gradient norm, per lane; 0: off
  double weight_decay = 0.01;
  double beta1 = 0.9;
  double beta2 = 0.98;
  double epsilon = 1e-8;
  int eval_every = 100;    // steps between validations
  int validation = 512;    // instances
  int test = 2048;         // instances
  double stop_at = 0.995;  // validation accuracy ...
  int stop_evals = 2;      // ... reached at so many validations in a row stops a lane
  Sizes sizes = Sizes::full;
  Precision precision = Precision::fp32;
  bool operator==(const Recipe&) const = default;
};

// Steps of an epoch of a fixed training set, whose last, incomplete batch is left out; 0 where
// every step draws fresh instances.
int steps_per_epoch(const Recipe& recipe);

std::string to_string(Schedule value);
std::string to_string(Sizes value);
const std::vector<std::string>& words(Schedule);
const std::vector<std::string>& words(Sizes);

// What all trials of a cell share.
struct Cell {
  tasks::TaskSettings task;  // resolved: size and every option
  int length = 0;            // task length(size): a derived label
  int positions = 0;         // longest input
  int vocabulary = 0;
  int hidden = 0;
  Architecture architecture;  // resolved
  ModelSettings model;
  Recipe recipe;
  int data_parallel = 1;
  bool operator==(const Cell&) const = default;
};

// A cell with a learning rate and a seed. Whoever keeps many trials keeps their cells once.
struct Trial : Cell {
  double learning_rate = 0;
  std::uint64_t seed = 0;
  bool operator==(const Trial&) const = default;
};

ModelShape shape(const Cell& cell);

// Canonical JSON of everything that can change the result (sorted keys, numbers in shortest form),
// and its hash.
Json to_json(const Trial& trial);
Trial trial_from_json(const Json& json);  // Error on damage: used for what the program itself wrote

// The ids of a cell's trials. What they share is written out once: an id then costs a hash of some
// hundred bytes.
class CellIds {
 public:
  explicit CellIds(const Cell& cell);
  TrialId id(double learning_rate, std::uint64_t seed) const;

 private:
  std::string before_rate_, before_seed_, after_;  // the canonical text without the two numbers
};
TrialId trial_id(const Trial& trial);

// Trials can share a bundle when the keys of their cells are equal: tensor shapes, task, size and
// everything of the recipe.
std::string bundle_key(const Cell& cell);

// Learning rate at `step` in [0, steps): linear warm-up to the peak at step `warmup`, then the
// schedule down to final_lr * peak at the last step. linear_by_epoch is
// get_linear_schedule_with_warmup of Hugging Face's transformers stepped once an epoch: rate 0 in
// the first epoch, final_lr * peak only after the last.
double learning_rate_at(const Recipe& recipe, double peak, int step);

// The problem size of one training instance of step `step` in [0, recipe.steps); takes what it
// needs from the instance's own stream.
int training_size(const tasks::Task& task, const Recipe& recipe, int step, RandomStream& stream);

// Mean tokens and supervised tokens of a training input of this task, over all steps, estimated
// from 256 fixed samples. For forecasts and FLOP counts.
struct MeanTokens {
  double tokens = 0;
  double supervised = 0;
};
MeanTokens mean_tokens(const tasks::Task& task, Sizes sizes);

}  // namespace surd::spec
