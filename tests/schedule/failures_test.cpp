#include "schedule/failures.hpp"

#include <catch2/catch.hpp>

#include "schedule/recorder.hpp"
#include "schedule/studies.hpp"

namespace surd::schedule {
namespace {

using test::Bench;
using test::Lines;
using test::make_study;
using test::result_of;
using test::singles;
using test::Trials;

TEST_CASE("a bundle that failed is tried again on another node, its trials one by one") {
  Bench bench(
      make_study({.widths = {4}, .seeds = 1, .learning_rates = 3, .design = grid::Design::grid}));
  bench.scheduler.worker_joined({Rank{1}, "node1", "gpu", true}, 0);
  CHECK(bench.outbox.take() == Lines{"assign 1: 0 1 2"});
  bench.join(2, "node2");
  bench.end(1, spec::AttemptEnd::failed, "bad luck");
  CHECK(bench.outbox.take() == Lines{"assign 2: 0"});  // node1 waits although it is free
  bench.finish(2, 1);
  CHECK(bench.outbox.take() == Lines{"assign 2: 1"});
  bench.end(2, spec::AttemptEnd::failed, "bad trial");
  CHECK(bench.outbox.take() ==
        Lines{"quarantine 1: failed on node1, node2: bad trial", "assign 2: 2"});
  bench.finish(2, 1);
  CHECK(bench.outbox.take() == Lines{"dismiss 1", "dismiss 2"});
  CHECK(bench.scheduler.outcome() == Exit::quarantined);
  CHECK(bench.scheduler.counts().failed == 1);
  CHECK(bench.scheduler.counts().done == 2);
}

TEST_CASE("on the only node a trial is tried retries + 1 times") {
  Bench bench(singles({4}));
  bench.join(1);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    CHECK(bench.outbox.take() == Lines{"assign 1: 0"});
    CHECK(bench.outbox.last(1).attempt == AttemptId{attempt});
    bench.end(1, spec::AttemptEnd::failed, "it broke");
  }
  CHECK(bench.outbox.take() ==
        Lines{"quarantine 0: failed on node1, node1, node1: it broke", "dismiss 1"});
  CHECK(bench.scheduler.outcome() == Exit::quarantined);
}

TEST_CASE("retries: 0 quarantines at the first failure") {
  grid::Study study = singles({4});
  study.run.retries = 0;
  Bench bench(study);
  bench.join(1);
  bench.end(1, spec::AttemptEnd::failed, "it broke");
  CHECK(bench.outbox.take() ==
        Lines{"assign 1: 0", "quarantine 0: failed on node1: it broke", "dismiss 1"});
}

TEST_CASE("failures of earlier runs count") {
  Indexed<TrialIndex, Past> past(1);
  past[0].failed_hosts = {"node7"};
  Bench bench(singles({4}), past);
  bench.join(1);
  bench.end(1, spec::AttemptEnd::failed, "again");
  CHECK(bench.outbox.take() ==
        Lines{"assign 1: 0", "quarantine 0: failed on node7, node1: again", "dismiss 1"});
}

TEST_CASE("a quarantined trial counts as unsolved") {
  Bench bench(make_study({.widths = {4, 8, 16}, .seeds = 1, .learning_rates = 1}),
              {past_of(result_of(1)), Past{.kind = Past::Kind::quarantined}, {}});
  bench.join(1);
  CHECK(bench.outbox.take() == Lines{"assign 1: 2"});
  bench.finish(1, 1);
  CHECK(bench.outbox.take() == Lines{"dismiss 1"});
}

TEST_CASE("a node on which two different bundles fail is drained") {
  Bench bench(singles({4, 8, 16, 32}));
  bench.join(1, "bad");
  bench.join(2, "bad");
  CHECK(bench.outbox.take() == Lines{"assign 1: 3", "assign 2: 2"});
  bench.join(3, "good");
  bench.join(4, "good");
  CHECK(bench.outbox.take() == Lines{"assign 3: 1", "assign 4: 0"});
  bench.end(1, spec::AttemptEnd::failed, "first");
  CHECK(bench.outbox.take() == Lines{});  // on its own node it must not run again
  bench.end(2, spec::AttemptEnd::failed, "second");
  CHECK(bench.outbox.take() ==
        Lines{"drain bad: two different bundles failed on bad", "dismiss 1", "dismiss 2"});
  bench.join(5, "bad");
  CHECK(bench.outbox.take() == Lines{"dismiss 5"});
  bench.finish(3, 1);
  bench.finish(4, 1);
  CHECK(bench.outbox.take() == Lines{"assign 3: 3", "assign 4: 2"});
  bench.finish(3, 1);
  bench.finish(4, 1);
  CHECK(bench.outbox.take() == Lines{"dismiss 3", "dismiss 4"});
  CHECK(bench.scheduler.outcome() == Exit::complete);
}

TEST_CASE("a running worker of a drained node ends its bundle and is dismissed") {
  Bench bench(singles({4, 8, 16, 32}));
  for (int rank = 1; rank <= 3; ++rank) bench.join(rank, "bad");
  bench.join(4, "good");
  bench.outbox.take();
  bench.end(1, spec::AttemptEnd::failed);
  bench.end(2, spec::AttemptEnd::failed);
  CHECK(bench.outbox.take() ==
        Lines{"drain bad: two different bundles failed on bad", "dismiss 1", "dismiss 2"});
  bench.finish(3, 1);
  CHECK(bench.outbox.take() == Lines{"dismiss 3"});
  for (int i = 0; i < 3; ++i) bench.finish(4, 1);
  CHECK(bench.outbox.take() == Lines{"assign 4: 3", "assign 4: 2", "dismiss 4"});
}

TEST_CASE("the only node is never drained") {
  Bench bench(singles({4, 8, 16, 32}));
  bench.join(1);
  bench.join(2);
  bench.outbox.take();
  bench.end(1, spec::AttemptEnd::failed);
  bench.end(2, spec::AttemptEnd::failed);
  CHECK(bench.outbox.take() ==
        Lines{"assign 1: 1", "assign 2: 0"});  // others first: they tell whether anything works
  for (int i = 0; i < 2; ++i) {
    bench.finish(1, 1);
    bench.finish(2, 1);
  }
  CHECK(bench.outbox.take() == Lines{"assign 1: 3", "assign 2: 2", "dismiss 1", "dismiss 2"});
}

TEST_CASE("a trial that turns out to be bad clears the node where it failed first") {
  Failures failures(2);
  CHECK(failures.record(Trials{1}, "a").empty());
  CHECK(failures.record(Trials{1}, "b") == Trials{1});
  CHECK(failures.record(Trials{2}, "a").empty());
  CHECK_FALSE(failures.suspects("a"));
  CHECK_FALSE(failures.suspects("b"));
  CHECK(failures.record(Trials{3}, "a").empty());
  CHECK(failures.suspects("a"));
}

TEST_CASE("many early failures stop the study") {
  Bench bench(singles({4, 8, 16, 32, 64, 128}));
  for (int rank = 1; rank <= 5; ++rank) bench.join(rank, "node" + std::to_string(rank));
  bench.outbox.take();
  bench.end(1, spec::AttemptEnd::failed, "no library");
  bench.end(2, spec::AttemptEnd::failed, "no library");
  bench.end(3, spec::AttemptEnd::failed, "no library");
  bench.outbox.take();
  CHECK_FALSE(bench.scheduler.over());
  bench.end(4, spec::AttemptEnd::failed, "no library");
  const Lines lines = bench.outbox.take();
  CHECK(std::count(lines.begin(), lines.end(), "stop 5") == 1);
  CHECK(bench.scheduler.why() ==
        "many different bundles failed and none succeeded, the last one on node4: no library");
  for (int rank = 1; rank <= 5; ++rank) {
    if (std::count(lines.begin(), lines.end(), "stop " + std::to_string(rank)) == 1)
      bench.end(rank, spec::AttemptEnd::stopped);
  }
  bench.outbox.take();
  CHECK(bench.scheduler.over());
  CHECK(bench.scheduler.outcome() == Exit::error);
}

TEST_CASE(
    "no trial is quarantined for a broken allocation: before anything succeeds, quarantine waits") {
  Bench bench(singles({4, 8}));
  bench.join(1, "node1");
  CHECK(bench.outbox.take() == Lines{"assign 1: 1"});
  bench.join(2, "node2");
  CHECK(bench.outbox.take() == Lines{"assign 2: 0"});
  bench.end(1, spec::AttemptEnd::failed, "first");
  CHECK(bench.outbox.take() == Lines{});
  bench.end(2, spec::AttemptEnd::failed, "second");
  CHECK(bench.outbox.take() == Lines{"assign 1: 0", "assign 2: 1"});
  bench.end(1, spec::AttemptEnd::failed, "third");
  CHECK(bench.outbox.take() == Lines{});
  CHECK(bench.scheduler.counts().failed == 0);
  bench.finish(2, 1);  // so the nodes are well
  CHECK(bench.outbox.take() ==
        Lines{"quarantine 0: failed on node2, node1: third", "dismiss 1", "dismiss 2"});
  CHECK(bench.scheduler.outcome() == Exit::quarantined);
}

TEST_CASE("one bad trial and its retries are no reason to stop the study") {
  Failures failures(9);
  for (int i = 0; i < 8; ++i) failures.record(Trials{1}, "a");
  CHECK_FALSE(failures.hopeless(1));
  for (const std::size_t trial : {2UL, 3UL, 4UL}) failures.record(Trials{trial}, "a");
  CHECK(failures.hopeless(1));
  CHECK_FALSE(failures.hopeless(2));  // node b may be well
  failures.succeeded();
  CHECK_FALSE(failures.hopeless(1));
}

TEST_CASE("an attempt that ends without all results has failed") {
  grid::Study study = singles({4});
  study.run.retries = 0;
  Bench bench(study);
  bench.join(1);
  bench.end(1, spec::AttemptEnd::finished);
  CHECK(bench.outbox.take() ==
        Lines{"assign 1: 0",
              "quarantine 0: failed on node1: it ended without a result for 1 of its trials",
              "dismiss 1"});
}

}  // namespace
}  // namespace surd::schedule
