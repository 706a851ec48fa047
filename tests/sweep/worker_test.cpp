#include "sweep/worker.hpp"

#include <catch2/catch.hpp>
#include <deque>
#include <vector>

#include "cluster/transport.hpp"

using namespace surd;
using namespace surd::sweep;

namespace {

// One member of a team of two: keeps what is broadcast, or hears what was prepared.
class Half : public cluster::Group {
 public:
  explicit Half(int rank) : rank_(rank) {}
  std::vector<std::string> said;
  std::deque<std::string> to_hear;

  int rank() const override { return rank_; }
  int size() const override { return 2; }
  std::string name() const override { return "half"; }
  void all_reduce_sum(void*, std::int64_t, cluster::Scalar, void*) override {
    FAIL("nothing is trained here");
  }
  void broadcast(std::string& bytes, int root) override {
    if (rank_ == root) {
      said.push_back(bytes);
    } else {
      REQUIRE(!to_hear.empty());
      bytes = to_hear.front();
      to_hear.pop_front();
    }
  }

 private:
  int rank_;
};

}  // namespace

TEST_CASE(
    "the rest of an idle team is told that nothing has come, before its group gives up waiting") {
  cluster::InProcess both(2);
  Half team(0);
  Line line(both.at(1), [] { return false; });
  Worker worker(line, team, {.device = {}, .host = "here", .ranks = {1, 2}, .idle_word_s = 0});
  CHECK(worker.turn(0));
  CHECK(team.said == std::vector<std::string>{""});
  both.at(0).send(1, pack(Dismissed{}));
  CHECK_FALSE(worker.turn(0));
  REQUIRE(team.said.size() == 2);

  Half follower(1);
  follower.to_hear = {"", "", team.said.back()};
  follow(follower, {}, line);
  CHECK(follower.to_hear.empty());
  CHECK(both.at(0).close(1).empty());
}

TEST_CASE("a busy team is spared words for an idle one") {
  cluster::InProcess both(2);
  Half team(0);
  Line line(both.at(1), [] { return false; });
  Worker worker(line, team, {.device = {}, .host = "here", .ranks = {1, 2}});
  CHECK(worker.turn(0));
  CHECK(team.said.empty());
}
