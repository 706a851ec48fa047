#include <catch2/catch.hpp>

#include "base/error.hpp"
#include "cluster/devices.hpp"
#include "cluster/teams.hpp"

using namespace surd;
using namespace surd::cluster;
using Catch::Contains;

namespace {
const Device cpu;
const Device gpu{.kind = DeviceKind::cuda, .index = 1, .name = "some GPU"};
}  // namespace

TEST_CASE("the automatic choice takes the group that can serve the team") {
  CHECK(choose_group("auto", cpu, 1) == GroupKind::solo);
  CHECK(choose_group("auto", gpu, 1) == GroupKind::solo);
  CHECK(choose_group("auto", cpu, 2) == GroupKind::mpi);
  CHECK(choose_group("auto", gpu, 8) == GroupKind::nccl);
  CHECK(choose_group("mpi", cpu, 1) == GroupKind::mpi);
}

TEST_CASE("a group that cannot serve the team is bad input, with what would") {
  CHECK_THROWS_AS(choose_group("solo", cpu, 2), InputError);
  CHECK_THROWS_WITH(choose_group("solo", cpu, 2),
                    Contains("--group") && Contains("2 ranks on cpu") && Contains("expected mpi"));
  CHECK_THROWS_WITH(choose_group("mpi", gpu, 2),
                    Contains("2 ranks on cuda:1") && Contains("expected nccl"));
  CHECK_THROWS_WITH(choose_group("nccl", cpu, 2), Contains("expected mpi"));
  CHECK_THROWS_WITH(choose_group("ncll", cpu, 2),
                    Contains("got 'ncll'") && Contains("Did you mean nccl?"));
}

TEST_CASE("the device is the one asked for, or bad input") {
  CHECK(choose_device("cpu", 0).kind == DeviceKind::cpu);
  CHECK(place_of(choose_device("auto", -1)) == "cpu");
  CHECK_THROWS_AS(choose_device("gpu", 0), InputError);
  CHECK_THROWS_WITH(choose_device("cuda0", 0), Contains("Did you mean cuda?"));
  CHECK(place_of(gpu) == "cuda:1");
  if (cuda_device_count() == 0) {
    CHECK(choose_device("auto", 0).kind == DeviceKind::cpu);
    CHECK_THROWS_AS(choose_device("cuda", 0), InputError);
  }
}

TEST_CASE("a group of one leaves its data alone") {
  const auto group = make_solo_group();
  double data[] = {1.5, -0.0};
  group->all_reduce_sum(data, 2, Scalar::float64, nullptr);
  CHECK(data[0] == 1.5);
  std::string bytes = "kept";
  group->broadcast(bytes, 0);
  CHECK(bytes == "kept");
  CHECK(group->name() == "solo");
  CHECK_THROWS_AS(group->broadcast(bytes, 1), Error);
  CHECK_THROWS_AS(group->all_reduce_sum(data, -1, Scalar::float64, nullptr), Error);
}
