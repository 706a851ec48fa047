#include "train/lane.hpp"

#include <ATen/ops/equal.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/zeros.h>
#include <catch2/catch.hpp>

#include "base/error.hpp"

using namespace surd;
using namespace surd::train;

namespace {

LaneProgress progress() {
  LaneProgress progress;
  progress.step = 41;
  progress.evaluation_pending = true;
  progress.solved_evaluations = 1;
  progress.loss_sum = 0.1 + 0.2;
  progress.loss_tokens = 1234;
  progress.gradient_norm = 1.0 / 3;
  progress.result.tokens = 999;
  progress.result.curve.push_back({.step = 20,
                                   .loss_train = 0.7,
                                   .loss_validation = 0.1,
                                   .accuracy_validation = 0.5,
                                   .gradient_norm = 2});
  return progress;
}

}  // namespace

TEST_CASE("a lane's bytes bring back the same bits") {
  for (const auto type : {at::kFloat, at::kDouble}) {
    const at::Tensor rows = at::rand({3, 32}, type);
    const std::string bytes = pack_lane({"abc"}, progress(), rows[0], rows[1], rows[2]);
    at::Tensor back = at::zeros({3, 32}, type);
    const LaneProgress got = unpack_lane(bytes, {"abc"}, back[0], back[1], back[2]);
    CHECK(at::equal(back, rows));
    CHECK(pack_lane({"abc"}, got, back[0], back[1], back[2]) == bytes);
    CHECK(got.loss_sum == 0.1 + 0.2);
  }
}

TEST_CASE(
    "a lane's bytes are refused where they belong to another trial, type or size, or are cut off") {
  const at::Tensor rows = at::rand({3, 32});
  const std::string bytes = pack_lane({"abc"}, progress(), rows[0], rows[1], rows[2]);
  at::Tensor back = at::zeros({3, 32});
  CHECK_THROWS_WITH(unpack_lane(bytes, {"abd"}, back[0], back[1], back[2]),
                    Catch::Contains("does not fit: id"));
  at::Tensor wide = at::zeros({3, 32}, at::kDouble);
  CHECK_THROWS_WITH(unpack_lane(bytes, {"abc"}, wide[0], wide[1], wide[2]),
                    Catch::Contains("scalar_bytes"));
  at::Tensor longer = at::zeros({3, 48});
  CHECK_THROWS_WITH(unpack_lane(bytes, {"abc"}, longer[0], longer[1], longer[2]),
                    Catch::Contains("count"));
  CHECK_THROWS_WITH(
      unpack_lane(bytes.substr(0, bytes.size() - 1), {"abc"}, back[0], back[1], back[2]),
      Catch::Contains("wrong length"));
  CHECK_THROWS_AS(unpack_lane("", {"abc"}, back[0], back[1], back[2]), Error);
}
