#include "model/generation.hpp"

#include <algorithm>
#include <string>

#include "base/error.hpp"
#include "model/packing.hpp"

namespace surd::model {

void check_prompts(const Batch& prompts, std::span<const int> limit, const spec::ModelShape& shape) {
  check(prompts, shape);
  const int S = prompts.sequences();
  if (std::ssize(limit) != S) {
    throw Error({.what = "generation needs one limit a prompt", .expected = std::to_string(S), .got = std::to_string(limit.size())});
  }
  for (int s = 0; s < S; ++s) {
    const std::int64_t length = prompts.starts[s + 1] - prompts.starts[s];
    if (length == 0) throw Error({.what = "a prompt is empty", .where = "prompt " + std::to_string(s)});
    if (length + limit[s] - 1 > shape.positions) {  // the last new token is not read
      throw Error({.what = "prompt and limit together exceed the model's positions",
                   .where = "prompt " + std::to_string(s),
                   .expected = "at most " + std::to_string(shape.positions + 1),
                   .got = std::to_string(length + limit[s])});
    }
  }
}

void generate_in_step(const Batch& prompts, int first, int last, std::int32_t eos, std::span<const int> limit, StepModel& model,
                      std::vector<std::vector<std::int32_t>>& generated) {
  struct Sequence {
    std::span<const std::int32_t> prompt;
    std::vector<std::int32_t>* output;
    std::size_t limit;
    bool done;
  };
  std::vector<Sequence> sequences;  // one a column
  std::size_t shortest = prompts.tokens.size();
  for (int s = first; s < last; ++s) {
    const auto begin = static_cast<std::size_t>(prompts.starts[s]), length = static_cast<std::size_t>(prompts.starts[s + 1]) - begin;
    const auto most = static_cast<std::size_t>(std::max(limit[s], 0));
    sequences.push_back({{prompts.tokens.data() + begin, length}, &generated[static_cast<std::size_t>(s)], most, most == 0});
    shortest = std::min(shortest, length);
  }
  std::vector<std::int32_t> tokens(sequences.size()), best(sequences.size());
  std::vector<int> columns;
  for (std::size_t t = 0;; ++t) {
    columns.clear();
    for (std::size_t c = 0; c < sequences.size(); ++c) {
      if (!sequences[c].done) columns.push_back(static_cast<int>(c));
    }
    if (columns.empty()) return;
    if (4 * columns.size() <= 3 * sequences.size()) {  // dropping moves what was remembered: not for a few
      model.keep(columns);
      for (std::size_t c = 0; c < columns.size(); ++c) sequences[c] = sequences[static_cast<std::size_t>(columns[c])];
      sequences.resize(columns.size());
    }
    const std::size_t count = sequences.size();
    for (std::size_t c = 0; c < count; ++c) {
      const Sequence& sequence = sequences[c];
      if (t < sequence.prompt.size()) {
        tokens[c] = sequence.prompt[t];
      } else if (!sequence.done) {
        tokens[c] = sequence.output->back();
      }
    }
    const bool writes = t + 1 >= shortest;
    model.step(std::span(tokens).first(count), static_cast<int>(t), writes, std::span(best).first(count));
    if (!writes) continue;
    for (std::size_t c = 0; c < count; ++c) {
      Sequence& sequence = sequences[c];
      if (sequence.done || t + 1 < sequence.prompt.size()) continue;
      sequence.output->push_back(best[c]);
      sequence.done = best[c] == eos || sequence.output->size() == sequence.limit;
    }
  }
}

}  // namespace surd::model
