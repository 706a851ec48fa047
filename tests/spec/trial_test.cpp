#include "spec/trial.hpp"

#include <catch2/catch.hpp>

#include <functional>

#include "spec/architecture.hpp"

using namespace surd;
using namespace surd::spec;

namespace {

Trial example() {
  Trial trial;
  trial.task = tasks::resolve({.name = "lookup", .size = 8});
  trial.length = 16;
  trial.positions = 16;
  trial.vocabulary = 17;
  trial.hidden = 8;
  trial.architecture = resolve({"linear", Json::object()});
  trial.recipe.batch_sequences = 96;
  trial.learning_rate = 1e-2;
  trial.seed = 1;
  return trial;
}

}  // namespace

TEST_CASE("a trial comes back from its JSON") {
  Trial trial = example();
  trial.model.position = Position::sinusoidal;
  trial.recipe.sizes = Sizes::under;
  trial.recipe.precision = Precision::fp64;
  trial.seed = ~std::uint64_t{0};
  const Trial back = trial_from_json(Json::parse(to_json(trial).dump()));
  CHECK(back == trial);
  CHECK(trial_id(back) == trial_id(trial));
}

TEST_CASE("a damaged trial names the key") {
  Json json = to_json(example());
  json["recipe"].erase("clip");
  CHECK_THROWS_WITH(trial_from_json(json), Catch::Contains("clip"));
  json = to_json(example());
  json["model"]["activation"] = "swish";
  CHECK_THROWS_AS(trial_from_json(json), Error);
}

TEST_CASE(
    "everything that can change a result changes the id, and only rate and seed keep the bundle") {
  const Trial base = example();
  const std::vector<std::function<void(Trial&)>> new_bundle = {
      [](Trial& t) { t.task.name = "lis"; },
      [](Trial& t) { t.task.size = 9; },
      [](Trial& t) { t.task.options["symbols"] = 5; },
      [](Trial& t) { t.hidden = 12; },
      [](Trial& t) {
        t.architecture = resolve({"standard", Json::object()});
      },
      [](Trial& t) {
        t.architecture = resolve({"sparse", Json::object()});
      },
      [](Trial& t) { t.model.layers = 2; },
      [](Trial& t) { t.model.heads = 2; },
      [](Trial& t) { t.model.ffn_ratio = 2; },
      [](Trial& t) { t.model.activation = Activation::relu; },
      [](Trial& t) { t.model.position = Position::sinusoidal; },
      [](Trial& t) { t.model.dropout = 0.1; },
      [](Trial& t) { t.model.init = Init::gpt2; },
      [](Trial& t) { t.recipe.batch_sequences = 97; },
      [](Trial& t) { t.recipe.steps = 999; },
      [](Trial& t) { t.recipe.warmup = 99; },
      [](Trial& t) { t.recipe.schedule = Schedule::constant; },
      [](Trial& t) { t.recipe.schedule = Schedule::linear; },
      [](Trial& t) { t.recipe.training_set = 1000; },
      [](Trial& t) { t.recipe.final_lr = 0; },
      [](Trial& t) { t.recipe.clip = 0; },
      [](Trial& t) { t.recipe.weight_decay = 0; },
      [](Trial& t) { t.recipe.beta1 = 0.95; },
      [](Trial& t) { t.recipe.beta2 = 0.999; },
      [](Trial& t) { t.recipe.epsilon = 1e-9; },
      [](Trial& t) { t.recipe.eval_every = 50; },
      [](Trial& t) { t.recipe.validation = 256; },
      [](Trial& t) { t.recipe.test = 1024; },
      [](Trial& t) { t.recipe.stop_at = 0.99; },
      [](Trial& t) { t.recipe.stop_evals = 3; },
      [](Trial& t) { t.recipe.sizes = Sizes::under; },
      [](Trial& t) { t.recipe.sizes = Sizes::curriculum; },
      [](Trial& t) { t.recipe.precision = Precision::fp64; },
      [](Trial& t) { t.data_parallel = 2; },
  };
  for (std::size_t i = 0; i < new_bundle.size(); ++i) {
    Trial changed = base;
    new_bundle[i](changed);
    INFO("change " << i);
    CHECK(trial_id(changed) != trial_id(base));
    CHECK(bundle_key(changed) != bundle_key(base));
  }
  const std::vector<std::function<void(Trial&)>> same_bundle = {
      [](Trial& t) { t.learning_rate = 2e-2; }, [](Trial& t) { t.seed = 2; }};
  for (const auto& change : same_bundle) {
    Trial changed = base;
    change(changed);
    CHECK(trial_id(changed) != trial_id(base));
    CHECK(bundle_key(changed) == bundle_key(base));
  }
}

