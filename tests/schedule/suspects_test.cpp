// What a scheduler does with trials that earlier runs were lost with.
#include <catch2/catch.hpp>
#include <set>

#include "schedule/recorder.hpp"

using namespace surd;
using namespace surd::schedule;
using namespace surd::schedule::test;

namespace {

// One cell of two seeds and two rates at each of two lengths, all open: trials 0 to 3 are the
// shorter ones.
Plan two_lengths() { return {.lengths = {16, 32}, .widths = {8}, .seeds = 2, .learning_rates = 2}; }

Indexed<TrialIndex, Past> lost(const test::Trials& trials, Losses losses) {
  Indexed<TrialIndex, Past> past(8);
  for (const TrialIndex trial : trials) past[trial].losses = losses;
  return past;
}

}  // namespace

TEST_CASE(
    "a trial is fatal when it was lost retries + 1 times, the last time alone, and never at the "
    "first time") {
  CHECK_FALSE(is_fatal({.count = 2, .together = 1}, 2));
  CHECK(is_fatal({.count = 3, .together = 1}, 2));
  CHECK_FALSE(is_fatal({.count = 3, .together = 2}, 2));
  CHECK_FALSE(is_fatal({.count = 9, .together = 2}, 2));
  CHECK_FALSE(is_fatal({.count = 1, .together = 1}, 0));
  CHECK(is_fatal({.count = 2, .together = 1}, 0));
  CHECK_FALSE(is_fatal({}, 0));
}

TEST_CASE("ever fewer of those that were lost run together") {
  CHECK(most_together({.count = 1, .together = 400}) == 100);
  CHECK(most_together({.count = 2, .together = 100}) == 25);
  CHECK(most_together({.count = 3, .together = 7}) == 1);
  CHECK(most_together({.count = 3, .together = 1}) == 1);
}

TEST_CASE(
    "suspects run after all others, each alone, and with nothing beside them but so many "
    "suspects") {
  Bench bench(make_study(two_lengths()), lost({4, 5, 6, 7}, {.count = 1, .together = 8}));
  for (int rank = 1; rank <= 3; ++rank) bench.join(rank);
  std::set<std::string> first;
  for (const std::string& line : bench.outbox.take()) first.insert(line.substr(10));
  CHECK(first ==
        std::set<std::string>{"0 1", "2", "3"});  // the longer ones, which would be first, wait
  for (int rank = 1; rank <= 3; ++rank) {
    CHECK(bench.outbox.take() == Lines{});
    bench.finish(rank, 0.25);
  }
  CHECK(bench.outbox.take() == Lines{"assign 1: 7", "assign 2: 6"});  // two of eight at once
  bench.finish(2, 0.25);
  CHECK(bench.outbox.take() == Lines{"assign 2: 5"});
  bench.finish(1, 0.25);
  CHECK(bench.outbox.take() == Lines{"assign 1: 4"});
  bench.finish(1, 0.25);
  bench.finish(2, 0.25);
  bench.outbox.take();
  CHECK(bench.scheduler.outcome() == Exit::complete);
}

TEST_CASE("those that were lost in a small group come last, one by one") {
  Indexed<TrialIndex, Past> past = lost({0, 1, 2, 3}, {.count = 1, .together = 8});
  past[1].losses = {.count = 2, .together = 1};
  for (std::size_t trial = 4; trial < 8; ++trial) past[trial].kind = Past::Kind::done;
  Bench bench(make_study(two_lengths()), past);
  bench.join(1);
  bench.join(2);
  CHECK(bench.outbox.take() == Lines{"assign 1: 3", "assign 2: 2"});
  bench.finish(1, 0.25);
  CHECK(bench.outbox.take() == Lines{"assign 1: 0"});
  bench.finish(2, 0.25);
  CHECK(bench.outbox.take() == Lines{});
  bench.finish(1, 0.25);
  CHECK(bench.outbox.take() == Lines{"assign 1: 1"});
  bench.finish(1, 0.25);
  bench.outbox.take();
}

TEST_CASE("what a suspect's result opens waits until no suspect runs") {
  Bench bench(make_study({.widths = {4, 8, 16}, .seeds = 1, .learning_rates = 1}),
              {{.losses = {1, 8}}, {.losses = {1, 8}}, {}});
  bench.join(1);
  bench.join(2);
  CHECK(bench.outbox.take() == Lines{"assign 1: 1", "assign 2: 0"});
  bench.finish(1, 0.25);  // opens the third width
  CHECK(bench.outbox.take() == Lines{});
  bench.finish(2, 0.25);
  CHECK(bench.outbox.take() == Lines{"assign 1: 2"});
  bench.finish(1, 0.25);
  bench.outbox.take();
}

TEST_CASE("a suspect that stops goes on later, one that fails is tried again as a suspect") {
  Bench bench(make_study({.widths = {4}, .seeds = 1, .learning_rates = 2}),
              {{.losses = {1, 2}}, {}});
  bench.join(1);
  CHECK(bench.outbox.take() == Lines{"assign 1: 1"});
  bench.finish(1, 0.25);
  CHECK(bench.outbox.take() == Lines{"assign 1: 0"});
  bench.end(1, spec::AttemptEnd::failed, "out of memory");
  CHECK(bench.outbox.take() == Lines{"assign 1: 0"});
  bench.scheduler.stop_asked(1);
  CHECK(bench.outbox.take() == Lines{"stop 1"});
  bench.end(1, spec::AttemptEnd::stopped);
  CHECK(bench.outbox.take() == Lines{"dismiss 1"});
  CHECK(bench.scheduler.outcome() == Exit::stopped);
  CHECK(bench.scheduler.counts().left == 1);
}
