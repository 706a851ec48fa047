#include "train/data.hpp"

#include <algorithm>
#include <optional>

#include "spec/memory.hpp"
#include "train/permutation.hpp"

namespace surd::train {
namespace {

// Evaluation instances are drawn with this seed, whatever the trial's.
constexpr std::uint64_t evaluation_seed = 0;

// The streams that the instances of a training step are drawn from: fresh ones, or those of a fixed
// set at their places in the epoch's order.
class InstanceStreams {
 public:
  InstanceStreams(const spec::Recipe& recipe, std::uint64_t seed, int step)
      : seed_(seed), step_(step) {
    if (recipe.training_set == 0) return;
    const int steps = spec::steps_per_epoch(recipe);
    first_place_ = step % steps * recipe.batch_sequences;
    order_.emplace(static_cast<std::uint32_t>(recipe.training_set), seed,
                   static_cast<std::uint64_t>(step / steps));
  }

  RandomStream operator()(int index) const {
    if (!order_)
      return {seed_, Split::train, static_cast<std::uint64_t>(step_),
              static_cast<std::uint32_t>(index)};
    return {seed_, Split::train, 0, (*order_)(static_cast<std::uint32_t>(first_place_ + index))};
  }

 private:
  std::uint64_t seed_;
  int step_;
  int first_place_ = 0;
  std::optional<Permutation> order_;
};

}  // namespace

Share share_of(int count, int rank, int size) {
  const int base = count / size;
  const int extra = count % size;
  const int first = rank * base + std::min(rank, extra);
  return {first, first + base + (rank < extra ? 1 : 0)};
}

void append(model::Batch& batch, const tasks::Instance& instance) {
  const auto start = static_cast<std::int32_t>(batch.tokens.size());
  const std::size_t inputs = instance.labels.size();
  batch.tokens.insert(batch.tokens.end(), instance.tokens.begin(),
                      instance.tokens.begin() + static_cast<std::ptrdiff_t>(inputs));
  for (std::size_t i = 0; i < inputs; ++i) {
    if (instance.labels[i] == tasks::pad) continue;
    batch.rows.push_back(start + static_cast<std::int32_t>(i));
    batch.labels.push_back(instance.labels[i]);
  }
  batch.starts.push_back(static_cast<std::int32_t>(batch.tokens.size()));
}

Data::Data(const tasks::Task& task, const spec::Recipe& recipe, int rank, int size)
    : task_(task), sampler_(task), recipe_(recipe), rank_(rank), size_(size) {}

void Data::training_batch(std::uint64_t seed, int step, model::Batch& batch) {
  batch.clear();
  const Share share = share_of(recipe_.batch_sequences, rank_, size_);
  batch.dropout_key =
      RandomStream(seed, Split::dropout, static_cast<std::uint64_t>(step), 0).bits64();
  batch.first_sequence = share.first;
  const InstanceStreams streams(recipe_, seed, step);
  for (int index = share.first; index < share.last; ++index) {
    RandomStream stream = streams(index);
    const int size = spec::training_size(task_, recipe_, step, stream);
    sampler_.sample(Split::train, stream, size, instance_);
    append(batch, instance_);
  }
}

EvaluationSet Data::make_set(Split split, int count) {
  const bool generated = task_.scoring() == tasks::Scoring::generated_answer;
  EvaluationSet set;
  set.instances = count;
  const int instances_a_chunk =
      std::max(1, spec::evaluation_chunk_tokens / std::max(1, task_.length()));
  const int largest_share = (count + size_ - 1) / size_;
  const int chunks = (largest_share + instances_a_chunk - 1) / instances_a_chunk;
  set.chunks.resize(static_cast<std::size_t>(chunks));
  const Share share = share_of(count, rank_, size_);
  for (int c = 0; c < chunks; ++c) {
    EvaluationSet::Chunk& chunk = set.chunks[static_cast<std::size_t>(c)];
    chunk.batch.clear();
    chunk.prompts.clear();
    const int first = share.first + c * instances_a_chunk;
    for (int index = first; index < std::min(share.last, first + instances_a_chunk); ++index) {
      RandomStream stream(evaluation_seed, split, 0, static_cast<std::uint32_t>(index));
      sampler_.sample(split, stream, task_.settings().size, instance_);
      append(chunk.batch, instance_);
      if (!generated) continue;
      const auto prompt = static_cast<std::ptrdiff_t>(task_.prompt_tokens(instance_.tokens));
      chunk.prompts.tokens.insert(chunk.prompts.tokens.end(), instance_.tokens.begin(),
                                  instance_.tokens.begin() + prompt);
      chunk.prompts.starts.push_back(static_cast<std::int32_t>(chunk.prompts.tokens.size()));
      chunk.instances.push_back(instance_);
    }
  }
  return set;
}

const EvaluationSet& Data::validation() {
  if (!validation_)
    validation_ = std::make_unique<EvaluationSet>(make_set(Split::validation, recipe_.validation));
  return *validation_;
}

const EvaluationSet& Data::test() {
  if (!test_) test_ = std::make_unique<EvaluationSet>(make_set(Split::test, recipe_.test));
  return *test_;
}

}  // namespace surd::train
