// surd-fit steps: how many steps, tokens and seconds each cell took until it was solved, at its
// best learning rate.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/table.hpp"

namespace surd::analysis {

// One cell. A seed is solved from the first validation at or above the recipe's stop_at on; medians
// are over the solved seeds.
struct Solving {
  std::string task;
  std::int64_t size = 0;
  std::int64_t length = 0;
  std::string architecture;
  std::string axes;  // "model.heads=4": further axes, empty where there are none
  std::int64_t hidden = 0;
  double learning_rate = 0;  // of those tried: the largest share of solved seeds, then the fewest
                             // steps, then the best validation accuracy
  int seeds = 0;             // trained at that rate
  int solved = 0;            // of them
  std::optional<double> steps{}, tokens{}, seconds{};
  double accuracy_test = 0;  // median over the seeds
};

// Cells in the order of their first rows; trials without a result are left out.
std::vector<Solving> steps_to_solve(std::span<const store::ResultRow> rows);
// Of each task, size, architecture and further axes the smallest width whose every seed is solved;
// where there is none, the width with the most solved seeds, then the best accuracy.
std::vector<Solving> smallest_solved(std::span<const Solving> cells);

}  // namespace surd::analysis
