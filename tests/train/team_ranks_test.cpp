// Run by every rank of mpirun: a team of all ranks against each rank alone.
#include <catch2/catch.hpp>
#include <cmath>

#include "cluster/teams.hpp"
#include "mpi_main.hpp"
#include "train/example.hpp"

using namespace surd;
using namespace surd::train;
using example::Keeper;

namespace {

std::unique_ptr<cluster::Group> everyone(const cluster::World& world) {
  std::vector<int> ranks;
  for (int rank = 0; rank < world.size(); ++rank) ranks.push_back(rank);
  return cluster::make_mpi_group(world, ranks);
}

void compare(const spec::TrialResult& team, const spec::TrialResult& one, double tolerance) {
  REQUIRE(team.curve.size() == one.curve.size());
  CHECK(team.tokens == one.tokens);
  for (std::size_t i = 0; i < team.curve.size(); ++i) {
    CHECK(std::abs(team.curve[i].loss_train - one.curve[i].loss_train) < tolerance);
    CHECK(std::abs(team.curve[i].loss_validation - one.curve[i].loss_validation) < tolerance);
    CHECK(std::abs(team.curve[i].gradient_norm - one.curve[i].gradient_norm) < tolerance);
  }
}

}  // namespace

TEST_CASE("a team computes what one rank computes: fp64 to 1e-10 over 100 steps, for every architecture") {
  const cluster::World& world = test::world();
  const auto team = everyone(world);
  const auto solo = cluster::make_solo_group();
  for (const std::string architecture : {"standard", "linear", "sparse"}) {
    std::vector<spec::Trial> trials = {example::trial(1e-3, 1, architecture), example::trial(2e-3, 2, architecture)};
    for (spec::Trial& trial : trials) {
      trial.recipe.steps = 100;
      trial.recipe.precision = spec::Precision::fp64;
    }
    Keeper together, alone;
    REQUIRE(example::run(trials, together, *team) == Ending::finished);
    REQUIRE(example::run(trials, alone, *solo) == Ending::finished);
    CHECK(together.results.size() == (world.rank() == 0 ? 2U : 0U));  // only the first member is told
    if (world.rank() != 0) continue;
    for (int lane = 0; lane < 2; ++lane) compare(together.results.at(lane), alone.results.at(lane), 1e-10);
  }
}

TEST_CASE("a team in fp32 stays within 1e-5 of one rank") {
  const cluster::World& world = test::world();
  const auto team = everyone(world);
  const auto solo = cluster::make_solo_group();
  spec::Trial trial = example::trial(1e-3, 1);
  trial.recipe.steps = 100;
  Keeper together, alone;
  example::run({trial}, together, *team);
  example::run({trial}, alone, *solo);
  if (world.rank() == 0) {
    for (std::size_t i = 0; i < together.results.at(0).curve.size(); ++i) {
      CHECK(std::abs(together.results.at(0).curve[i].loss_validation - alone.results.at(0).curve[i].loss_validation) < 1e-5);
    }
    CHECK(std::abs(together.results.at(0).accuracy_test - alone.results.at(0).accuracy_test) <= 1.0 / trial.recipe.test + 1e-12);
  }
}

TEST_CASE("a team that is stopped goes on with the same bits") {
  const cluster::World& world = test::world();
  const auto team = everyone(world);
  const std::vector<spec::Trial> trials = {example::trial(1e-2, 1), example::trial(2e-2, 1)};
  Keeper whole;
  example::run(trials, whole, *team);
  Keeper cut;
  cut.stop_at = 33;  // asked of the first member only; the others learn of it
  REQUIRE(example::run(trials, cut, *team) == Ending::stopped);
  std::vector<std::string> states;
  if (world.rank() == 0) {
    for (const LaneState& state : cut.states) states.push_back(state.bytes);
  }
  cut.stop_at.reset();
  REQUIRE(example::run(trials, cut, *team, states) == Ending::finished);
  if (world.rank() == 0) {
    for (int lane = 0; lane < 2; ++lane) CHECK(example::fingerprint(cut.results.at(lane)) == example::fingerprint(whole.results.at(lane)));
  }
}
