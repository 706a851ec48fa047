#include "cluster/watchdog.hpp"

#include <catch2/catch.hpp>

using namespace surd::cluster;
using Catch::Contains;

namespace {

// A watchdog of ten seconds, and a clock that goes on in small steps.
class Post {
 public:
  explicit Post(std::optional<double> silent_s = 10) : dog({.silent_s = silent_s}) {}
  void wait(double seconds) {
    for (const double end_s = now_s + seconds; now_s < end_s; now_s += 0.25) dog.hanging(now_s);
  }
  // The rank gets on.
  void sign(int rank, const std::string& doing, double piece_s = 0) {
    dog.heard(rank, {.doing = doing, .count = ++count_, .piece_s = piece_s}, now_s);
  }
  // For so long, a sign a second.
  void waits(int rank, double seconds) {
    for (const double end_s = now_s + seconds; now_s < end_s; wait(1))
      dog.heard(rank, {.doing = "a step", .count = 1000 + rank, .waits = true}, now_s);
  }
  int hanging() {
    const auto found = dog.hanging(now_s);
    return found ? found->rank : -1;
  }

  double now_s = 1000;
  Watchdog dog;

 private:
  std::int64_t count_ = 0;
};

}  // namespace

TEST_CASE("a rank that gives no sign hangs, from the first moment on") {
  Post post;
  post.dog.expect(1, "starting", post.now_s);
  post.wait(9);
  CHECK(post.hanging() == -1);
  post.wait(2);
  const auto found = post.dog.hanging(post.now_s);
  REQUIRE(found);
  CHECK(found->doing == "starting");
  CHECK(found->seconds == Approx(11).margin(0.5));
  post.dog.forget(1);
  CHECK(post.hanging() == -1);
  post.sign(7, "a step");  // nobody expects it
  post.wait(20);
  CHECK(post.hanging() == -1);
}

TEST_CASE("signs that do not count on are no progress") {
  Post post;
  post.dog.expect(1, "starting", post.now_s);
  for (int second = 0; second < 12; ++second, post.wait(1))
    post.dog.heard(1, {.doing = "a write", .count = 3}, post.now_s);
  CHECK(post.hanging() == 1);
  post.dog.heard(1, post.now_s);  // a message of another kind is
  CHECK(post.hanging() == -1);
  for (int second = 0; second < 30; ++second, post.wait(1)) post.sign(1, "a step");
  CHECK(post.hanging() == -1);
}

TEST_CASE("a piece of work may take five times its forecast more") {
  Post post;
  post.dog.expect(1, "starting", post.now_s);
  post.sign(1, "a checkpoint", 4);
  post.wait(29);
  CHECK(post.hanging() == -1);
  post.wait(2);
  CHECK(post.hanging() == 1);
}

TEST_CASE("of a team the member that hangs is named, not those that wait for it") {
  Post post;
  for (const int rank : {1, 2, 3}) post.dog.expect(rank, "starting", post.now_s);
  post.dog.join({1, 2, 3});
  post.sign(2, "a step");
  for (int second = 0; second < 30 && post.hanging() < 0; ++second) {
    post.waits(1, 0.5);
    post.waits(3, 0.5);
  }
  const auto found = post.dog.hanging(post.now_s);
  REQUIRE(found);
  CHECK(found->rank == 2);
  CHECK(found->doing == "a step");
}

TEST_CASE(
    "a member that stands still while it waits is named, and so is a team that waits in vain") {
  Post post;
  for (const int rank : {1, 2}) post.dog.expect(rank, "starting", post.now_s);
  post.dog.join({1, 2});
  post.sign(1, "a step");
  post.waits(2, 3);
  post.waits(1, 12);
  const auto found = post.dog.hanging(post.now_s);
  REQUIRE(found);
  CHECK(found->rank == 2);
  CHECK_THAT(found->doing, Contains("waiting for its team in a step"));

  Post both;
  for (const int rank : {1, 2}) both.dog.expect(rank, "starting", both.now_s);
  both.dog.join({1, 2});
  for (int second = 0; second < 8; ++second) {
    both.waits(1, 0.5);
    both.waits(2, 0.5);
  }
  CHECK(both.hanging() == -1);
  for (int second = 0; second < 16 && both.hanging() < 0; ++second) {
    both.waits(1, 0.5);
    both.waits(2, 0.5);
  }
  CHECK(both.hanging() > 0);
}

TEST_CASE("once a stop is asked for, twenty seconds are enough") {
  Post post(100);
  post.dog.expect(1, "starting", post.now_s);
  post.dog.expect(2, "starting", post.now_s);
  post.sign(1, "a step");
  post.sign(2, "a checkpoint", 3);
  post.wait(50);
  post.dog.stop_asked(post.now_s);
  post.wait(19);
  CHECK(post.hanging() == -1);
  post.wait(2);
  CHECK(post.hanging() == 1);
  post.dog.forget(1);
  CHECK(post.hanging() == -1);
  post.wait(15);
  CHECK(post.hanging() == 2);
}

TEST_CASE("who slept cannot tell how long others did") {
  Post post;
  post.dog.expect(1, "starting", post.now_s);
  post.wait(5);
  post.now_s += 3600;  // this process stood still, and the other one too
  CHECK(post.hanging() == -1);
  post.sign(1, "a step");
  post.wait(9);
  CHECK(post.hanging() == -1);
}

TEST_CASE("a rank is late before it hangs, and late alone where nobody hangs") {
  Post post;
  post.dog.expect(1, "starting", post.now_s);
  post.dog.expect(2, "starting", post.now_s);
  post.wait(3);
  post.sign(2, "a step");
  const auto late = post.dog.late();
  REQUIRE(late.size() == 1);
  CHECK(late.front().rank == 1);
  CHECK(post.hanging() == -1);

  Post off(std::nullopt);
  off.dog.expect(1, "starting", off.now_s);
  off.wait(3600);
  CHECK(off.hanging() == -1);
  CHECK(off.dog.late().size() == 1);
}