TEST_CASE("ids do not depend on spelling: 1e-2 is 0.01, -0 is 0, options written out or not") {
  Trial one = example();
  Trial other = example();
  other.learning_rate = std::stod("0.01");
  other.model.dropout = -0.0;
  other.architecture = resolve({"linear", {{"phi", "elu"}}});
  CHECK(trial_id(one) == trial_id(other));
}

TEST_CASE("the id of a known trial stays what it is in every journal of this numerics_version") {
  // 128-bit XXH3 of the JSON with sorted keys and shortest numbers, as Python (json.dumps with
  // sorted keys, xxhash) computed it for numerics_version 2.
  CHECK(trial_id(example()).value == "2dd85009dd1a706065d914bc576fbc43");
}

TEST_CASE("a journal from before fixed training sets reads as fresh instances") {
  Json older = to_json(example());
  older["recipe"].erase("training_set");
  CHECK(trial_from_json(older) == example());
  older["recipe"]["training_set"] = "many";
  CHECK_THROWS_WITH(trial_from_json(older), Catch::Contains("training_set"));
}

TEST_CASE(
    "a journal from before an option reads as its default, and the option changes the id only away "
    "from it") {
  Trial trial = example();
  Json older = to_json(trial);
  older["architecture"]["options"].erase("normalise");
  CHECK(trial_from_json(older) == trial);
  trial.architecture = resolve({"linear", {{"normalise", false}}});
  CHECK(trial_id(trial) != trial_id(example()));
}

TEST_CASE("the learning rate warms up linearly, peaks at the warm-up's end and lands on final_lr") {
  Recipe recipe;
  recipe.steps = 1000;
  recipe.warmup = 100;
  recipe.final_lr = 0.1;
  CHECK(learning_rate_at(recipe, 2.0, 0) == Approx(2.0 / 101));
  CHECK(learning_rate_at(recipe, 2.0, 49) == Approx(2.0 * 50 / 101));
  CHECK(learning_rate_at(recipe, 2.0, 100) == Approx(2.0));
  CHECK(learning_rate_at(recipe, 2.0, 999) == Approx(0.2));
  CHECK(learning_rate_at(recipe, 2.0, 325) ==
        Approx(2.0 * (0.1 + 0.9 * 0.5 * (1 + std::cos(3.14159265358979 * 225 / 899)))));
  for (int step = 101; step < 1000; ++step)
    CHECK(learning_rate_at(recipe, 2.0, step) < learning_rate_at(recipe, 2.0, step - 1));
  recipe.schedule = Schedule::constant;
  CHECK(learning_rate_at(recipe, 2.0, 999) == 2.0);
  recipe.warmup = 0;
  CHECK(learning_rate_at(recipe, 2.0, 0) == 2.0);
}

TEST_CASE("a linear schedule is half way at half of its steps and lands on final_lr") {
  Recipe recipe;
  recipe.schedule = Schedule::linear;
  recipe.steps = 1001;
  recipe.warmup = 0;
  recipe.final_lr = 0.2;
  CHECK(learning_rate_at(recipe, 2.0, 0) == Approx(2.0));
  CHECK(learning_rate_at(recipe, 2.0, 250) == Approx(2.0 * 0.8));
  CHECK(learning_rate_at(recipe, 2.0, 1000) == Approx(0.4));
}

