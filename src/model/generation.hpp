// Greedy generation, whatever computes the model: all sequences walk from position 0 in step, one
// that is past its prompt reads what it has just written while longer prompts are still read, and
// finished sequences are dropped, so that the longest ones do not pay for them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/batch.hpp"
#include "model/program.hpp"
#include "spec/model.hpp"

namespace surd::model {

// Error where `prompts` or `limit` (one number of new tokens a prompt) are malformed or exceed the
// shape's positions.
void check_prompts(const Batch& prompts, std::span<const int> limit, const spec::ModelShape& shape);

// One position of the sequences at hand, in columns, for A lanes at once; at the start column c is
// sequence first + c.
class StepModel {
 public:
  virtual ~StepModel() = default;
  // tokens, best: [A][columns]. Reads tokens at `position` (0 at the first call, then one more a
  // call). Where `writes`: best is the arg max of the logits there.
  virtual void step(std::span<const std::int32_t> tokens, int position, bool writes,
                    std::span<std::int32_t> best) = 0;
  // From now on column c of every lane is what column columns[c] was, perhaps before the first
  // step; columns ascends.
  virtual void keep(std::span<const int> columns) = 0;
};

// Sequences [first, last) of checked prompts for A = generated.size() lanes; generated[a][s] as in
// Program::generate, empty before.
void generate_in_step(const Batch& prompts, int first, int last, std::int32_t eos,
                      std::span<const int> limit, StepModel& model, std::span<Generated> generated);
// The most positions that one of these sequences takes, at least 1.
int longest_text(const Batch& prompts, std::span<const int> limit);

}  // namespace surd::model
