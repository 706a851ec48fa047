#include "schedule/scheduler.hpp"

#include <catch2/catch.hpp>

#include "grid/plan.hpp"
#include "schedule/recorder.hpp"
#include "schedule/studies.hpp"
#include "spec/memory.hpp"

namespace surd::schedule {
namespace {

using test::Bench;
using test::Lines;
using test::make_study;
using test::result_of;
using test::singles;

// Two cells, six trials each: one seed a lane.
grid::Study two_cells() {
  return make_study(
      {.widths = {4, 8}, .seeds = 6, .learning_rates = 1, .design = grid::Design::grid});
}

TEST_CASE("nothing is sent before a worker joins") {
  Bench bench(two_cells());
  bench.scheduler.tick(1);
  CHECK(bench.scheduler.counts().left == 12);
  CHECK_FALSE(bench.scheduler.over());
}

TEST_CASE("the longest bundle starts first, and workers are dismissed when all is done") {
  Bench bench(singles({4, 16, 8}));
  bench.join(1);
  CHECK(bench.outbox.take() == Lines{"assign 1: 1"});
  CHECK(bench.scheduler.counts().running == 1);
  CHECK_FALSE(bench.scheduler.idle());
  bench.finish(1, 1);
  CHECK(bench.outbox.take() == Lines{"assign 1: 2"});
  bench.finish(1, 1);
  CHECK(bench.outbox.take() == Lines{"assign 1: 0"});
  bench.finish(1, 1);
  CHECK(bench.outbox.take() == Lines{"dismiss 1"});
  CHECK(bench.scheduler.over());
  CHECK(bench.scheduler.outcome() == Exit::complete);
  CHECK(bench.scheduler.why().empty());
}

TEST_CASE("a search opens trials, and nothing is over before it says so") {
  grid::Study study = singles({4, 16, 8});
  study.run.design = grid::Design::boundary;
  Bench bench(study);
  bench.join(1);
  CHECK(bench.outbox.take().empty());
  CHECK(bench.scheduler.counts().skipped == 3);
  bench.scheduler.open(schedule::test::Trials{2}, 0);
  CHECK(bench.outbox.take() == Lines{"assign 1: 2"});
  bench.finish(1, 1);
  CHECK(bench.outbox.take().empty());  // it waits for what the search asks for next
  CHECK_FALSE(bench.scheduler.over());
  CHECK(bench.scheduler.outcome() == Exit::stopped);
  bench.scheduler.open(schedule::test::Trials{1, 2}, 0);  // what is done stays so
  CHECK(bench.outbox.take() == Lines{"assign 1: 1"});
  bench.scheduler.close(0);
  CHECK_FALSE(bench.scheduler.over());
  bench.finish(1, 1);
  CHECK(bench.outbox.take() == Lines{"dismiss 1"});
  CHECK(bench.scheduler.over());
  CHECK(bench.scheduler.outcome() == Exit::complete);
  CHECK(bench.scheduler.counts().skipped == 1);
}

TEST_CASE("one cell is shared by the workers that wait") {
  Bench bench(make_study({.widths = {4}, .seeds = 8, .learning_rates = 2}), {}, {.workers = 4});
  for (int rank = 1; rank <= 4; ++rank) bench.join(rank);
  // Half of a fair share at each turn: those still to join count too.
  CHECK(bench.outbox.take() == Lines{"assign 1: 0 1", "assign 2: 2", "assign 3: 3", "assign 4: 4"});
  for (const int rank : {1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3}) bench.finish(rank, 1);
  CHECK(bench.outbox.take() == Lines{"assign 1: 5", "assign 2: 6", "assign 3: 7", "assign 4: 8",
                                     "assign 1: 9", "assign 2: 10", "assign 3: 11", "assign 4: 12",
                                     "assign 1: 13", "assign 2: 14", "assign 3: 15"});
  for (const int rank : {4, 1, 2, 3}) bench.finish(rank, 1);
  CHECK(bench.outbox.take() == Lines{"dismiss 1", "dismiss 2", "dismiss 3", "dismiss 4"});
}

TEST_CASE("a result that opens widths gives work to those who wait, before its bundle ends") {
  Bench bench(make_study({.widths = {4, 8, 16, 32}, .seeds = 1, .learning_rates = 1}));
  for (int rank = 1; rank <= 4; ++rank) bench.join(rank);
  CHECK(bench.outbox.take() == Lines{"assign 1: 1", "assign 2: 0"});
  bench.done(1, 1, 0.2);
  CHECK(bench.outbox.take() == Lines{"assign 3: 3", "assign 4: 2"});
  bench.end(1);
  for (const int rank : {2, 3, 4}) bench.finish(rank, 0.3);
  CHECK(bench.outbox.take() == Lines{"dismiss 1", "dismiss 2", "dismiss 3", "dismiss 4"});
  CHECK(bench.scheduler.counts().done == 4);
}

TEST_CASE("two solved widths skip the rest") {
  Bench bench(make_study({.widths = {4, 8, 16, 32}, .seeds = 1, .learning_rates = 2}));
  bench.join(1);
  bench.join(2);
  bench.outbox.take();
  while (!bench.scheduler.over()) {
    for (const int rank : {1, 2}) {
      if (bench.scheduler.trials()[bench.outbox.last(rank).trials.front()].state ==
          TrialState::running)
        bench.finish(rank, 1);
    }
  }
  bench.outbox.take();
  const Counts counts = bench.scheduler.counts();
  CHECK(counts.done == 4);
  CHECK(counts.skipped == 4);
  CHECK(counts.left == 0);
  for (std::size_t trial = 0; trial < 8; ++trial) {
    CHECK(bench.scheduler.trials()[trial].state ==
          (trial < 4 ? TrialState::done : TrialState::skipped));
  }
  CHECK(bench.scheduler.outcome() == Exit::complete);
}

TEST_CASE(
    "a stop goes once to each running worker, others are dismissed, and it is over when all have "
    "given back") {
  Bench bench(singles({4, 8}));
  for (int rank = 1; rank <= 3; ++rank) bench.join(rank);
  CHECK(bench.outbox.take() == Lines{"assign 1: 1", "assign 2: 0"});
  bench.scheduler.stop_asked(5);
  CHECK(bench.outbox.take() == Lines{"stop 1", "stop 2", "dismiss 3"});
  bench.scheduler.stop_asked(6);
  bench.scheduler.tick(7);
  CHECK(bench.outbox.take() == Lines{});
  CHECK_FALSE(bench.scheduler.over());
  bench.end(1, spec::AttemptEnd::stopped);
  CHECK(bench.outbox.take() == Lines{"dismiss 1"});
  bench.finish(2, 1);  // it ended by itself before the stop reached it
  CHECK(bench.outbox.take() == Lines{"dismiss 2"});
  CHECK(bench.scheduler.over());
  CHECK(bench.scheduler.outcome() == Exit::stopped);
  CHECK(bench.scheduler.why() == "a stop was asked for");
  CHECK(bench.scheduler.stop_was_asked());
  CHECK(bench.scheduler.counts().left == 1);
  bench.join(4);
  CHECK(bench.outbox.take() == Lines{"dismiss 4"});
}

TEST_CASE("a worker that stops unasked stops the study: the signal reached it first") {
  Bench bench(singles({4, 8}));
  bench.join(1);
  bench.join(2);
  bench.outbox.take();
  bench.end(2, spec::AttemptEnd::stopped);
  CHECK(bench.outbox.take() == Lines{"stop 1", "dismiss 2"});
  bench.end(1, spec::AttemptEnd::stopped);
  CHECK(bench.outbox.take() == Lines{"dismiss 1"});
}

TEST_CASE("stopping a study without workers ends it at once") {
  Bench bench(singles({4}));
  bench.scheduler.stop_asked(0);
  CHECK(bench.scheduler.over());
  CHECK(bench.scheduler.outcome() == Exit::stopped);
}

TEST_CASE("the trials of an attempt that failed are ready again from their last checkpoint") {
  Bench bench(make_study({.widths = {4}, .seeds = 1, .learning_rates = 1}));
  bench.join(1);
  CHECK(bench.outbox.take() == Lines{"assign 1: 0"});
  const AttemptId attempt = bench.outbox.last(1).attempt;
  bench.scheduler.progress(Rank{1}, attempt, std::vector<LaneProgress>{{0, 300, 0.5}}, 1);
  bench.scheduler.checkpoint_saved(Rank{1}, attempt, std::vector<SavedLane>{{0, 350}});
  bench.scheduler.progress(Rank{1}, attempt, std::vector<LaneProgress>{{0, 400, 0.6}}, 2);
  CHECK(bench.scheduler.trials()[0].step == 400);
  CHECK(bench.scheduler.trials()[0].accuracy == 0.6);
  bench.end(1, spec::AttemptEnd::failed, "no memory");
  CHECK(bench.outbox.take() == Lines{"assign 1: 0"});
  CHECK(bench.scheduler.trials()[0].step == 350);
  CHECK(bench.outbox.last(1).attempt == AttemptId{attempt.value + 1});
  bench.finish(1, 1);
  CHECK(bench.outbox.take() == Lines{"dismiss 1"});
}

TEST_CASE("events that contradict what was assigned are errors") {
  Bench bench(singles({4, 8}));
  bench.join(1);
  bench.outbox.take();
  const AttemptId attempt = bench.outbox.last(1).attempt;
  CHECK_THROWS_AS(bench.join(1), Error);
  CHECK_THROWS_AS(bench.scheduler.trial_done(Rank{1}, AttemptId{99}, {1}, result_of(1), 0), Error);
  CHECK_THROWS_AS(bench.scheduler.trial_done(Rank{1}, attempt, {0}, result_of(1), 0), Error);
  CHECK_THROWS_AS(bench.scheduler.trial_done(Rank{1}, attempt, {77}, result_of(1), 0), Error);
  bench.done(1, 1, 1);
  CHECK_THROWS_AS(bench.done(1, 1, 1), Error);
  CHECK_THROWS_WITH(bench.scheduler.progress(Rank{7}, attempt, {}, 0), Catch::Contains("rank 7"));
  CHECK_THROWS_AS(
      bench.scheduler.checkpoint_saved(Rank{1}, attempt, std::vector<SavedLane>{{1, 10}}),
      Error);  // it is done
  CHECK_THROWS_WITH(
      bench.scheduler.bundle_ended(Rank{1}, AttemptId{99}, spec::AttemptEnd::finished, "", 0),
      Catch::Contains("rank 1") && Catch::Contains("attempt 99") && Catch::Contains("attempt 1"));
}

TEST_CASE("a run goes on from what earlier ones left") {
  Indexed<TrialIndex, Past> past(8);  // widths 4, 8, 16, 32; two seeds, one rate
  past[0] = past_of(result_of(0.1));
  past[1] = past_of(result_of(0.95));
  past[2] = past_of(result_of(1.0));
  past[3].kind = Past::Kind::quarantined;
  past[4].saved_step = 600;
  past[7] = past_of(result_of(0.5));  // from a design that ran more
  Bench bench(make_study({.seeds = 2, .learning_rates = 1}), past,
              {.next_attempt = 41, .workers = 2});
  CHECK(bench.scheduler.counts().done == 4);
  CHECK(bench.scheduler.counts().failed == 1);
  bench.join(1);
  bench.join(2);
  CHECK(bench.outbox.take() == Lines{"assign 1: 6", "assign 2: 4"});
  CHECK(bench.outbox.last(1).attempt == AttemptId{41});
  CHECK(bench.scheduler.trials()[4].step == 600);
  bench.finish(1, 0);
  CHECK(bench.outbox.take() == Lines{"assign 1: 5"});
  bench.finish(1, 0);
  bench.finish(2, 0);
  CHECK(bench.outbox.take() == Lines{"dismiss 1", "dismiss 2"});
  CHECK(bench.scheduler.outcome() == Exit::quarantined);
}

TEST_CASE("a finished study sends its workers home at once") {
  Bench bench(singles({4}), {past_of(result_of(1))});
  CHECK(bench.scheduler.over());
  bench.join(1);
  CHECK(bench.outbox.take() == Lines{"dismiss 1"});
  CHECK(bench.scheduler.outcome() == Exit::complete);
}

TEST_CASE("a past of another size is an error") {
  test::Recorder outbox;
  const grid::Study study = singles({4});
  CHECK_THROWS_AS(Scheduler(study, Indexed<TrialIndex, Past>(2), {}, outbox), Error);
}

TEST_CASE("stop is sent before the deadline") {
  Bench bench(singles({4, 8}), {}, {.deadline_s = 1000.0, .stop_lead_s = 20});
  bench.join(1);
  bench.scheduler.tick(979);
  CHECK(bench.outbox.take() == Lines{"assign 1: 1"});
  bench.scheduler.tick(980);
  CHECK(bench.outbox.take() == Lines{"stop 1"});
  bench.end(1, spec::AttemptEnd::stopped);
  CHECK(bench.outbox.take() == Lines{"dismiss 1"});
  CHECK(bench.scheduler.outcome() == Exit::stopped);
  CHECK(bench.scheduler.why() == "the time is up");
  CHECK_FALSE(bench.scheduler.stop_was_asked());
}

TEST_CASE("near the deadline only bundles start that end in time") {
  grid::Study study = singles({4, 8, 64});
  const double flops = grid::trial_cost(study.cells[1]).flops();
  // 30 s are left and a checkpoint comes after 60: width 8 takes 25 s, width 64 far more.
  Bench bench(study, {},
              {.deadline_s = 50.0, .stop_lead_s = 20, .calibration = {{"cpu", flops / 25}}});
  bench.join(1);
  CHECK(bench.outbox.take() == Lines{"assign 1: 1"});
  bench.now_s = 25;
  bench.finish(1, 1);
  // 5 s are left: not enough for width 4 either (it takes some 10).
  CHECK(bench.outbox.take() == Lines{"dismiss 1"});
  CHECK(bench.scheduler.over());
  CHECK(bench.scheduler.outcome() == Exit::stopped);
  CHECK(bench.scheduler.why() == "nothing that is left fits the time that is left");
}

TEST_CASE("a bundle is cut to what fits the time left") {
  grid::Study study = make_study({.widths = {8}, .seeds = 16, .learning_rates = 1});
  const double flops = grid::trial_cost(study.cells[0]).flops();
  Bench bench(study, {},
              {.deadline_s = 50.0, .stop_lead_s = 20, .calibration = {{"cpu", flops / 10}}});
  bench.join(1);
  CHECK(bench.outbox.take() == Lines{"assign 1: 0 1"});  // three would fit: found by halving
  bench.scheduler.stop_asked(1);
  CHECK(bench.outbox.take() == Lines{"stop 1"});
  bench.end(1, spec::AttemptEnd::stopped);
  CHECK(bench.outbox.take() == Lines{"dismiss 1"});
}

TEST_CASE("without a forecast nothing starts later than one checkpoint before the deadline") {
  Bench bench(singles({4}), {}, {.deadline_s = 100.0, .stop_lead_s = 20});
  bench.now_s = 20.1;  // checkpoint_s is 60
  bench.join(1);
  CHECK(bench.outbox.take() == Lines{"dismiss 1"});
}

TEST_CASE("max_lanes and memory bound the lanes trained together") {
  grid::Study study = make_study({.widths = {8}, .seeds = 16, .learning_rates = 1});
  const grid::Cell& cell = study.cells[0];
  const spec::ModelShape shape = spec::shape(cell);
  const double lane_bytes =
      spec::lane_bytes(shape, spec::load(cell.recipe, cell.mean, false, 1, 1));
  for (const bool by_memory : {false, true}) {
    Options options;
    if (!by_memory) options.max_lanes = 5;
    Bench bench(study, {}, options);
    bench.scheduler.worker_joined({Rank{1}, "node1", "gpu", true, by_memory ? lane_bytes * 5.6 : 0},
                                  0);
    CHECK(bench.outbox.take() == Lines{"assign 1: 0 1 2 3 4"});
    bench.scheduler.stop_asked(0);
    bench.end(1, spec::AttemptEnd::stopped);
    bench.outbox.take();
  }
}

TEST_CASE("a GPU leaves lanes to those still to join") {
  Bench bench(make_study({.widths = {8}, .seeds = 6, .learning_rates = 1}), {}, {.workers = 2});
  for (int rank = 1; rank <= 2; ++rank)
    bench.scheduler.worker_joined({Rank{rank}, "node1", "gpu", true}, 0);
  CHECK(bench.outbox.take() == Lines{"assign 1: 0 1 2", "assign 2: 3 4 5"});
  bench.finish(1, 1);
  bench.finish(2, 1);
  CHECK(bench.outbox.take() == Lines{"dismiss 1", "dismiss 2"});
}

TEST_CASE("the forecast is FLOPs over rates, corrected by what was measured") {
  grid::Study study = singles({8, 8, 8, 8});
  const double flops = grid::trial_cost(study.cells[0]).flops();
  Bench bench(study, {}, {.calibration = {{"cpu", flops / 100}}});
  CHECK_FALSE(bench.scheduler.forecast_left_s(0));
  bench.join(1);
  CHECK(*bench.scheduler.forecast_left_s(0) == Approx(400));
  bench.now_s = 200;  // twice as long as calibrated
  bench.finish(1, 0.5);
  CHECK(*bench.scheduler.forecast_left_s(200) == Approx(600));
  CHECK(bench.outbox.take().size() == 2);
  bench.scheduler.stop_asked(200);
  bench.end(1, spec::AttemptEnd::stopped);
  bench.outbox.take();
}

TEST_CASE("the forecast weighs widths that may be skipped") {
  const grid::Study study = make_study(
      {.widths = {8, 8, 8, 8}, .seeds = 1, .learning_rates = 1});  // equal widths: equal costs
  const double flops = grid::trial_cost(study.cells[0]).flops();
  Bench bench(study, {}, {.calibration = {{"cpu", flops / 100}}});
  bench.join(1);
  CHECK(*bench.scheduler.forecast_left_s(0) == Approx(100 * (2 + 0.5 + 0.25)));
  bench.outbox.take();
  bench.scheduler.stop_asked(0);
  bench.end(1, spec::AttemptEnd::stopped);
  bench.outbox.take();
}

}  // namespace
}  // namespace surd::schedule
