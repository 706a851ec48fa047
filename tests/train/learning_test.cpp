// That training learns what it should and no more: fixed seeds, a stated number of steps, some
// seconds of one core each.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "train/example.hpp"

using namespace surd;
using namespace surd::train;
using example::Keeper;

namespace {

// Each seed's test accuracy, of the learning rate with the best validation. The trials differ in
// seed and rate alone.
std::map<std::uint64_t, spec::TrialResult> best_of_seeds(const std::vector<spec::Trial>& trials) {
  const auto group = cluster::make_solo_group();
  Keeper keeper;
  REQUIRE(example::run(trials, keeper, *group) == spec::AttemptEnd::finished);
  std::map<std::uint64_t, spec::TrialResult> best;
  for (const auto& [lane, result] : keeper.results) {
    const auto [place, fresh] = best.emplace(trials[static_cast<std::size_t>(lane)].seed, result);
    if (!fresh && result.accuracy_validation > place->second.accuracy_validation)
      place->second = result;
  }
  return best;
}

// lookup of 16 queries, L = 32, one layer, one head, learned positions, 1,536 tokens a step: three
// seeds, two rates, 1,000 steps.
std::vector<spec::Trial> lookup(const std::string& architecture) {
  std::vector<spec::Trial> trials;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    for (const double rate : {1e-2, 2e-2}) {
      spec::Trial trial = example::trial_of({.name = "lookup", .size = 16, .options = {}}, rate,
                                            seed, architecture);
      trial.recipe.steps = 1000;
      trial.recipe.warmup = 100;
      trial.recipe.eval_every = 100;
      trial.recipe.validation = 256;
      trial.recipe.test = 512;
      trial.recipe.stop_at = 0.98;
      trials.push_back(trial);
    }
  }
  return trials;
}

}  // namespace

// Measured: every seed and rate of standard is at 1.0 after 200 to 600 steps; linear reaches .11 in
// 1,000 steps and .40 in 2,000, since its keys of width 8 cannot be told apart.
TEST_CASE(
    "lookup of 16 queries is solved by standard attention of width 8 within 1,000 steps, and not "
    "by linear attention") {
  for (const auto& [seed, result] : best_of_seeds(lookup("standard"))) {
    INFO("seed " << seed);
    CHECK(result.stop_reason == spec::StopReason::solved);
    CHECK(result.accuracy_test >= 0.95);
  }
  for (const auto& [seed, result] : best_of_seeds(lookup("linear"))) {
    INFO("seed " << seed);
    CHECK(result.steps == 1000);
    CHECK(result.accuracy_test < 0.5);
  }
}

// Measured: .97 of the validation instances after 2,500 to 2,700 steps for seeds 1 to 3.
TEST_CASE(
    "lis of 8 numbers is solved by standard attention of width 32 in three layers within 4,000 "
    "steps") {
  spec::Trial trial = example::trial_of({.name = "lis", .size = 8, .options = {}}, 6e-3, 1);
  trial.hidden = 32;
  trial.model.layers = 3;
  trial.model.heads = 4;
  trial.model.position = spec::Position::sinusoidal;
  trial.recipe.batch_sequences = 32;
  trial.recipe.steps = 4000;
  trial.recipe.warmup = 100;
  trial.recipe.eval_every = 100;
  trial.recipe.validation = 256;
  trial.recipe.test = 512;
  trial.recipe.stop_at = 0.98;
  for (const auto& [seed, result] : best_of_seeds({trial})) {
    CHECK(result.accuracy_test >= 0.95);
    CHECK(result.steps_to_solve > 0);
  }
}

TEST_CASE("nothing is learned at a rate of zero") {
  std::vector<spec::Trial> trials = lookup("standard");
  trials.resize(1);
  trials[0].learning_rate = 0;
  trials[0].recipe.steps = 200;
  const auto best = best_of_seeds(trials);
  CHECK(best.at(1).accuracy_test == 0);
  CHECK(best.at(1).steps_to_solve == -1);
  const std::vector<spec::CurvePoint>& curve = best.at(1).curve;
  CHECK(curve.front().loss_train == Approx(curve.back().loss_train).epsilon(0.1));
}
