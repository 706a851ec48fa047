#include "store/history.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "store/sample.hpp"

using namespace surd;
using namespace surd::store;
using namespace surd::store::test;
using Catch::Matchers::Contains;

TEST_CASE("replay knows what is done, what has a checkpoint and what is open") {
  const TrialDone a = done(1, 0.5);
  const TrialDone b = done(2, 0.75);
  const TrialId c = spec::trial_id(trial(3));
  const std::vector<Record> records = {
      opened("old"),
      opened("new"),
      started(1, {a.id, b.id}),
      CheckpointWritten{{1}, "attempt-000001.ckpt", {a.id, b.id}, 0},
      a,
      started(2, {c})};
  const History history = replay(records);
  CHECK(history.done.size() == 1);
  CHECK(history.done.at(a.id).result.accuracy_validation == 0.5);
  CHECK(history.done.at(a.id).trial() == a.trial());
  CHECK(history.checkpoints == std::map<TrialId, Saved>{{b.id, {"attempt-000001.ckpt", {1}}}});
  CHECK(history.needed_checkpoints() == std::set<std::string>{"attempt-000001.ckpt"});
  CHECK(history.open_attempts() == std::vector<AttemptId>{{1}, {2}});
  CHECK(history.next_attempt() == AttemptId{3});
  CHECK(history.studies == std::vector<std::string>{"new"});
  CHECK(history.attempts_of.at(b.id) == std::vector<AttemptId>{{1}});
  CHECK(history.conflicts.empty());
}

TEST_CASE("the requests that opened a study are known once each, the last one last") {
  const auto asked = [](const std::string& file, std::vector<std::string> overrides) {
    StudyOpened record = opened("text");
    record.request = {file, std::move(overrides)};
    return record;
  };
  std::vector<Record> records = {asked("a.yaml", {}), asked("a.yaml", {"x=1"}), opened("unknown"),
                                 asked("a.yaml", {})};
  const std::vector<StudyRequest> expected = {{"a.yaml", {"x=1"}}, {"a.yaml", {}}};
  CHECK(replay(records).requests == expected);
  records.push_back(Merged{{"text"}, {"one", "two"}, 0});
  CHECK(replay(records).requests.empty());
}

TEST_CASE("a late checkpoint of a finished trial is not needed, a newer one replaces the older") {
  const TrialDone a = done(1, 0.5);
  const TrialId b = spec::trial_id(trial(2));
  const std::vector<Record> records = {started(1, {a.id, b}),
                                       CheckpointWritten{{1}, "one", {a.id, b}, 0},
                                       ended(1, spec::AttemptEnd::stopped),
                                       started(2, {a.id, b}),
                                       CheckpointWritten{{2}, "two", {a.id, b}, 0},
                                       a,
                                       CheckpointWritten{{2}, "two", {a.id, b}, 0}};
  const History history = replay(records);
  CHECK(history.checkpoints == std::map<TrialId, Saved>{{b, {"two", {2}}}});
}

TEST_CASE("failures count for the trials that were unfinished, stops do not") {
  const TrialDone a = done(1, 0.5);
  const TrialId b = spec::trial_id(trial(2));
  const std::vector<Record> records = {started(1, {a.id, b}),
                                       a,
                                       ended(1, spec::AttemptEnd::failed),
                                       started(2, {b}),
                                       ended(2, spec::AttemptEnd::stopped),
                                       started(3, {b}),
                                       ended(3, spec::AttemptEnd::lost, "node2"),
                                       Quarantined{{b}, "failed on two nodes", "log", 0}};
  const History history = replay(records);
  CHECK_FALSE(history.failures.contains(a.id));
  CHECK(history.failures.at(b) == std::vector<AttemptId>{{1}, {3}});
  CHECK(history.attempts.at({3}).end->host == "node2");
  CHECK(history.quarantined.at(b) == "failed on two nodes");
  CHECK(history.open_attempts().empty());
}

