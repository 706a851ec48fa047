#include "tasks/split.hpp"

#include "base/hash.hpp"

namespace surd::tasks {
namespace {

constexpr double least_log2_instances = 20;
constexpr int most_draws = 1000;

}  // namespace

Split split_of(std::span<const Token> prompt) {
  switch (hash64(prompt.data(), prompt.size_bytes()) >> 60) {
    case 0: return Split::validation;
    case 1: return Split::test;
    default: return Split::train;
  }
}

SplitSampler::SplitSampler(const Task& task)
    : task_(task), disjoint_(task.log2_instances() >= least_log2_instances) {}

void SplitSampler::sample(Split split, RandomStream& stream, int size, Instance& instance) const {
  for (int draw = 0; draw < most_draws; ++draw) {
    task_.sample(stream, size, instance);
    if (!disjoint_ ||
        split_of(std::span(instance.tokens).first(task_.prompt_tokens(instance.tokens))) == split)
      return;
  }
}

}  // namespace surd::tasks
