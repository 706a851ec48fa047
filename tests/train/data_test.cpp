#include "train/data.hpp"

#include <catch2/catch.hpp>
#include <algorithm>
#include <set>

#include "train/example.hpp"

using namespace surd;
using namespace surd::train;

TEST_CASE("shares cover every item once and differ by one at most") {
  for (const int size : {1, 2, 3, 7}) {
    int next = 0;
    for (int rank = 0; rank < size; ++rank) {
      const Share share = share_of(10, rank, size);
      CHECK(share.first == next);
      CHECK(share.last - share.first >= 10 / size);
      CHECK(share.last - share.first <= 10 / size + 1);
      next = share.last;
    }
    CHECK(next == 10);
  }
}

TEST_CASE("a packed batch holds inputs without the last token and the supervised positions") {
  model::Batch batch;
  batch.clear();
  // "2 + 3 = 5" of the arithmetic task: the loss counts what comes after "=".
  append(batch, tasks::Instance{.tokens = {12, 3, 13, 9, 15, 2}, .labels = {0, 0, 0, 15, 2}});
  append(batch, tasks::Instance{.tokens = {11, 9, 2}, .labels = {0, 2}});
  CHECK(batch.tokens == std::vector<std::int32_t>{12, 3, 13, 9, 15, 11, 9});
  CHECK(batch.starts == std::vector<std::int32_t>{0, 5, 7});
  CHECK(batch.rows == std::vector<std::int32_t>{3, 4, 6});
  CHECK(batch.labels == std::vector<std::int32_t>{15, 2, 2});
}

TEST_CASE(
    "the members of a team together see the batch of one rank, in the same order, for every task "
    "and mixture of sizes") {
  for (const std::string& name : tasks::task_names()) {
    for (const auto sizes : {spec::Sizes::full, spec::Sizes::under, spec::Sizes::curriculum}) {
      INFO(name << " " << spec::to_string(sizes));
      spec::Recipe recipe = example::trial(1e-2, 5).recipe;
      recipe.sizes = sizes;
      const auto task = tasks::make_task({.name = name, .size = 5, .options = {}});
      model::Batch whole, part;
      Data(*task, recipe, 0, 1).training_batch(5, 17, whole);
      REQUIRE(whole.sequences() == 48);
      for (const int size : {2, 3, 5}) {
        std::vector<std::int32_t> tokens, labels;
        for (int rank = 0; rank < size; ++rank) {
          Data(*task, recipe, rank, size).training_batch(5, 17, part);
          tokens.insert(tokens.end(), part.tokens.begin(), part.tokens.end());
          labels.insert(labels.end(), part.labels.begin(), part.labels.end());
        }
        CHECK(tokens == whole.tokens);
        CHECK(labels == whole.labels);
      }
    }
  }
}

TEST_CASE("a curriculum trains on small sizes first; validation and test stay at full size") {
  spec::Trial trial = example::trial(1e-2, 1);
  trial.recipe.sizes = spec::Sizes::curriculum;  // of 60 steps
  const auto task = tasks::make_task({.name = "copy", .size = 10, .options = {}});
  Data data(*task, trial.recipe, 0, 1);
  const auto longest = [](const model::Batch& batch) {
    int most = 0;
    for (int s = 0; s < batch.sequences(); ++s)
      most = std::max(most, batch.starts[static_cast<std::size_t>(s) + 1] -
                                batch.starts[static_cast<std::size_t>(s)]);
    return most;
  };
  model::Batch batch;
  for (const auto& [step, size] : {std::pair{0, 1}, {2, 1}, {3, 2}, {14, 5}, {30, 10}, {59, 10}}) {
    data.training_batch(1, step, batch);
    CHECK(longest(batch) == 2 * size + 1);
  }
  for (const auto* set : {&data.validation(), &data.test()}) {
    for (const auto& chunk : set->chunks) {
      for (int s = 0; s <= chunk.batch.sequences(); ++s)
        CHECK(chunk.batch.starts[static_cast<std::size_t>(s)] == 21 * s);
    }
  }
}

TEST_CASE("training, validation and test instances do not meet") {
  spec::Trial trial = example::trial(
      1e-2, 0);  // seed 0 is also the seed of the evaluation sets: the split must keep them apart
  trial.recipe.validation = 500;
  trial.recipe.test = 2000;
  const auto task =
      tasks::make_task({.name = "lookup",
                        .size = 4,
                        .options = {}});  // 2^20 instances: some independent draws would meet
  Data data(*task, trial.recipe, 0, 1);
  using Prompts = std::set<std::vector<std::int32_t>>;
  const auto add = [](const model::Batch& batch, Prompts& prompts) {
    for (int s = 0; s < batch.sequences(); ++s) {
      prompts.emplace(batch.tokens.begin() + batch.starts[static_cast<std::size_t>(s)],
                      batch.tokens.begin() + batch.starts[static_cast<std::size_t>(s) + 1]);
    }
  };
  Prompts trained, validated, tested;
  model::Batch batch;
  for (int step = 0; step < 400; ++step) {
    data.training_batch(0, step, batch);
    add(batch, trained);
  }
  for (const auto& chunk : data.validation().chunks) add(chunk.batch, validated);
  for (const auto& chunk : data.test().chunks) add(chunk.batch, tested);
  CHECK(trained.size() > 18'000);
  CHECK(validated.size() > 490);
  CHECK(tested.size() > 1'900);
  const auto meets = [](const Prompts& some, const Prompts& others) {
    return std::any_of(some.begin(), some.end(),
                       [&](const auto& prompt) { return others.contains(prompt); });
  };
  CHECK_FALSE(meets(validated, trained));
  CHECK_FALSE(meets(tested, trained));
  CHECK_FALSE(meets(validated, tested));
}

TEST_CASE(
    "an evaluation set has its number of instances however the team is cut, in equally many "
    "chunks") {
  spec::Trial trial = example::trial(1e-2, 1);
  trial.recipe.test = 1301;
  const auto task = tasks::make_task(trial.task);
  for (const int size : {1, 2, 3}) {
    int total = 0;
    std::set<std::size_t> chunks;
    for (int rank = 0; rank < size; ++rank) {
      Data data(*task, trial.recipe, rank, size);
      for (const auto& chunk : data.test().chunks) total += chunk.batch.sequences();
      chunks.insert(data.test().chunks.size());
    }
    CHECK(total == 1301);
    CHECK(chunks.size() == 1);
  }
}

TEST_CASE("tasks with generated answers keep prompts and truths") {
  spec::Trial trial = example::trial(1e-2, 1);
  trial.task = tasks::resolve({.name = "arithmetic", .size = 2, .options = {}});
  const auto task = tasks::make_task(trial.task);
  Data data(*task, trial.recipe, 0, 1);
  const auto& chunk = data.validation().chunks.at(0);
  REQUIRE(chunk.prompts.sequences() == chunk.batch.sequences());
  REQUIRE(chunk.instances.size() == static_cast<std::size_t>(chunk.batch.sequences()));
  for (int s = 0; s < chunk.prompts.sequences(); ++s) {
    const auto end =
        static_cast<std::size_t>(chunk.prompts.starts[static_cast<std::size_t>(s) + 1]);
    CHECK(chunk.prompts.tokens[end - 1] == 9);  // "="
  }
}