TEST_CASE(
    "losses in a row are counted for trials that got nowhere, with how many went away at once") {
  const TrialDone a = done(1, 0.5);
  const TrialId b = spec::trial_id(trial(2)), c = spec::trial_id(trial(3)),
                d = spec::trial_id(trial(4));
  std::vector<Record> records = {opened("s"), started(1, {a.id, b}), started(2, {c, d}), a,
                                 CheckpointWritten{{2}, "two", {c}, 0}};
  CHECK(replay(records).losses.empty());
  for (const Record& record : std::vector<Record>{ended(1, spec::AttemptEnd::lost),
                                                  ended(2, spec::AttemptEnd::lost), opened("s")})
    records.push_back(record);
  History history = replay(records);  // a is done, c has a checkpoint
  CHECK(history.losses.size() == 2);
  CHECK(history.losses.at(b).attempts == std::vector<AttemptId>{{1}});
  CHECK(history.losses.at(b).together == 2);
  CHECK(history.losses.at(d).together == 2);

  for (const Record& record :
       std::vector<Record>{started(3, {b}), started(4, {c}), ended(4, spec::AttemptEnd::stopped),
                           ended(3, spec::AttemptEnd::lost), opened("s")}) {
    records.push_back(record);
  }
  history = replay(records);
  CHECK(history.losses.at(b).attempts == std::vector<AttemptId>{{1}, {3}});
  CHECK(history.losses.at(b).together == 1);
  CHECK(history.losses.at(d).attempts.size() == 1);

  records.push_back(started(5, {b, c}));
  records.push_back(CheckpointWritten{{5}, "five", {b}, 0});
  records.push_back(ended(5, spec::AttemptEnd::lost));
  records.push_back(opened("s"));
  history = replay(records);
  CHECK_FALSE(history.losses.contains(b));  // it got somewhere: counted from the start again
  CHECK(history.losses.at(c).together == 1);
}

TEST_CASE("a run that a team's failure ended is no loss of the others' trials") {
  const TrialId a = spec::trial_id(trial(1)), b = spec::trial_id(trial(2));
  AttemptStarted team = started(1, {a});
  team.data_parallel = 2;
  std::vector<Record> records = {opened("s"),
                                 team,
                                 started(2, {b}),
                                 ended(1, spec::AttemptEnd::failed),
                                 ended(2, spec::AttemptEnd::lost),
                                 opened("s")};
  CHECK(replay(records).losses.empty());
  records.push_back(started(3, {b}));
  records.push_back(ended(3, spec::AttemptEnd::lost));
  records.push_back(opened("s"));
  CHECK(replay(records).losses.at(b).attempts == std::vector<AttemptId>{{3}});
}

TEST_CASE("a trial done twice: the first stands, a different second result is a conflict") {
  TrialDone again = done(1, 0.5, 2);
  again.result.seconds = 99;
  const History same = replay(std::vector<Record>{done(1, 0.5), again});
  CHECK(same.conflicts.empty());
  again.result.accuracy_test += 1e-16;
  const History different = replay(std::vector<Record>{done(1, 0.5), again});
  REQUIRE(different.conflicts.size() == 1);
  CHECK_THAT(different.conflicts[0], Contains(again.id.value) && Contains("attempts 1 and 2"));
  CHECK(different.done.at(again.id).attempt == AttemptId{1});
}

TEST_CASE("the end of a run is forgotten when it is opened again") {
  const std::vector<Record> records = {opened("x"), RunEnded{3, "stopped", 1}, opened("x")};
  CHECK(replay(std::span(records).first(2)).ended->exit_code == 3);
  CHECK_FALSE(replay(records).ended);
}

TEST_CASE("a merge makes the table of all its studies until a study is opened on top") {
  const std::vector<Record> records = {opened("a"), opened("b"),
                                       Merged{{"a", "b"}, {"runs/a", "runs/b"}, 0}, opened("c")};
  CHECK(replay(std::span(records).first(3)).studies == std::vector<std::string>{"a", "b"});
  CHECK(replay(records).studies == std::vector<std::string>{"c"});
}

TEST_CASE("unknown records are counted, an end without a start is named") {
  const History history =
      replay(std::vector<Record>{UnknownRecord{"weather"}, ended(4, spec::AttemptEnd::lost)});
  CHECK(history.unknown_records == 1);
  REQUIRE(history.conflicts.size() == 1);
  CHECK_THAT(history.conflicts[0], Contains("attempt 4 ended without a start"));
}
