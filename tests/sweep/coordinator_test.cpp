// The coordinator on a transport inside the test: what it says to workers, what it writes, and what
// it tells the user.
#include "sweep/coordinator.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <thread>

#include "base/file_calls.hpp"
#include "base/files.hpp"
#include "store/history.hpp"
#include "store/journal.hpp"
#include "sweep/small_study.hpp"

using namespace surd;
using namespace surd::sweep;
using namespace surd::sweep::test;
using Catch::Contains;

namespace {

// A coordinator and workers whose every word the test gives.
class Stage {
 public:
  explicit Stage(SmallRun& small, int workers = 1, std::optional<double> audit = {},
                 std::optional<double> silent_s = {})
      : run_(small.run),
        processes_(workers + 1),
        coordinator(small.study, small.run, processes_.at(0), settings(workers, audit, silent_s)) {}

  void say(int rank, const Message& message) { processes_.at(rank).send(0, pack(message)); }
  void join(int rank, Device device = {.instructions = "avx2"}) {
    say(rank, Joined{"node" + std::to_string(rank), 100 + rank, std::move(device), {rank}, true});
  }
  // The next message to the rank but for signs of life, which must be of this kind.
  template <typename Kind>
  Kind hear(int rank) {
    Message message = Sign{};
    while (std::holds_alternative<Sign>(message)) {
      const auto received = processes_.at(rank).poll();
      REQUIRE(received);
      message = unpack(received->bytes);
    }
    REQUIRE(std::holds_alternative<Kind>(message));
    return std::get<Kind>(message);
  }
  // Every lane gets this result, then the bundle ends.
  void finish(int rank, const Assigned& assigned, double accuracy) {
    for (int lane = 0; lane < static_cast<int>(assigned.lanes.size()); ++lane)
      say(rank, LaneDone{assigned.attempt, lane, result_of(accuracy)});
    say(rank, BundleEnded{assigned.attempt, spec::AttemptEnd::finished, ""});
  }
  // Worker 1 takes all four trials of the study, bundle by bundle.
  void train_all(double accuracy) {
    for (std::size_t lanes = 0; lanes < 4;) {
      CHECK(coordinator.turn());
      const Assigned assigned = hear<Assigned>(1);
      lanes += assigned.lanes.size();
      finish(1, assigned, accuracy);
    }
  }
  std::string doing(int rank) {
    const auto state = store::read_state(run_);
    return state.ranks.at(static_cast<std::size_t>(rank)).doing;
  }

  bool stop = false;

 private:
  Coordinator::Settings settings(int workers, std::optional<double> audit,
                                 std::optional<double> silent_s) {
    return {{"a machine"}, workers, [this] { return stop; }, audit, silent_s};
  }

  const store::RunFolder& run_;
  cluster::InProcess processes_;

 public:
  Coordinator coordinator;
};

}  // namespace

TEST_CASE("a study is handed out, recorded and told to its end") {
  SmallRun small;
  Stage stage(small);
  CHECK(store::read_state(small.run).phase == "starting");
  stage.join(1);
  std::size_t lanes = 0;
  while (lanes < 4) {
    CHECK(stage.coordinator.turn());
    const Assigned assigned = stage.hear<Assigned>(1);
    CHECK(assigned.lanes.front().checkpoint.empty());
    lanes += assigned.lanes.size();
    stage.finish(1, assigned, 1);
  }
  CHECK_FALSE(stage.coordinator.turn());
  stage.hear<Dismissed>(1);
  CHECK(stage.coordinator.finish() == Exit::complete);
  const store::RunState state = store::read_state(small.run);
  CHECK(state.phase == "over");
  CHECK(state.exit_code == 0);
  CHECK(state.done == 4);
  CHECK(state.sentence == "complete: 4 trials done, 0 skipped by the design");
  CHECK_THAT(stage.coordinator.closing_words(), Contains("complete: 4 trials done") &&
                                                    Contains("0 trials were done before") &&
                                                    Contains("results.h5"));
}

