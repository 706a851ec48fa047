// Run by every rank of mpirun: a team of all ranks against each rank alone.
#include <catch2/catch.hpp>
#include <cmath>

#include "cluster/teams.hpp"
#include "mpi_main.hpp"
#include "spec/architecture.hpp"
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

// Of two numbers that both stand at a point of a curve, or both do not.
bool close(double a, double b, double tolerance) {
  return std::abs(a - b) < tolerance || (std::isnan(a) && std::isnan(b));
}

void compare(const spec::TrialResult& team, const spec::TrialResult& one, double tolerance) {
  REQUIRE(team.curve.size() == one.curve.size());
  CHECK(team.tokens == one.tokens);
  for (std::size_t i = 0; i < team.curve.size(); ++i) {
    CHECK(close(team.curve[i].loss_train, one.curve[i].loss_train, tolerance));
    CHECK(close(team.curve[i].loss_validation, one.curve[i].loss_validation, tolerance));
    CHECK(close(team.curve[i].gradient_norm, one.curve[i].gradient_norm, tolerance));
  }
}

// Of test accuracies: a sum in another order may turn the choice of one instance.
bool within_one_instance(const spec::TrialResult& team, const spec::TrialResult& one,
                         const spec::Trial& trial) {
  return std::abs(team.accuracy_test - one.accuracy_test) <= 1.0 / trial.recipe.test + 1e-12;
}

}  // namespace

TEST_CASE(
    "a team computes what one rank computes: fp64 to 1e-10 over 200 steps, for every "
    "architecture") {
  const cluster::World& world = test::world();
  const auto team = everyone(world);
  const auto solo = cluster::make_solo_group();
  for (const std::string& architecture : spec::architecture_names()) {
    INFO(architecture);
    std::vector<spec::Trial> trials = {example::trial(1e-3, 1, architecture)};
    if (architecture == "standard") trials.push_back(example::trial(2e-3, 2, architecture));
    for (spec::Trial& trial : trials) {
      trial.recipe.steps = 200;
      trial.recipe.eval_every = 50;
      trial.recipe.precision = spec::Precision::fp64;
    }
    Keeper together, alone;
    REQUIRE(example::run(trials, together, *team) == spec::AttemptEnd::finished);
    CHECK(together.results.size() ==
          (world.rank() == 0 ? trials.size() : 0U));  // only the first member is told
    CHECK(together.pieces.at(Work::step) == 200);     // but for what all begin
    if (world.rank() != 0) continue;
    REQUIRE(example::run(trials, alone, *solo) == spec::AttemptEnd::finished);
    for (int lane = 0; lane < static_cast<int>(trials.size()); ++lane) {
      compare(together.results.at(lane), alone.results.at(lane), 1e-10);
      CHECK(within_one_instance(together.results.at(lane), alone.results.at(lane), trials[0]));
    }
  }
}

TEST_CASE(
    "a team generates and scores what one rank does: arithmetic in fp64 to 1e-10 over 200 steps") {
  const cluster::World& world = test::world();
  const auto team = everyone(world);
  const auto solo = cluster::make_solo_group();
  spec::Trial trial = example::trial_of({.name = "arithmetic", .size = 2, .options = {}}, 3e-3, 1);
  trial.recipe.steps = 200;
  trial.recipe.eval_every = 100;
  trial.recipe.sizes = spec::Sizes::under;
  trial.recipe.training_set = 300;  // four epochs and more: its order is the same everywhere
  trial.recipe.precision = spec::Precision::fp64;
  Keeper together, alone;
  REQUIRE(example::run({trial}, together, *team) == spec::AttemptEnd::finished);
  if (world.rank() == 0) {
    REQUIRE(example::run({trial}, alone, *solo) == spec::AttemptEnd::finished);
    compare(together.results.at(0), alone.results.at(0), 1e-10);
    CHECK(within_one_instance(together.results.at(0), alone.results.at(0), trial));
  }
}

TEST_CASE(
    "a team drops what one rank drops: the predecessor's recipe in fp64 to 1e-10 over 200 steps") {
  const cluster::World& world = test::world();
  const auto team = everyone(world);
  const auto solo = cluster::make_solo_group();
  spec::Trial trial = example::trial(1e-2, 1);
  trial.model.dropout = 0.1;
  trial.recipe.training_set = 48 * 10;
  trial.recipe.steps = 200;
  trial.recipe.warmup = 10;
  trial.recipe.schedule = spec::Schedule::linear_by_epoch;
  trial.recipe.clip = 0;
  trial.recipe.eval_every = 100;
  trial.recipe.precision = spec::Precision::fp64;
  Keeper together, alone;
  REQUIRE(example::run({trial}, together, *team) == spec::AttemptEnd::finished);
  if (world.rank() == 0) {
    REQUIRE(example::run({trial}, alone, *solo) == spec::AttemptEnd::finished);
    compare(together.results.at(0), alone.results.at(0), 1e-10);
    CHECK(within_one_instance(together.results.at(0), alone.results.at(0), trial));
    trial.model.dropout = 0;
    Keeper without;
    example::run({trial}, without, *solo);
    CHECK(without.results.at(0).loss_validation != alone.results.at(0).loss_validation);
  }
}

TEST_CASE(
    "a team in fp32 stays within 1e-5 of one rank over 100 steps at rate 1e-3, with dropout too") {
  const double dropout = GENERATE(0.0, 0.1);
  CAPTURE(dropout);
  const cluster::World& world = test::world();
  const auto team = everyone(world);
  const auto solo = cluster::make_solo_group();
  spec::Trial trial = example::trial(1e-3, 1);
  trial.model.dropout = dropout;
  trial.recipe.steps = 100;
  Keeper together, alone;
  example::run({trial}, together, *team);
  if (world.rank() == 0) {
    example::run({trial}, alone, *solo);
    compare(together.results.at(0), alone.results.at(0), 1e-5);
    CHECK(within_one_instance(together.results.at(0), alone.results.at(0), trial));
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
  REQUIRE(example::run(trials, cut, *team) == spec::AttemptEnd::stopped);
  std::vector<std::string> states;
  if (world.rank() == 0) {
    for (const LaneState& state : cut.states) states.push_back(state.bytes);
  }
  cut.stop_at.reset();
  REQUIRE(example::run(trials, cut, *team, states) == spec::AttemptEnd::finished);
  if (world.rank() == 0) {
    for (int lane = 0; lane < 2; ++lane)
      CHECK(example::fingerprint(cut.results.at(lane)) ==
            example::fingerprint(whole.results.at(lane)));
  }
}
