// Grids that several tests fit, and simulated studies.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "law/outcome.hpp"

namespace surd::law::example {

// Rows of `solved` are lengths, columns widths.
inline std::vector<Cell> grid(const std::vector<double>& lengths, const std::vector<double>& widths, const std::vector<std::vector<int>>& solved,
                              int seeds = 3) {
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    for (std::size_t j = 0; j < widths.size(); ++j)
      cells.push_back({.length = lengths[i], .hidden = widths[j], .seeds = seeds, .solved = solved[i][j]});
  }
  return cells;
}

// The grid of statistics.md, fitted there with R.
inline std::vector<Cell> reference() {
  return grid({16, 32, 64, 128, 256}, {8, 16, 32, 64, 128, 256, 512, 1024},
              {{0, 0, 1, 3, 3, 3, 3, 3}, {0, 0, 1, 2, 3, 3, 3, 3}, {0, 0, 0, 2, 3, 3, 3, 3}, {0, 0, 0, 1, 3, 2, 3, 3}, {0, 0, 0, 0, 2, 3, 3, 3}});
}

// What a study is like. The base scenario: m 5, L 16..256, width ratio 2, 8 widths, 3 seeds, kappa 6, lapse .05.
struct Scenario {
  double alpha = 0.5;
  double kappa = 6;
  double lapse = 0.05;
  int lengths = 5;
  int widths = 8;
  int seeds = 3;
};

// The seeds of every cell drawn from the model; the threshold at the mean length lies at a random place near the middle of the widths.
inline std::vector<Cell> simulate(const Scenario& scenario, RandomStream& random) {
  std::vector<Cell> cells;
  const double centre = std::log(8.0) + std::log(2.0) * ((scenario.widths - 1) / 2.0 + random.uniform() - 0.5);
  for (int i = 0; i < scenario.lengths; ++i) {
    const double share = static_cast<double>(i) / (scenario.lengths - 1);
    const double length = std::round(16 * std::pow(16.0, share));
    const double log_threshold = centre + scenario.alpha * (std::log(length) - std::log(64.0));
    for (int j = 0; j < scenario.widths; ++j) {
      Cell cell{.length = length, .hidden = 8 * std::pow(2.0, j), .seeds = scenario.seeds};
      const double u = scenario.kappa * (std::log(cell.hidden) - log_threshold);
      const double p = (1 - scenario.lapse) / (1 + std::exp(-u));
      for (int seed = 0; seed < scenario.seeds; ++seed) cell.solved += random.uniform() < p;
      cells.push_back(cell);
    }
  }
  return cells;
}

}  // namespace surd::law::example
