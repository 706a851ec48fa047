// Training, validation and test never share a prompt, and what they share with Task::sample.
#include "tasks/split.hpp"

#include <catch2/catch.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "tasks/support.hpp"

namespace surd::tasks {
namespace {

std::vector<Token> prompt_of(const Task& task, const Instance& instance) {
  return {
      instance.tokens.begin(),
      instance.tokens.begin() + static_cast<std::ptrdiff_t>(task.prompt_tokens(instance.tokens))};
}

// How many of 2,000 test and 500 validation prompts of full size are also among 20,000 training
// prompts of mixed sizes or among each other's. `sample(split, stream, size, instance)` draws one.
template <typename Sample>
int shared_prompts(const Task& task, bool mixed, Sample sample) {
  std::array<std::set<std::vector<Token>>, 3> prompts;
  Instance instance;
  const auto draw_all = [&](Split split, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      RandomStream stream(1, split, 0, i);
      const int full = task.settings().size;
      sample(split, stream,
             split == Split::train && mixed ? task.sample_size_under(stream, full) : full,
             instance);
      prompts[static_cast<std::size_t>(split)].insert(prompt_of(task, instance));
    }
  };
  draw_all(Split::train, 20'000);
  draw_all(Split::validation, 500);
  draw_all(Split::test, 2'000);
  const auto shared = [&](std::size_t a, std::size_t b) {
    return std::count_if(prompts[a].begin(), prompts[a].end(),
                         [&](const auto& prompt) { return prompts[b].contains(prompt); });
  };
  return static_cast<int>(shared(1, 0) + shared(2, 0) + shared(1, 2));
}

TEST_CASE(
    "no test or validation prompt is among those of training, even where the space is so small "
    "that independent draws meet") {
  // Of each task the smallest size above the bound.
  int met = 0;
  for (const Entry& entry : entries()) {
    int above = 0;
    auto task = make_task(settings_of(entry, above, lowest_of));
    while (task->log2_instances() < 20) task = make_task(settings_of(entry, ++above, lowest_of));
    const SplitSampler sampler(*task);
    INFO(entry.name << " " << task->settings().size << ", 2^" << task->log2_instances()
                    << " prompts");
    REQUIRE(sampler.disjoint());
    const auto kept_apart = [&](Split split, RandomStream& stream, int size, Instance& instance) {
      sampler.sample(split, stream, size, instance);
    };
    const auto independent = [&](Split, RandomStream& stream, int size, Instance& instance) {
      task->sample(stream, size, instance);
    };
    met += shared_prompts(*task, false, independent);
    CHECK(shared_prompts(*task, false, kept_apart) == 0);
    CHECK(shared_prompts(*task, true, kept_apart) == 0);
  }
  CHECK(met > 100);  // so that the zeros say something
}

TEST_CASE(
    "a sixteenth of the prompts is for validation, a sixteenth for the test, and which ones stays "
    "so for ever") {
  const auto task = make_task({"arithmetic", 6, {}});
  std::array<int, 3> counts{};
  for (std::uint32_t i = 0; i < 32'000; ++i)
    ++counts[static_cast<std::size_t>(split_of(prompt_of(*task, draw(*task, 5, i))))];
  CHECK(std::abs(counts[1] - 2'000) < 4 * std::sqrt(2'000));
  CHECK(std::abs(counts[2] - 2'000) < 4 * std::sqrt(2'000));
  // XXH3-64 of the little-endian int32 tokens, by Python's xxhash.
  CHECK(split_of(std::array<Token, 3>{1, 2, 18}) == Split::validation);
  CHECK(split_of(std::array<Token, 3>{1, 2, 38}) == Split::test);
  CHECK(split_of(std::array<Token, 3>{1, 2, 3}) == Split::train);
}

TEST_CASE(
    "what is kept apart is otherwise as it was: the mean of a feature moves by no more than "
    "sampling does") {
  const auto task = make_task({"lis", 20, {}});
  const SplitSampler sampler(*task);
  Instance instance;
  std::array<double, 4> means{};
  constexpr int draws = 20'000;
  for (std::uint32_t i = 0; i < draws; ++i) {
    for (const Split split : {Split::train, Split::validation, Split::test}) {
      RandomStream stream(8, split, 0, i);
      sampler.sample(split, stream, 20, instance);
      means[static_cast<std::size_t>(split)] +=
          (instance.tokens[instance.tokens.size() - 2] - 3.0) / draws;
    }
    means[3] += (draw(*task, 9, i).tokens[42] - 3.0) / draws;
  }
  for (const double mean : means)
    CHECK(std::abs(mean - means[3]) <
          4 * std::sqrt(2.0 / draws) * 3);  // the answer's sd is below 3
}

TEST_CASE("small spaces are drawn from as they are, and small sizes of large ones never hang") {
  const auto small = make_task({"lookup", 2, {}});
  CHECK_FALSE(SplitSampler(*small).disjoint());
  for (std::uint32_t i = 0; i < 100; ++i) {
    RandomStream one(3, Split::test, 0, i);
    RandomStream other(3, Split::test, 0, i);
    Instance instance;
    Instance same;
    SplitSampler(*small).sample(Split::test, one, 2, instance);
    small->sample(other, 2, same);
    CHECK(instance.tokens == same.tokens);
  }
  for (const TaskSettings& settings : all_settings()) {
    const auto task = make_task(settings);
    Instance instance;
    for (const Split split : {Split::train, Split::validation, Split::test}) {
      RandomStream stream(3, split, 0, 0);
      SplitSampler(*task).sample(split, stream, task->min_size(), instance);
      CHECK(instance.tokens.size() > 1);
    }
  }
}

}  // namespace
}  // namespace surd::tasks
