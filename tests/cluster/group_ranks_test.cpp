#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <cstring>
#include <numeric>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "cluster/teams.hpp"
#include "mpi_main.hpp"

using namespace surd;
using namespace surd::cluster;
using test::world;

namespace {

std::vector<int> all_ranks() {
  std::vector<int> ranks(static_cast<std::size_t>(world().size()));
  std::iota(ranks.begin(), ranks.end(), 0);
  return ranks;
}

// Values of very different sizes, so that another order of summing gives other bits.
template <typename T>
T value(int member, std::int64_t i) {
  const auto x = static_cast<double>((i * 2654435761 + member * 40503) % 1000003);
  return static_cast<T>((x - 500000) *
                        std::pow(10.0, static_cast<double>((i + 3 * member) % 9) - 4) / 7);
}

template <typename T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

// The sum in the order of the members, one element after the other.
template <typename T>
void check_sum(Group& group, Scalar scalar, std::int64_t count) {
  std::vector<T> data(static_cast<std::size_t>(count)), expected(data.size());
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    data[at] = value<T>(group.rank(), i);
    expected[at] = value<T>(0, i);
    for (int member = 1; member < group.size(); ++member) expected[at] += value<T>(member, i);
  }
  group.all_reduce_sum(data.data(), count, scalar, nullptr);
  INFO("count " << count << ", " << sizeof(T) << " bytes each");
  CHECK(same_bits(data, expected));
}

}  // namespace

TEST_CASE("a sum that can be checked by hand") {
  const auto group = make_mpi_group(world(), all_ranks());
  float data[] = {1, 0.5F, -2, static_cast<float>(world().rank())};
  group->all_reduce_sum(data, 4, Scalar::float32, nullptr);
  const float n = static_cast<float>(world().size());
  CHECK(data[0] == n);
  CHECK(data[1] == n / 2);
  CHECK(data[2] == -2 * n);
  CHECK(data[3] == n * (n - 1) / 2);
}

TEST_CASE("an all-reduce gives all members the bits of the sum in their order") {
  const auto group = make_mpi_group(world(), all_ranks());
  CHECK(group->name() == "mpi");
  CHECK(group->rank() == world().rank());
  CHECK(group->size() == world().size());
  const std::int64_t blocks =
      world().size() * (std::int64_t{1} << 18);  // beyond one block of messages
  for (const std::int64_t count :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{2}, std::int64_t{3}, std::int64_t{1000},
        std::int64_t{70001}, blocks + 12345}) {
    check_sum<float>(*group, Scalar::float32, count);
    check_sum<double>(*group, Scalar::float64, count);
  }
}

TEST_CASE("the order of the members is the order of the sum") {
  std::vector<int> ranks = all_ranks();
  std::reverse(ranks.begin(), ranks.end());
  const auto group = make_mpi_group(world(), ranks);
  CHECK(group->rank() == world().size() - 1 - world().rank());
  check_sum<float>(*group, Scalar::float32, 1000);
}

TEST_CASE("groups of one, and of some ranks, do not involve the others") {
  const auto own = make_mpi_group(world(), {world().rank()});
  check_sum<double>(*own, Scalar::float64, 1000);
  if (world().size() < 3 || world().rank() == 0) return;
  const auto workers = make_mpi_group(world(), {1, 2});
  check_sum<double>(*workers, Scalar::float64, 1000);
}

TEST_CASE("a group of one over MPI behaves as the solo group") {
  const auto mpi = make_mpi_group(world(), {world().rank()}), solo = make_solo_group();
  std::vector<float> a(1000), b(1000);
  for (std::size_t i = 0; i < a.size(); ++i)
    a[i] = b[i] = i == 7 ? -0.0F : value<float>(0, static_cast<std::int64_t>(i));
  mpi->all_reduce_sum(a.data(), 1000, Scalar::float32, nullptr);
  solo->all_reduce_sum(b.data(), 1000, Scalar::float32, nullptr);
  CHECK(same_bits(a, b));
  for (Group* group : {mpi.get(), solo.get()}) {
    std::string bytes = "own";
    group->broadcast(bytes, 0);
    CHECK(bytes == "own");
    CHECK((group->rank() == 0 && group->size() == 1));
    CHECK_THROWS_AS(group->broadcast(bytes, 1), Error);
    CHECK_THROWS_AS(group->all_reduce_sum(a.data(), -1, Scalar::float32, nullptr), Error);
  }
}

TEST_CASE("a broadcast reaches all members, from any of them, empty too") {
  const auto group = make_mpi_group(world(), all_ranks());
  for (int root = 0; root < world().size(); ++root) {
    for (const std::string& text : {std::string(), std::string("state\0bytes", 11),
                                    std::string(3000000, static_cast<char>('a' + root))}) {
      std::string bytes = group->rank() == root ? text : "old content of another length";
      group->broadcast(bytes, root);
      CHECK(bytes == text);
    }
  }
}

TEST_CASE("waiting for a broadcast, or for a member to make a group, costs no core") {
  const std::vector<int> ranks = all_ranks();
  const auto group = make_mpi_group(world(), ranks);
  std::string bytes;
  const double start_s = steady_time_s(), used_before_s = test::processor_time_s();
  if (world().rank() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(500));
  group->broadcast(bytes, 0);
  if (world().rank() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(500));
  const auto second = make_mpi_group(world(), ranks);
  const double share = (test::processor_time_s() - used_before_s) / (steady_time_s() - start_s);
  CHECK(share < 0.5);  // who spins has all of a core that is free
}

TEST_CASE("a group of ranks that are not distinct, not there, or without this one is an error") {
  const int rank = world().rank();
  CHECK_THROWS_WITH(make_mpi_group(world(), {}), Catch::Contains("got none"));
  CHECK_THROWS_AS(make_mpi_group(world(), {rank, rank}), Error);
  CHECK_THROWS_AS(make_mpi_group(world(), {rank, world().size()}), Error);
  CHECK_THROWS_AS(make_mpi_group(world(), {rank + 1}), Error);
}

TEST_CASE("device memory is refused by the group of host memory") {
  const auto group = make_mpi_group(world(), {world().rank()});
  float data = 1;
  CHECK_THROWS_WITH(
      group->all_reduce_sum(&data, 1, Scalar::float32, &data),
      Catch::Contains("cannot reach device memory") && Catch::Contains("--group nccl"));
}