TEST_CASE("a stopped run goes on from its checkpoints, and says from which step") {
  SmallRun small;
  {
    Stage stage(small);
    stage.join(1);
    stage.coordinator.turn();
    const Assigned assigned = stage.hear<Assigned>(1);
    REQUIRE(assigned.lanes.size() == 1);
    stage.say(1, Progressed{assigned.attempt, {{0, 50, 0.5}}});
    stage.stop = true;
    stage.coordinator.turn();
    stage.hear<Stop>(1);
    stage.say(1, CheckpointSaved{assigned.attempt, "attempt-000001-0000.ckpt", {{0, 61}}});
    stage.say(1, BundleEnded{assigned.attempt, spec::AttemptEnd::stopped, ""});
    CHECK_FALSE(stage.coordinator.turn());
    stage.hear<Dismissed>(1);
    CHECK(stage.coordinator.finish() == Exit::stopped);
    const store::RunState state = store::read_state(small.run);
    const std::string sentence =
        fmt::format("stopped: 4 trials left; go on with: surd run {}", small.run.path().string());
    CHECK(state.phase == "stopped");
    CHECK(state.sentence == sentence);
    CHECK_THAT(stage.coordinator.closing_words(),
               Catch::StartsWith("trained for ") && Catch::EndsWith("results.h5\n" + sentence));
  }
  Stage stage(small);
  stage.join(1);
  stage.coordinator.turn();
  const Assigned assigned = stage.hear<Assigned>(1);
  CHECK(assigned.lanes.front().checkpoint == "attempt-000001-0000.ckpt");
  stage.coordinator.finish();
  CHECK_THAT(stage.doing(1), Contains("0 of 1 trials done, step 61 of 100"));
}

TEST_CASE("a run that the time stops says so; one that waits for its audit names it") {
  SmallRun small;
  {
    grid::Study& study = small.study;
    study.run.time_limit_s = 0.001;
    Stage stage(small);
    stage.join(1);
    while (stage.coordinator.turn()) {
    }
    CHECK(stage.coordinator.finish() == Exit::stopped);
    CHECK_THAT(
        store::read_state(small.run).sentence,
        Contains("stopped, as nothing that is left fits the time that is left: 4 trials left; go "
                 "on with: surd run "));
    study.run.time_limit_s.reset();
  }
  Stage stage(small, 1, 0.25);
  stage.join(1);
  for (std::size_t lanes = 0; lanes < 4;) {
    stage.coordinator.turn();
    const Assigned assigned = stage.hear<Assigned>(1);
    lanes += assigned.lanes.size();
    stage.finish(1, assigned, 0.25);
    stage.stop = lanes == 4;
  }
  while (stage.coordinator.turn()) {
  }
  CHECK(stage.coordinator.finish() == Exit::stopped);
  CHECK_THAT(store::read_state(small.run).sentence,
             Contains("stopped: the budget audit left; go on with: surd run ") &&
                 Catch::EndsWith(" --audit 0.25"));
}

TEST_CASE("a failed bundle leaves a log, and its trials are tried on the other node") {
  SmallRun small;
  Stage stage(small, 2);
  stage.join(1);
  stage.join(2, {.kind = DeviceKind::cuda, .name = "some GPU"});
  stage.coordinator.turn();
  const Assigned first = stage.hear<Assigned>(1);
  const Assigned second = stage.hear<Assigned>(2);
  stage.say(2, BundleEnded{second.attempt, spec::AttemptEnd::failed, "no memory"});
  stage.finish(1, first, 1);
  stage.coordinator.turn();
  const auto log = small.run.log() / fmt::format("attempt-{:06}.log", second.attempt.value);
  CHECK_THAT(read_file(log),
             Contains("no memory") && Contains("cuda some GPU") && Contains("process 102"));
  const Assigned again = stage.hear<Assigned>(1);
  CHECK(spec::trial_id(again.lanes.front().trial) == spec::trial_id(second.lanes.front().trial));
  const auto history = store::replay(store::read_journal(small.run.journal()).records);
  CHECK(history.attempts.at(second.attempt).start.device == "cuda some GPU");
  CHECK(history.attempts.at(first.attempt).start.device == "cpu avx2");
}

TEST_CASE("an audit follows on the complete study, and the state keeps them apart") {
  SmallRun small;
  Stage stage(small, 1, 1.0);
  stage.join(1);
  stage.train_all(0.25);
  for (std::size_t lanes = 0; lanes < 4;) {
    CHECK(stage.coordinator.turn());
    const Assigned assigned = stage.hear<Assigned>(1);
    CHECK(assigned.lanes.front().trial.recipe.steps == 200);
    lanes += assigned.lanes.size();
    stage.finish(1, assigned, lanes == 4 ? 1 : 0.25);
  }
  CHECK_FALSE(stage.coordinator.turn());
  CHECK(stage.coordinator.finish() == Exit::complete);
  const store::RunState state = store::read_state(small.run);
  CHECK(state.total == 4);
  REQUIRE(state.audit);
  CHECK(state.audit->total == 4);
  CHECK(state.audit->done == 4);
  CHECK_THAT(state.sentence,
             Contains("complete: 4 trials done") &&
                 Contains("with twice the steps 1 of 4 unsolved trials are solved"));
}

