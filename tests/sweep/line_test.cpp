#include "sweep/line.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

using namespace surd;
using namespace surd::sweep;
using Catch::Contains;

namespace {

// A rank and its coordinator, whose every word the test gives.
struct Ends {
  cluster::InProcess both{2};
  bool signalled = false;
  Line line{both.at(1), [this] { return signalled; }};

  void say(const Message& message) { both.at(0).send(1, pack(message)); }
  std::vector<Message> heard() {
    std::vector<Message> messages;
    while (const auto received = both.at(0).poll()) messages.push_back(unpack(received->bytes));
    return messages;
  }
  // Of the last sign, if the last message is one.
  Sign last_sign() {
    const std::vector<Message> messages = heard();
    REQUIRE(!messages.empty());
    REQUIRE(std::holds_alternative<Sign>(messages.back()));
    return std::get<Sign>(messages.back());
  }
};

void sleep_s(double seconds) {
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

}  // namespace

TEST_CASE("a line passes messages on in order and keeps its own to itself") {
  Ends ends;
  ends.say(Patience{100});
  ends.say(Stop{});
  ends.say(Sign{"coordinating", 1});
  ends.say(Dismissed{});
  ends.line.waits();  // which must not lose them
  CHECK(std::holds_alternative<Stop>(*ends.line.poll()));
  CHECK(std::holds_alternative<Dismissed>(*ends.line.wait(0)));
  CHECK_FALSE(ends.line.poll());
}

TEST_CASE("each new kind of work is told at once, more of the same from time to time") {
  Ends ends;
  ends.line.begins(train::Work::load, 3);
  CHECK(ends.heard().empty());  // nobody has asked for signs
  ends.say(Patience{0.8});
  ends.line.poll();
  ends.line.begins(train::Work::step, 7);
  const Sign step = ends.last_sign();
  CHECK(step.doing == "a step");
  CHECK(step.piece_s == 7);
  CHECK_FALSE(step.waits);
  ends.line.begins(train::Work::step, 7);
  CHECK(ends.heard().empty());
  sleep_s(0.11);
  ends.line.begins(train::Work::step, 7);
  const Sign later = ends.last_sign();
  CHECK(later.count == step.count + 2);
  CHECK(later.piece_s < 7);  // measured by now
  ends.line.begins(train::Work::checkpoint, 1);
  CHECK(ends.last_sign().doing == "a checkpoint");
  ends.line.rests();
  CHECK(ends.last_sign().doing == "idle");
}

TEST_CASE("who waits for its team lives but does not get on; who is idle does") {
  Ends ends;
  ends.say(Patience{0.8});
  ends.line.poll();
  ends.line.begins(train::Work::step, 7);
  const Sign step = ends.last_sign();
  ends.line.waits();
  CHECK(ends.heard().empty());
  sleep_s(0.11);
  ends.line.waits();
  const Sign waiting = ends.last_sign();
  CHECK(waiting.waits);
  CHECK(waiting.count == step.count);
  ends.line.begins(train::Work::step, 7);
  CHECK_FALSE(ends.last_sign().waits);
  ends.line.rests();
  const Sign idle = ends.last_sign();
  sleep_s(0.11);
  CHECK_FALSE(ends.line.wait(0));
  CHECK(ends.last_sign().count > idle.count);
}

TEST_CASE("a stop signal is told once, by whatever rank it reached") {
  Ends ends;
  ends.signalled = true;
  ends.line.waits();
  ends.line.begins(train::Work::step, 1);
  const std::vector<Message> heard = ends.heard();
  REQUIRE(heard.size() == 1);
  CHECK(std::holds_alternative<StopWanted>(heard.front()));
}

TEST_CASE("a coordinator that gives no sign has hung, and may take as long as it said") {
  Ends ends;
  ends.say(Patience{0.4});
  ends.say(Sign{.doing = "reading the run folder", .count = 1, .piece_s = 0.1});
  const auto listen = [&](int looks) {
    for (int look = 0; look < looks; ++look, sleep_s(0.01)) ends.line.waits();
  };
  const auto began = std::chrono::steady_clock::now();
  CHECK_THROWS_WITH(listen(6000), Contains("rank 1: the coordinator hangs") &&
                                      Contains("reading the run folder"));
  CHECK(std::chrono::steady_clock::now() - began > std::chrono::milliseconds(890));

  Ends alive;
  alive.say(Patience{0.4});
  for (int second = 1; second < 100; ++second, sleep_s(0.01)) {
    alive.say(Sign{"coordinating", second});
    alive.line.waits();
  }
  Ends patient;
  patient.say(Patience{});
  for (int look = 0; look < 50; ++look, sleep_s(0.01)) patient.line.waits();
}
