#include "model/generation.hpp"

#include <algorithm>
#include <string>

#include "base/error.hpp"
#include "model/packing.hpp"

namespace surd::model {

void check_prompts(const Batch& prompts, std::span<const int> limit,
                   const spec::ModelShape& shape) {
  check(prompts, shape);
  const int S = prompts.sequences();
  if (std::ssize(limit) != S) {
    throw Error({.what = "generation needs one limit a prompt",
                 .expected = std::to_string(S),
                 .got = std::to_string(limit.size())});
  }
  for (int s = 0; s < S; ++s) {
    const std::int64_t length = prompts.starts[s + 1] - prompts.starts[s];
    if (length == 0)
      throw Error({.what = "a prompt is empty", .where = "prompt " + std::to_string(s)});
    if (length + limit[s] - 1 > shape.positions) {  // the last new token is not read
      throw Error({.what = "prompt and limit together exceed the model's positions",
                   .where = "prompt " + std::to_string(s),
                   .expected = "at most " + std::to_string(shape.positions + 1),
                   .got = std::to_string(length + limit[s])});
    }
  }
}

int longest_text(const Batch& prompts, std::span<const int> limit) {
  int longest = 1;
  for (int s = 0; s < prompts.sequences(); ++s) {
    longest = std::max(longest, prompts.starts[s + 1] - prompts.starts[s] + std::max(limit[s], 0));
  }
  return longest;
}

void generate_in_step(const Batch& prompts, int first, int last, std::int32_t eos,
                      std::span<const int> limit, StepModel& model,
                      std::span<Generated> generated) {
  struct Text {
    std::vector<std::int32_t>* output;
    bool done;
  };
  struct Column {
    std::span<const std::int32_t> prompt;
    std::size_t limit;
    std::vector<Text> texts;  // one a lane
    bool done() const {
      return std::all_of(texts.begin(), texts.end(), [](const Text& text) { return text.done; });
    }
  };
  std::vector<Column> columns;
  std::size_t shortest = prompts.tokens.size();
  for (int s = first; s < last; ++s) {
    const auto begin = static_cast<std::size_t>(prompts.starts[s]),
               length = static_cast<std::size_t>(prompts.starts[s + 1]) - begin;
    const auto most = static_cast<std::size_t>(std::max(limit[s], 0));
    columns.push_back({{prompts.tokens.data() + begin, length}, most, {}});
    for (Generated& lane : generated)
      columns.back().texts.push_back({&lane[static_cast<std::size_t>(s)], most == 0});
    shortest = std::min(shortest, length);
  }
  const std::size_t lanes = generated.size();
  std::vector<std::int32_t> tokens(lanes * columns.size()), best(lanes * columns.size());
  std::vector<int> open;
  for (std::size_t t = 0;; ++t) {
    open.clear();
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (!columns[c].done()) open.push_back(static_cast<int>(c));
    }
    if (open.empty()) return;
    if (4 * open.size() <=
        3 * columns.size()) {  // dropping moves what was remembered: not for a few
      model.keep(open);
      for (std::size_t c = 0; c < open.size(); ++c)
        columns[c] = columns[static_cast<std::size_t>(open[c])];
      columns.resize(open.size());
    }
    const std::size_t count = columns.size();
    for (std::size_t c = 0; c < count; ++c) {
      for (std::size_t a = 0; a < lanes; ++a) {
        const Column& column = columns[c];
        if (t < column.prompt.size()) {
          tokens[a * count + c] = column.prompt[t];
        } else {  // what is done reads anything, for nobody
          tokens[a * count + c] = column.texts[a].done ? 0 : column.texts[a].output->back();
        }
      }
    }
    const bool writes = t + 1 >= shortest;
    model.step(std::span(tokens).first(lanes * count), static_cast<int>(t), writes,
               std::span(best).first(lanes * count));
    if (!writes) continue;
    for (std::size_t c = 0; c < count; ++c) {
      if (t + 1 < columns[c].prompt.size()) continue;
      for (std::size_t a = 0; a < lanes; ++a) {
        Text& text = columns[c].texts[a];
        if (text.done) continue;
        text.output->push_back(best[a * count + c]);
        text.done = best[a * count + c] == eos || text.output->size() == columns[c].limit;
      }
    }
  }
}

}  // namespace surd::model