TEST_CASE("a rank that hangs ends the run, which says who, and records what ran as lost") {
  SmallRun small;
  Stage stage(small, 2, {}, 0.4);
  stage.join(1);
  stage.join(2);
  stage.coordinator.turn();
  const Assigned hung = stage.hear<Assigned>(1);
  const Assigned other = stage.hear<Assigned>(2);
  stage.say(1, Sign{"a checkpoint", 7});
  std::int64_t count = 0;
  const auto go_on = [&] {
    for (int turns = 0; turns < 6000; ++turns) {  // a minute at the most
      stage.say(2, Sign{"a step", ++count});
      stage.coordinator.turn();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  };
  CHECK_THROWS_WITH(go_on(), Contains("rank 1 (process 101 on node1) hangs: no progress for") &&
                                 Contains("a checkpoint") && Contains("start"));
  stage.coordinator.give_up("rank 1 hangs");
  CHECK_THAT(stage.doing(1), Contains("no progress for") && Contains("a checkpoint; "));
  CHECK_THAT(stage.doing(2), !Contains("no progress"));
  CHECK_FALSE(store::read_state(small.run).left_s);
  const auto history = store::replay(store::read_journal(small.run.journal()).records);
  for (const AttemptId attempt : {hung.attempt, other.attempt}) {
    REQUIRE(history.attempts.at(attempt).end);
    CHECK(history.attempts.at(attempt).end->cause == spec::AttemptEnd::lost);
    CHECK_THAT(history.attempts.at(attempt).end->message, Contains("rank 1 "));
  }
}

TEST_CASE("a rank that never came is found, one that has no work never") {
  SmallRun small;
  Stage stage(small, 1, {}, 0.4);
  const auto turns = [&](int count) {
    for (int turn = 0; turn < count; ++turn) {
      stage.coordinator.turn();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  };
  CHECK_THROWS_WITH(turns(6000), Contains("rank 1 hangs") && Contains("starting"));
  SmallRun other;
  Stage idle(other, 1, {}, 0.4);
  idle.say(1, Joined{"node1", 101, {}, {}, false});
  for (int turn = 0; turn < 100; ++turn) {
    idle.coordinator.turn();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

TEST_CASE("on a full disk a run goes on as long as its journal can be written") {
  SmallRun small;
  Stage stage(small);
  stage.join(1);
  {
    const file_calls::Planned planned([](file_calls::Call call, const file_calls::Site& site) {
      const bool of_journal = std::string_view(site.file).ends_with("store/journal.cpp");
      return file_calls::Fault{.error =
                                   call == file_calls::Call::write && !of_journal ? ENOSPC : 0};
    });
    stage.train_all(1);
    CHECK_FALSE(stage.coordinator.turn());
    CHECK_THROWS_WITH(stage.coordinator.finish(), Contains("results.h5"));
    stage.coordinator.give_up("no room");
  }
  CHECK(store::replay(store::read_journal(small.run.journal()).records).done.size() == 4);
  CHECK(store::read_state(small.run).phase == "starting");  // it could not be renewed
  CHECK(stage.coordinator.finish() == Exit::complete);
}

TEST_CASE("a run whose journal is taken away does not end as complete") {
  SmallRun small;
  Stage stage(small);
  stage.join(1);
  stage.train_all(1);
  CHECK_FALSE(stage.coordinator.turn());
  std::filesystem::remove(small.run.journal());
  CHECK_THROWS_WITH(stage.coordinator.finish(),
                    Contains("removed while the run went on") && Contains("journal.rescued-1"));
  stage.coordinator.give_up("the journal is gone");
  CHECK(store::read_state(small.run).exit_code == 1);
  const auto saved = store::read_journal(small.run.path() / "journal.rescued-1.jsonl").records;
  CHECK(store::replay(saved).done.size() == 4);
}

TEST_CASE("words that a worker cannot say end the run with an error that names it") {
  SmallRun small;
  Stage stage(small);
  stage.join(1);
  stage.coordinator.turn();
  const Assigned assigned = stage.hear<Assigned>(1);
  stage.say(1, Dismissed{});
  CHECK_THROWS_WITH(stage.coordinator.turn(),
                    Contains("only the coordinator sends") && Contains("rank 1"));
  stage.say(1, LaneDone{{assigned.attempt.value + 5}, 0, result_of(1)});
  CHECK_THROWS_WITH(stage.coordinator.turn(), Contains("not running"));
  stage.coordinator.give_up("the reason");
  CHECK(store::read_state(small.run).exit_code == 1);
  CHECK_THAT(store::read_state(small.run).sentence, Contains("the reason"));
}
