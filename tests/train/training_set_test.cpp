// A fixed training set: its order, and the batches that are made of it.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>
#include <vector>

#include "train/data.hpp"
#include "train/example.hpp"
#include "train/permutation.hpp"

using namespace surd;
using namespace surd::train;

namespace {

std::vector<std::uint32_t> order(std::uint32_t count, std::uint64_t seed, std::uint64_t epoch) {
  const Permutation permutation(count, seed, epoch);
  std::vector<std::uint32_t> items;
  for (std::uint32_t place = 0; place < count; ++place) items.push_back(permutation(place));
  return items;
}

// The sequences of a batch, each as its tokens.
std::vector<std::vector<std::int32_t>> sequences(const model::Batch& batch) {
  std::vector<std::vector<std::int32_t>> found;
  for (std::size_t s = 0; s + 1 < batch.starts.size(); ++s) {
    found.emplace_back(batch.tokens.begin() + batch.starts[s],
                       batch.tokens.begin() + batch.starts[s + 1]);
  }
  return found;
}

}  // namespace

TEST_CASE("an epoch's order holds every item once, whatever the number of items") {
  for (const std::uint32_t count : {1U, 2U, 3U, 4U, 5U, 31U, 32U, 33U, 1000U, 65'537U}) {
    for (const std::uint64_t epoch : {0U, 1U, 2U}) {
      const auto items = order(count, 7, epoch);
      CHECK(std::set<std::uint32_t>(items.begin(), items.end()).size() == count);
      CHECK(*std::max_element(items.begin(), items.end()) == count - 1);
    }
  }
}

TEST_CASE("orders differ from epoch to epoch and from seed to seed") {
  CHECK(order(1000, 1, 0) == order(1000, 1, 0));
  CHECK(order(1000, 1, 0) != order(1000, 1, 1));
  CHECK(order(1000, 1, 0) != order(1000, 2, 0));
}

TEST_CASE(
    "an order is as good as a shuffle: places, neighbours and fixed points are those of chance") {
  // Over epochs, an item's place is uniform: chi-squared of 100 cells, 99 degrees of freedom, below
  // 160 with probability 1 - 1e-4 for each of five.
  constexpr std::uint32_t count = 100;
  constexpr int epochs = 20'000;
  std::vector<std::vector<int>> place_of(5, std::vector<int>(count, 0));
  double fixed_points = 0, neighbours = 0;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const auto items = order(count, 3, static_cast<std::uint64_t>(epoch));
    for (std::uint32_t place = 0; place < count; ++place) {
      if (items[place] % 20 == 0) ++place_of[items[place] / 20][place];
      fixed_points += items[place] == place ? 1 : 0;
      neighbours += place > 0 && items[place] == items[place - 1] + 1 ? 1 : 0;
    }
  }
  for (const auto& places : place_of) {
    double chi = 0;
    const double expected = static_cast<double>(epochs) / count;
    for (const int seen : places) chi += (seen - expected) * (seen - expected) / expected;
    CHECK(chi < 160);
    CHECK(chi > 50);
  }
  // Of a random permutation: 1 fixed point and (count - 1) / count rising neighbours on average,
  // both nearly Poisson.
  CHECK(std::abs(fixed_points / epochs - 1) < 4 / std::sqrt(epochs));
  CHECK(std::abs(neighbours / epochs - 0.99) < 4 / std::sqrt(epochs));
}

TEST_CASE(
    "an epoch of a fixed set trains on each instance once, and the next one on the same instances "
    "in another order") {
  spec::Trial trial = example::trial(1e-2, 1);
  trial.task =
      tasks::resolve({.name = "lis",
                      .size = 12,
                      .options = {}});  // so many problems that no two of the set are equal
  const auto task = tasks::make_task(trial.task);
  trial.recipe.batch_sequences = 10;
  trial.recipe.training_set =
      57;  // five steps an epoch; seven instances are left out, others each time
  Data data(*task, trial.recipe, 0, 1);
  model::Batch batch;
  std::set<std::vector<std::int32_t>> all;
  std::vector<std::set<std::vector<std::int32_t>>> epochs(40);
  for (int step = 0; step < 5 * 40; ++step) {
    data.training_batch(9, step, batch);
    for (const auto& sequence : sequences(batch)) {
      all.insert(sequence);
      epochs[static_cast<std::size_t>(step / 5)].insert(sequence);
    }
  }
  for (const auto& epoch : epochs) CHECK(epoch.size() == 50);
  CHECK(all.size() == 57);
  CHECK(epochs[0] != epochs[1]);
  Data fresh(*task, example::trial(1e-2, 1).recipe, 0, 1);
  std::set<std::vector<std::int32_t>> drawn;
  for (int step = 0; step < 4; ++step) {
    fresh.training_batch(9, step, batch);
    for (const auto& sequence : sequences(batch)) drawn.insert(sequence);
  }
  CHECK(drawn.size() == 4 * 48);
}

TEST_CASE("the batches of a fixed set are the same on any number of ranks") {
  spec::Trial trial = example::trial(1e-2, 1);
  const auto task = tasks::make_task(trial.task);
  trial.recipe.training_set = 100;
  trial.recipe.sizes = spec::Sizes::under;
  Data whole(*task, trial.recipe, 0, 1);
  model::Batch batch;
  for (const int step : {0, 1, 2, 77}) {
    whole.training_batch(5, step, batch);
    const auto expected = sequences(batch);
    std::vector<std::vector<std::int32_t>> parts;
    for (int rank = 0; rank < 3; ++rank) {
      Data part(*task, trial.recipe, rank, 3);
      part.training_batch(5, step, batch);
      for (const auto& sequence : sequences(batch)) parts.push_back(sequence);
    }
    CHECK(parts == expected);
  }
}
