// Do 95 % intervals hold the truth in 95 of 100 studies? The coverage study of the law's intervals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "law/power.hpp"

namespace surd::bench {

struct CoverageCase {
  std::string name;
  std::vector<law::Experiment>
      experiments;  // one for each true exponent: alpha 0, .5 and 1, or .5 alone
};

// The base (m 5, L 16..256, 8 widths of ratio 2, 3 seeds, kappa 6, lapse .05) and what differs from
// it: width ratio, kappa, lapse, its growth, number of lengths, a search instead of the full grid,
// scatter of the thresholds; and the difference from a baseline of alpha 0, also with 4 to 9
// lengths that both bracket, two more that the steeper curve does not, and scatter of the
// thresholds that the two share, or each has for itself, or both. Every study's thresholds lie at a
// random place between two widths. `seeds_a_cell`: of the full grids; the boundary search keeps its
// own.
std::vector<CoverageCase> coverage_cases(int seeds_a_cell, int studies, std::uint64_t seed,
                                         int threads);

struct CoverageRow {
  std::string name;
  int seeds_a_cell = 0;
  law::Power power;
  std::optional<law::Accuracy> joint{};  // of the difference by the joint fit, where it is paired
  double seconds = 0;                    // on the wall
};
CoverageRow measure_coverage(const std::string& name, const law::Experiment& experiment);

// Columns of a Markdown table: its two header lines, and the line of a row.
std::string coverage_header();
std::string coverage_line(const CoverageRow& row);
Json to_json(const CoverageRow& row);

}  // namespace surd::bench
