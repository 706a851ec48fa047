// Is the exponent right where the best learning rate moves with length and width? Fixed rates, and
// windows of rates that a pilot chooses for each cell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "law/share.hpp"

namespace surd::bench {

// A full grid of 8 lengths 16..256 and widths 8..1024 in steps of 2; kappa 6, lapse .05, thresholds
// at a random place between two widths. The best rate of a cell is 5.6e-3 (L/64)^-by_length
// (d/90.5)^-by_width; each factor of 2 off it halves a seed's chance. A seed is solved where one
// of its rates solves it.
struct RatesCase {
  std::string name;
  double alpha = 0.5;
  double by_length = 0;
  double by_width = 0;
  bool one_luck = false;  // of a seed at all rates; else each rate has its own
  int seeds = 3;          // a cell
  std::size_t rates = 7;  // in steps of 1.78 about 5.6e-3; odd, at least 5
};
// Each alpha with each drift, luck and number of seeds; and more rates where they drift most.
std::vector<RatesCase> rates_cases();

// Which of the rates a seed runs.
struct RatesRule {
  std::string name;
  std::vector<std::size_t> fixed{};  // places, ascending; empty: a window
  std::size_t window = 0;
  double noise = 0;  // standard deviation of a pilot's loss about ln(rate / best)^2
};
std::vector<RatesRule> rates_rules(const RatesCase& one);

struct RatesRow {
  int studies = 0;
  int fitted = 0;  // with an exponent
  double bias = 0;
  std::optional<law::Share> coverage{};
  double half_width = 0;  // median; open ends at the limits of the search
  double trainings = 0;   // a seed, with its share of the pilot
  double doubted = 0;     // share of the studies of which law::rate_drift says something
};
// One for each rule, on the same seeds. `threads` has no influence on the numbers.
std::vector<RatesRow> measure_rates(const RatesCase& one, int studies, std::uint64_t seed,
                                    int threads);

// Columns of a Markdown table: its two header lines, and the line of a row.
std::string rates_header();
std::string rates_line(const RatesCase& one, const RatesRule& rule, const RatesRow& row);
Json to_json(const RatesCase& one, const RatesRule& rule, const RatesRow& row);

}  // namespace surd::bench
