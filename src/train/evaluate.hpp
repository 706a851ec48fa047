// How good a bundle's lanes are on a fixed set of instances.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "cluster/group.hpp"
#include "model/program.hpp"
#include "tasks/task.hpp"
#include "train/data.hpp"

namespace surd::train {

struct Score {
  double accuracy = 0;  // share of instances solved, by the task's own scoring
  double loss = 0;      // mean cross-entropy a supervised token, nats
};

// Scores of the given rows of parameters [R, P] over the whole team's set. Collective over the
// group. `should_stop` is asked before every piece of work (a chunk, on a CPU of one lane) and
// answers the same on all members; nothing is returned where it says yes.
std::optional<std::vector<Score>> evaluate(model::Program& program, const at::Tensor& parameters,
                                           std::span<const int> rows, const EvaluationSet& set,
                                           const tasks::Task& task, cluster::Group& group,
                                           const std::function<bool()>& should_stop);

}  // namespace surd::train
