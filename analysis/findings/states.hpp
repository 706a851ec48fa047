// Accuracy against state size, as practitioners plot it: every cell of every architecture.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/findings/finding.hpp"
#include "analysis/input/input.hpp"

namespace surd::analysis {

struct StateCell {
  std::string task;
  std::string architecture;
  std::string axes;
  double length = 0;
  double hidden = 0;       // width
  double state_bytes = 0;  // after the full length
  double accuracy = 0;     // on the test, mean over seeds at their best learning rate, in [0, 1];
                           // where seeds were counted the share solved
  int seeds = 0;           // of that mean
  bool on_front =
      false;  // of its task, further axes and length no other cell has the same accuracy
              // or a better one with less state, nor a better one with the same
};

// By task, axes, length, architecture, state. Cells without a result or of unknown size are left
// out: empty where the input knows no state size.
std::vector<StateCell> state_cells(const Input& input, std::span<const Finding> fits);

}  // namespace surd::analysis