TEST_CASE(
    "a schedule by epoch stands still within an epoch, is zero in the first and never lands, as "
    "the predecessor's") {
  Recipe recipe;
  recipe.schedule = Schedule::linear_by_epoch;
  recipe.batch_sequences = 512;
  recipe.training_set = 1'000'000;
  recipe.steps = 195'300;
  recipe.warmup = 9765;
  recipe.final_lr = 0;
  // get_linear_schedule_with_warmup(num_warmup_steps=5, num_training_steps=100) of transformers, by
  // epoch: e / 5, then (100 - e) / 95.
  const auto at_epoch = [](int e) { return e < 5 ? e / 5.0 : (100 - e) / 95.0; };
  for (const int epoch : {0, 1, 4, 5, 6, 50, 99}) {
    for (const int step : {0, 1000, 1952})
      CHECK(learning_rate_at(recipe, 1e-4, epoch * 1953 + step) ==
            Approx(1e-4 * at_epoch(epoch)).epsilon(1e-12));
  }
  CHECK(learning_rate_at(recipe, 1e-4, 1952) == 0);
  recipe.warmup = 0;
  CHECK(learning_rate_at(recipe, 1e-4, 0) == 1e-4);
  recipe.warmup = recipe.steps;
  CHECK(learning_rate_at(recipe, 1.0, 195'299) == Approx(0.99));
}

TEST_CASE("a schedule of one step and a warm-up as long as the run are defined") {
  Recipe recipe;
  recipe.steps = 1;
  recipe.warmup = 0;
  CHECK(learning_rate_at(recipe, 1.0, 0) == 1.0);
  recipe.steps = recipe.warmup = 10;
  CHECK(learning_rate_at(recipe, 1.0, 9) == Approx(10.0 / 11));
}

TEST_CASE("mean tokens of lookup are exact, and mixed sizes are shorter") {
  const auto task = tasks::make_task({.name = "lookup", .size = 8});
  const MeanTokens full = mean_tokens(*task, Sizes::full);
  CHECK(full.tokens == 16);
  CHECK(full.supervised == 8);
  const MeanTokens under = mean_tokens(*task, Sizes::under);
  // Size i with probability proportional to i: mean size (2 * 8 + 1) / 3, standard error below
  // 0.13.
  CHECK(under.supervised == Approx(17.0 / 3).margin(0.6));
  CHECK(mean_tokens(*task, Sizes::under).tokens == under.tokens);
}

TEST_CASE(
    "mean tokens of a curriculum are those of its course: half of it mixed up to a size that rises "
    "evenly, half of it mixed as under") {
  const auto task = tasks::make_task({.name = "lookup", .size = 40, .options = {}});
  double mean = 0;
  for (int most = 1; most <= 40; ++most)
    mean += 2 * (2.0 * most + 1) / 3 / 40 / 2;  // of sizes i <= most with weight i
  mean += 2 * (2.0 * 40 + 1) / 3 / 2;
  const double got = mean_tokens(*task, Sizes::curriculum).tokens;
  CHECK(std::abs(got - mean) < 4 * 25 / 16.0);  // 256 samples of sd below 25
  CHECK(got < mean_tokens(*task, Sizes::under).tokens);
}

TEST_CASE(
    "training sizes: full, under, and a curriculum whose bound rises from the smallest size to n "
    "over the first half of the steps") {
  const auto task = tasks::make_task({.name = "lis", .size = 12, .options = {}});  // sizes 3..12
  Recipe recipe;
  recipe.steps = 100;
  const auto largest = [&](int step) {
    int most = 0;
    for (std::uint32_t i = 0; i < 300; ++i) {
      RandomStream stream(6, Split::train, static_cast<std::uint64_t>(step), i);
      RandomStream again = stream;
      const int size = training_size(*task, recipe, step, stream);
      CHECK(size >= 3);
      CHECK(size == training_size(*task, recipe, step, again));
      most = std::max(most, size);
    }
    return most;
  };
  CHECK(largest(0) == 12);
  recipe.sizes = Sizes::under;
  CHECK(largest(0) == 12);
  recipe.sizes = Sizes::curriculum;
  for (int step = 0; step < 100; ++step) {
    INFO(step);
    CHECK(largest(step) == std::min(12, 3 + step / 5));  // ten sizes in fifty steps
  }
  recipe.steps = 3;  // fewer steps than sizes
  CHECK(largest(0) == 3);
  CHECK(largest(2) == 12);
  recipe.steps = 1;
  CHECK(largest(0) == 3);
}
