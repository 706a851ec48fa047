// Grids that several tests fit.
#pragma once

#include <vector>

#include "law/outcome.hpp"

namespace surd::law::example {

// Rows of `solved` are lengths, columns widths.
inline std::vector<Cell> grid(const std::vector<double>& lengths, const std::vector<double>& widths,
                              const std::vector<std::vector<int>>& solved, int seeds = 3) {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    for (std::size_t j = 0; j < widths.size(); ++j)
      cells.push_back(
          {.length = lengths[i], .hidden = widths[j], .seeds = seeds, .solved = solved[i][j]});
  }
  return cells;
}

// The grid of statistics.md, fitted there with R.
inline std::vector<Cell> reference() {
  return grid({16, 32, 64, 128, 256}, {8, 16, 32, 64, 128, 256, 512, 1024},
              {{0, 0, 1, 3, 3, 3, 3, 3},
               {0, 0, 1, 2, 3, 3, 3, 3},
               {0, 0, 0, 2, 3, 3, 3, 3},
               {0, 0, 0, 1, 3, 2, 3, 3},
               {0, 0, 0, 0, 2, 3, 3, 3}});
}

}  // namespace surd::law::example
