#include "train/evaluate.hpp"

#include <algorithm>
#include <limits>

namespace surd::train {
namespace {

// Sums over one member's chunks, in the order in which they are all-reduced.
struct Sums {
  double solved = 0;
  double loss = 0;
  double supervised = 0;
};

int count_solved(const model::Batch& batch, const std::vector<std::int32_t>& predicted) {
  int solved = 0;
  std::size_t m = 0;
  for (int s = 0; s < batch.sequences(); ++s) {
    bool all_right = true;
    for (; m < batch.rows.size() && batch.rows[m] < batch.starts[static_cast<std::size_t>(s) + 1];
         ++m)
      all_right &= predicted[m] == batch.labels[m];
    solved += all_right ? 1 : 0;
  }
  return solved;
}

// How many of the chunk's instances each of the lanes solves.
std::vector<int> count_generated(model::Program& program, const at::Tensor& parameters,
                                 std::span<const int> rows, const EvaluationSet::Chunk& chunk,
                                 const tasks::Task& task) {
  std::vector<int> limit;
  for (int s = 0; s < chunk.prompts.sequences(); ++s) {
    const std::int32_t prompt = chunk.prompts.starts[static_cast<std::size_t>(s) + 1] -
                                chunk.prompts.starts[static_cast<std::size_t>(s)];
    limit.push_back(task.positions() + 1 - prompt);
  }
  std::vector<model::Generated> generated(rows.size());
  program.generate(parameters, rows, chunk.prompts, task.eos().value(), limit, generated);
  std::vector<int> solved(rows.size());
  for (std::size_t a = 0; a < rows.size(); ++a) {
    for (std::size_t s = 0; s < generated[a].size(); ++s)
      solved[a] += task.answer_right(chunk.instances[s], generated[a][s]) ? 1 : 0;
  }
  return solved;
}

}  // namespace

std::optional<std::vector<Score>> evaluate(model::Program& program, const at::Tensor& parameters,
                                           std::span<const int> rows, const EvaluationSet& set,
                                           const tasks::Task& task, cluster::Group& group,
                                           const std::function<bool()>& should_stop) {
  const bool generates = task.scoring() == tasks::Scoring::generated_answer;
  std::vector<Sums> sums(rows.size());
  std::vector<std::vector<std::int32_t>> predicted(rows.size());
  std::vector<double> loss_sum(rows.size());
  // Lanes that a CPU takes one after the other are asked for one by one: a stop must not wait for a
  // chunk of all of them, generated token by token.
  const std::size_t at_once = parameters.is_cpu() ? 1 : rows.size();
  for (const EvaluationSet::Chunk& chunk : set.chunks) {
    for (std::size_t first = 0; first < rows.size(); first += at_once) {
      if (should_stop())
        return std::nullopt;  // also for a chunk that is empty here: other members ask for theirs
      if (chunk.batch.sequences() == 0) continue;
      const std::span<const int> some = rows.subspan(first, at_once);
      program.predict(parameters, some, chunk.batch, std::span(predicted).first(at_once),
                      std::span(loss_sum).first(at_once));
      const std::vector<int> answered =
          generates ? count_generated(program, parameters, some, chunk, task) : std::vector<int>();
      for (std::size_t a = 0; a < at_once; ++a) {
        Sums& sum = sums[first + a];
        sum.solved += generates ? answered[a] : count_solved(chunk.batch, predicted[a]);
        sum.loss += loss_sum[a];
        sum.supervised += static_cast<double>(chunk.batch.rows.size());
      }
    }
  }
  static_assert(sizeof(Sums) == 3 * sizeof(double));
  if (group.size() > 1)
    group.all_reduce_sum(sums.data(), static_cast<std::int64_t>(3 * sums.size()),
                         cluster::Scalar::float64, nullptr);
  std::vector<Score> scores;
  for (const Sums& sum : sums) {
    scores.push_back({.accuracy = set.instances > 0 ? sum.solved / set.instances : 0,
                      .loss = sum.supervised > 0 ? sum.loss / sum.supervised
                                                 : std::numeric_limits<double>::quiet_NaN()});
  }
  return scores;
}

}  // namespace surd::train
