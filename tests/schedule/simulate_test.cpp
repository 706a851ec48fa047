#include "schedule/simulate.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>
#include <random>
#include <set>

#include "grid/plan.hpp"
#include "schedule/recorder.hpp"
#include "schedule/studies.hpp"

namespace surd::schedule {
namespace {

using test::make_study;
using test::Plan;
using test::result_of;

Plan quickstart() {
  return {.lengths = {16, 24, 32, 48, 64},
          .widths = {4, 6, 8, 12, 16, 24, 32, 48},
          .architectures = {"standard", "linear"},
          .seeds = 3,
          .learning_rates = 2};
}

std::vector<Worker> workers(int count, int a_node = 4) {
  std::vector<Worker> all;
  for (int i = 0; i < count; ++i)
    all.push_back(
        {.rank = Rank{i + 1}, .host = "node" + std::to_string(i / a_node), .device = "cpu"});
  return all;
}

// Standard is solved from width 8 on, linear from the length's half; a solved trial needs a third
// of its steps.
spec::TrialResult plausible(const grid::Study& study, TrialIndex trial) {
  const spec::Cell& settings = study.cells[study.trials[trial].cell];
  const int threshold = settings.architecture.name == "linear" ? settings.length / 2 : 8;
  return settings.hidden >= threshold ? result_of(1, settings.recipe.steps / 3)
                                      : result_of(0.3, settings.recipe.steps);
}

// A core: 10 GFLOP/s, lanes one after the other.
Scene scene_of(const grid::Study& study, int count) {
  Scene scene;
  scene.workers = workers(count);
  scene.step_s = [&study](TrialIndex trial, std::size_t lanes, const Worker&) {
    const grid::Cell& cell = study.cells[study.trials[trial].cell];
    return static_cast<double>(lanes) * grid::trial_cost(cell).flops() / cell.recipe.steps / 10e9;
  };
  scene.result = [&study](TrialIndex trial) { return plausible(study, trial); };
  return scene;
}

TEST_CASE("the same trials run on any number of workers, whatever the order of results") {
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 25; ++round) {
    const grid::Study study = make_study({.lengths = {16, 32, 64},
                                          .widths = {4, 6, 8, 12, 16, 24},
                                          .architectures = {"standard", "linear"},
                                          .seeds = 2,
                                          .learning_rates = 2});
    Indexed<TrialIndex, double> accuracy(study.trials.size());
    for (double& a : accuracy) a = std::bernoulli_distribution(0.75)(random) ? 1.0 : 0.4;
    std::vector<TrialIndex> expected;
    for (const int count : {1, 2, 3, 7, 50, 200}) {
      CAPTURE(round, count);
      Indexed<TrialIndex, double> pace(study.trials.size());
      for (double& p : pace) p = std::lognormal_distribution<>(0, 1)(random);
      Scene scene = scene_of(study, count);
      scene.step_s = [&](TrialIndex trial, std::size_t lanes, const Worker&) {
        return pace[trial] * static_cast<double>(lanes);
      };
      scene.result = [&](TrialIndex trial) { return result_of(accuracy[trial]); };
      if (count == 3) {
        for (Worker& worker : scene.workers) worker.lanes_together = true;
      }
      const Simulation simulation = simulate(study, scene);
      REQUIRE(simulation.outcome == Exit::complete);
      REQUIRE(std::adjacent_find(simulation.ran.begin(), simulation.ran.end()) ==
              simulation.ran.end());
      if (count == 1) expected = simulation.ran;
      REQUIRE(simulation.ran == expected);
    }
  }
}

TEST_CASE("a study interrupted at random and resumed runs the same trials, each once") {
  const std::uint32_t seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const grid::Study study = make_study(quickstart());
  const Simulation whole = simulate(study, scene_of(study, 3));
  REQUIRE(whole.outcome == Exit::complete);
  for (int round = 0; round < 10; ++round) {
    Scene scene = scene_of(study, 3);
    std::vector<TrialIndex> ran;
    double attempts_s = 0;
    Simulation part;
    do {
      CAPTURE(round);
      scene.stop_at_s = std::uniform_real_distribution<>(0.02, 0.5)(random) * whole.makespan_s;
      part = simulate(study, scene);
      ran.insert(ran.end(), part.ran.begin(), part.ran.end());
      for (const Simulation::Interval& interval : part.intervals)
        attempts_s += interval.end_s - interval.start_s;
      scene.past = part.past;
      scene.options.next_attempt += 1000;
    } while (part.outcome == Exit::stopped);
    CHECK(part.outcome == Exit::complete);
    std::sort(ran.begin(), ran.end());
    CHECK(ran == whole.ran);
    double whole_s = 0;
    for (const Simulation::Interval& interval : whole.intervals)
      whole_s += interval.end_s - interval.start_s;
    CHECK(attempts_s ==
          Approx(whole_s).epsilon(0.01));  // a step in flight at a stop is lost, no more
  }
}

TEST_CASE("the same scene gives the same messages") {
  const grid::Study study = make_study(quickstart());
  const Simulation first = simulate(study, scene_of(study, 5));
  const Simulation second = simulate(study, scene_of(study, 5));
  REQUIRE(first.intervals.size() == second.intervals.size());
  for (std::size_t i = 0; i < first.intervals.size(); ++i) {
    CHECK(first.intervals[i].worker == second.intervals[i].worker);
    CHECK(first.intervals[i].assignment.trials == second.intervals[i].assignment.trials);
    CHECK(first.intervals[i].end_s == second.intervals[i].end_s);
  }
}

TEST_CASE("workers are kept busy while there is work") {
  Plan plan = quickstart();
  plan.design = grid::Design::grid;
  const grid::Study grid = make_study(plan);
  CHECK(simulate(grid, scene_of(grid, 2)).busy > 0.99);
  CHECK(simulate(grid, scene_of(grid, 16)).busy > 0.97);
  const grid::Study ascend = make_study(quickstart());
  CHECK(simulate(ascend, scene_of(ascend, 2)).busy > 0.99);
  CHECK(simulate(ascend, scene_of(ascend, 16)).busy > 0.97);
}

TEST_CASE("one cell on many workers takes no longer than its share and one trial") {
  const grid::Study study = make_study({.widths = {16}, .seeds = 50, .learning_rates = 2});
  Scene scene = scene_of(study, 7);
  scene.result = [](TrialIndex) { return result_of(0.5); };
  const double trial_s = grid::trial_cost(study.cells[0]).flops() / 10e9;
  CHECK(simulate(study, scene).makespan_s <= trial_s * (100.0 / 7 + 1));
}

TEST_CASE("before the deadline every worker has given back, and what was saved is not repeated") {
  grid::Study study = make_study(quickstart());
  study.run.checkpoint_s = 5;
  const Simulation whole = simulate(study, scene_of(study, 4));
  Scene scene = scene_of(study, 4);
  scene.options.deadline_s = whole.makespan_s / 2 + 20;
  const Simulation part = simulate(study, scene);
  CHECK(part.outcome == Exit::stopped);
  CHECK(part.makespan_s <= whole.makespan_s / 2);
  CHECK(part.makespan_s > whole.makespan_s * 0.4);
}

TEST_CASE("a bad node is drained and bad trials are quarantined in the middle of a study") {
  const grid::Study study = make_study(quickstart());
  Scene scene = scene_of(study, 24);
  const std::set<TrialIndex> bad = {{100}, {200}};  // both in cells that run
  scene.fails = [&](const Assignment& assignment, const Worker& worker) {
    return worker.host == "node1" ||
           std::any_of(assignment.trials.begin(), assignment.trials.end(),
                       [&](TrialIndex trial) { return bad.contains(trial); });
  };
  scene.result = [](TrialIndex) { return result_of(0.5); };  // nothing is skipped
  const Simulation simulation = simulate(study, scene);
  CHECK(simulation.outcome == Exit::quarantined);
  std::set<TrialIndex> quarantined;
  for (const TrialIndex trial : simulation.states.places()) {
    if (simulation.states[trial] == TrialState::quarantined) quarantined.insert(trial);
  }
  CHECK(quarantined == bad);
  CHECK(std::count_if(simulation.notes.begin(), simulation.notes.end(),
                      [](const std::string& note) { return note.starts_with("drain node1:"); }) ==
        1);
  CHECK(std::count_if(simulation.notes.begin(), simulation.notes.end(),
                      [](const std::string& note) { return note.starts_with("drain"); }) == 1);
}

TEST_CASE("a hundred thousand trials on a thousand workers", "[.][measure]") {
  Plan plan{.lengths = {},
            .widths = {8, 12, 16, 24, 32, 48, 64, 96, 128, 192},
            .architectures = {"standard", "linear", "sparse"},
            .seeds = 8,
            .learning_rates = 4};
  for (int length = 16; length < 16 + 2 * 104; length += 2) plan.lengths.push_back(length);
  plan.design = grid::Design::grid;
  for (const auto design : {grid::Design::grid, grid::Design::ascend}) {
    plan.design = design;
    const grid::Study study = make_study(plan);
    Indexed<TrialIndex, double> lane_step_s;
    Indexed<TrialIndex, spec::TrialResult> results;
    for (const TrialIndex trial : study.trials.places()) {
      lane_step_s.push_back(trial.value % 32 == 0
                                ? grid::trial_cost(study.cells[study.trials[trial].cell]).flops() /
                                      plan.steps / 10e9
                                : lane_step_s.back());
      results.push_back(plausible(study, trial));
    }
    Scene scene = scene_of(study, 1000);
    scene.step_s = [&](TrialIndex trial, std::size_t lanes, const Worker&) {
      return static_cast<double>(lanes) * lane_step_s[trial];
    };
    scene.result = [&](TrialIndex trial) { return results[trial]; };
    using Clock = std::chrono::steady_clock;
    const auto seconds_since = [](Clock::time_point start) {
      return std::chrono::duration<double>(Clock::now() - start).count();
    };
    auto start = Clock::now();
    test::Recorder outbox;
    const Scheduler scheduler(study, {}, {}, outbox);
    const double construction_s = seconds_since(start);
    start = Clock::now();
    const Simulation simulation = simulate(study, scene);
    const double run_s = seconds_since(start) - construction_s;
    std::cout << to_string(design) << ": " << study.trials.size() << " trials, "
              << simulation.ran.size() << " ran, busy " << simulation.busy << "; construction "
              << construction_s << " s, then " << simulation.events << " events and "
              << simulation.messages << " messages in " << run_s
              << " s (with the simulator): " << 1e6 * run_s / static_cast<double>(simulation.events)
              << " us an event\n";
  }
}

}  // namespace
}  // namespace surd::schedule
