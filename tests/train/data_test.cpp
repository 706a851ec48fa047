#include "train/data.hpp"

#include <catch2/catch.hpp>
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

TEST_CASE("the members of a team together see the batch of one rank, in the same order") {
  const spec::Trial trial = example::trial(1e-2, 5);
  const auto task = tasks::make_task(trial.task);
  model::Batch whole, part;
  Data(*task, trial.recipe, 0, 1).training_batch(5, 17, whole);
  REQUIRE(whole.sequences() == 48);
  for (const int size : {2, 3, 5}) {
    std::vector<std::int32_t> tokens, labels;
    for (int rank = 0; rank < size; ++rank) {
      Data(*task, trial.recipe, rank, size).training_batch(5, 17, part);
      tokens.insert(tokens.end(), part.tokens.begin(), part.tokens.end());
      labels.insert(labels.end(), part.labels.begin(), part.labels.end());
    }
    CHECK(tokens == whole.tokens);
    CHECK(labels == whole.labels);
  }
}

TEST_CASE("training, validation and test instances do not meet where the space is large") {
  spec::Trial trial = example::trial(1e-2, 0);  // seed 0 is also the seed of the evaluation sets: the split must keep them apart
  trial.task = tasks::resolve({.name = "lookup", .size = 16, .options = {}});
  const auto task = tasks::make_task(trial.task);
  Data data(*task, trial.recipe, 0, 1);
  std::set<std::vector<std::int32_t>> seen;
  std::size_t instances = 0;
  const auto add = [&](const model::Batch& batch) {
    for (int s = 0; s < batch.sequences(); ++s, ++instances) {
      seen.emplace(batch.tokens.begin() + batch.starts[static_cast<std::size_t>(s)],
                   batch.tokens.begin() + batch.starts[static_cast<std::size_t>(s) + 1]);
    }
  };
  model::Batch batch;
  for (int step = 0; step < 20; ++step) {
    data.training_batch(0, step, batch);
    add(batch);
  }
  for (const auto& chunk : data.validation().chunks) add(chunk.batch);
  for (const auto& chunk : data.test().chunks) add(chunk.batch);
  CHECK(instances == 20U * 48U + 64U + 96U);
  CHECK(seen.size() == instances);
}

TEST_CASE("an evaluation set has its number of instances however the team is cut, in equally many chunks") {
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
    const auto end = static_cast<std::size_t>(chunk.prompts.starts[static_cast<std::size_t>(s) + 1]);
    CHECK(chunk.prompts.tokens[end - 1] == 9);  // "="
  }
}
