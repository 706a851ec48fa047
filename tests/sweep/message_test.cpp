#include "sweep/message.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/error.hpp"
#include "spec/architecture.hpp"

using namespace surd;
using namespace surd::sweep;

namespace {

template <typename M>
M travel(const M& message) {
  return std::get<M>(unpack(pack(message)));
}

}  // namespace

TEST_CASE("every message arrives as it was sent") {
  const Joined joined = travel(Joined{"node7", 4711, {.instructions = "avx2"}, {3, 4}});
  CHECK(joined.host == "node7");
  CHECK(joined.pid == 4711);
  CHECK(joined.device == Device{.instructions = "avx2"});
  CHECK(joined.ranks == std::vector<int>{3, 4});

  const Progressed progressed =
      travel(Progressed{{9}, {{2, 300, 0.1 + 0.2}, {0, 100, std::nan("")}}});
  CHECK(progressed.attempt.value == 9);
  REQUIRE(progressed.lanes.size() == 2);
  CHECK(progressed.lanes[0].accuracy_validation == 0.1 + 0.2);
  CHECK(std::isnan(progressed.lanes[1].accuracy_validation));

  spec::TrialResult result;
  result.loss_validation = std::nan("");
  result.accuracy_test = 1.0 / 3;
  result.curve.push_back({.step = 7, .loss_train = INFINITY});
  const LaneDone done = travel(LaneDone{{9}, 1, result});
  CHECK(done.lane == 1);
  CHECK(spec::to_json(done.result) == spec::to_json(result));

  const CheckpointSaved saved =
      travel(CheckpointSaved{{9}, "attempt-000009-0000.ckpt", {{0, 450}, {2, 300}}});
  CHECK(saved.file == "attempt-000009-0000.ckpt");
  CHECK(saved.lanes == std::vector<SavedLane>{{0, 450}, {2, 300}});

  CHECK(travel(BundleEnded{{9}, spec::AttemptEnd::stopped, "why"}).end ==
        spec::AttemptEnd::stopped);
  travel(StopWanted{});
  travel(Stop{});
  travel(Dismissed{});
  travel(Over{});
  CHECK(travel(Patience{2.5}).silent_s == 2.5);
  CHECK_FALSE(travel(Patience{}).silent_s);
  const Sign sign = travel(Sign{"a step", 1234567890123, 0.25, true});
  CHECK(sign.doing == "a step");
  CHECK(sign.count == 1234567890123);
  CHECK(sign.piece_s == 0.25);
  CHECK(sign.waits);
  CHECK(travel(Welcome{4, false}).data_parallel == 4);
}

TEST_CASE("an assigned trial keeps its id on the way") {
  spec::Trial trial;
  trial.task = tasks::resolve({.name = "lookup", .size = 4, .options = {}});
  trial.hidden = 8;
  trial.architecture = spec::resolve({.name = "sparse", .options = Json::object()});
  trial.learning_rate = 0.1 + 0.2;
  trial.seed = ~std::uint64_t{0};
  const Assigned assigned = travel(Assigned{{1}, {{trial, "a.ckpt"}}, "/run/checkpoints", 0.25});
  REQUIRE(assigned.lanes.size() == 1);
  CHECK(assigned.lanes[0].trial == trial);
  CHECK(spec::trial_id(assigned.lanes[0].trial) == spec::trial_id(trial));
  CHECK(assigned.lanes[0].checkpoint == "a.ckpt");
  CHECK(assigned.checkpoint_s == 0.25);
}

TEST_CASE("an error text of any bytes can be sent, and rubbish is refused") {
  CHECK(travel(BundleEnded{{1}, spec::AttemptEnd::failed, "bad byte \xff here"})
            .message.find("bad byte") == 0);
  CHECK_THROWS_AS(unpack("rubbish"), Error);
  CHECK_THROWS_AS(unpack(R"({"kind":"nonsense"})"), Error);
  CHECK_THROWS_AS(unpack(R"({"kind":"bundle_ended","attempt":1,"end":"vanished","message":""})"),
                  Error);
  CHECK_THROWS_AS(unpack(R"({"kind":"bundle_ended","attempt":1,"end":"lost","message":""})"),
                  Error);
}
