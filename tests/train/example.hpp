// Small trials for the trainer's tests, and an observer that keeps what it is told.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "spec/architecture.hpp"
#include "spec/trial.hpp"
#include "tasks/task.hpp"
#include "train/train.hpp"

namespace surd::train::example {

// A small model of a task, in batches of 48 for 60 steps.
inline spec::Trial trial_of(const tasks::TaskSettings& settings, double learning_rate,
                            std::uint64_t seed, const std::string& architecture = "standard") {
  spec::Trial trial;
  trial.task = tasks::resolve(settings);
  const auto task = tasks::make_task(trial.task);
  trial.length = task->length();
  trial.positions = task->positions();
  trial.vocabulary = task->vocabulary();
  trial.hidden = 8;
  trial.architecture = spec::resolve({.name = architecture, .options = Json::object()});
  trial.recipe.batch_sequences = 48;
  trial.recipe.steps = 60;
  trial.recipe.warmup = 10;
  trial.recipe.eval_every = 20;
  trial.recipe.validation = 64;
  trial.recipe.test = 96;
  trial.learning_rate = learning_rate;
  trial.seed = seed;
  return trial;
}

// lookup, n = 4 of 3 symbols: solved in some hundred steps.
inline spec::Trial trial(double learning_rate, std::uint64_t seed,
                         const std::string& architecture = "standard") {
  return trial_of({.name = "lookup", .size = 4, .options = {{"symbols", 3}}}, learning_rate, seed,
                  architecture);
}

class Keeper : public Observer {
 public:
  std::map<int, spec::TrialResult> results;
  std::map<int, std::vector<spec::CurvePoint>> curves;
  std::vector<LaneState> states;  // of the last checkpoint
  int checkpoints = 0;
  std::map<Work, int> pieces;              // begun
  long asked = 0;                          // how often about a stop
  std::optional<long> stop_at{};           // the answer is yes from this question on
  std::optional<long> checkpoint_every{};  // questions

  void begins(Work work) override { ++pieces[work]; }
  void evaluated(int lane, const spec::CurvePoint& point) override {
    curves[lane].push_back(point);
  }
  void finished(int lane, const spec::TrialResult& result) override { results[lane] = result; }
  bool stop_asked() override {
    ++asked;
    return stop_at && asked >= *stop_at;
  }
  bool checkpoint_due() override { return checkpoint_every && asked % *checkpoint_every == 0; }
  void checkpoint(std::vector<LaneState> lanes) override {
    states = std::move(lanes);
    ++checkpoints;
  }
};

// Everything deterministic of a result, digit for digit.
inline std::string fingerprint(spec::TrialResult result) {
  result.seconds = 0;
  return spec::to_json(result).dump();
}

inline spec::AttemptEnd run(const std::vector<spec::Trial>& trials, Keeper& keeper,
                            cluster::Group& group, std::vector<std::string> states = {}) {
  states.resize(trials.size());
  return train_bundle(trials, states, at::kCPU, group, keeper);
}

}  // namespace surd::train::example
