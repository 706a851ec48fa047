// Runs a study on simulated workers: the scheduler and its messages, and a search where the design
// has one, are real; training is a cost and a result for each trial.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "grid/study.hpp"
#include "schedule/scheduler.hpp"
#include "spec/result.hpp"

namespace surd::schedule {

struct Scene {
  std::vector<Worker> workers;
  // Seconds of one step of a bundle of so many lanes like this trial (lanes that run one after the
  // other: the sum over them).
  std::function<double(TrialIndex trial, std::size_t lanes, const Worker&)> step_s;
  std::function<spec::TrialResult(TrialIndex trial)> result;  // its steps say when the lane stops
  // Whether this attempt fails (at its first step); none: never.
  std::function<bool(const Assignment&, const Worker&)> fails{};
  std::optional<double> stop_at_s{};  // stop_asked at this time
  Indexed<TrialIndex, Past> past{};
  Options options{};  // workers: 0 stands for all of them
};

struct Simulation {
  struct Interval {
    std::size_t worker = 0;  // place in Scene::workers
    Assignment assignment;
    double start_s = 0;
    double end_s = 0;
    spec::AttemptEnd end = spec::AttemptEnd::finished;
  };
  double makespan_s = 0;            // when the last attempt ended
  double busy = 0;                  // share of workers x makespan spent in attempts
  std::vector<Interval> intervals;  // in the order of their ends
  std::vector<TrialIndex> ran;      // trials that got a result here, ascending
  Indexed<TrialIndex, Past> past;   // of every trial, afterwards: what a further run starts from
  Indexed<TrialIndex, TrialState> states;
  std::vector<std::string> notes;  // "quarantine ...", "drain ...", in order
  std::int64_t events = 0;         // told to the scheduler
  std::int64_t messages = 0;       // sent by it
  Exit outcome = Exit::complete;
  std::string why;
};

// Lanes of a bundle advance together, as the trainer's do. Deterministic. Error where a message
// contradicts the protocol: work for a busy or dismissed worker, a stop for an idle one, a trial
// assigned twice, a worker not dismissed at the end.
Simulation simulate(const grid::Study& study, const Scene& scene);

}  // namespace surd::schedule
