// What the search for the next trials saves: simulated studies that run what law::propose proposes,
// against the full grid with three seeds a cell.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.hpp"
#include "law/next.hpp"
#include "law/power.hpp"

namespace surd::bench {

// A seed costs length x width^2: the FLOPs of training at an equal number of sequences, up to a
// factor that cancels in shares.
double seed_cost(double length, double width);
// Of the full grid of a scenario.
double grid_cost(const law::Scenario& scenario);

enum class Goal { alpha, delta };

struct SearchCase {
  Goal goal = Goal::alpha;  // the exponent of one architecture, or its difference from that of a
                            // baseline, run with it
  law::Strategy strategy = law::Strategy::per_flop;
  int at_once = 16;
  double budget_share = 0.06;  // of the full grid's cost, for delta that of both; the search ends
                               // when the budget does
};

// The base scenario with this exponent and so many lengths from 16 to 256, for delta beside a
// baseline of alpha 0; every study's thresholds lie at a random place between two widths.
law::Experiment base_experiment(Goal goal, double alpha, int lengths, int studies,
                                std::uint64_t seed, int threads);

struct SearchRow {
  SearchCase search;
  double alpha = 0;       // true; also the true difference
  double cost_share = 0;  // mean over the studies
  double seeds = 0;       // the same
  double rounds = 0;
  law::Accuracy found;  // from what the search ran
  law::Accuracy grid;   // from the full grid
  int studies = 0;

  double half_width_ratio() const { return found.half_width / grid.half_width; }
};

// The full grid's accuracy is handed over, so that it is simulated once for each exponent.
SearchRow measure_search(const SearchCase& search, law::Experiment experiment,
                         const law::Accuracy& grid);

// Columns of a Markdown table: its two header lines, and the line of a row.
std::string search_header();
std::string search_line(const SearchRow& row);
Json to_json(const SearchRow& row);

}  // namespace surd::bench
