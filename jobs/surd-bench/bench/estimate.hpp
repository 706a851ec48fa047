// Do the accuracies near a threshold say more than solved and unsolved? fit_graded beside
// law::fit, on simulated accuracies of several shapes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/random.hpp"
#include "bench/graded.hpp"
#include "law/power.hpp"
#include "law/simulate.hpp"

namespace surd::bench {

// How a seed's latent z = kappa (ln d - c - alpha x) + logistic noise becomes an accuracy: solved
// where z > 0. A graded seed has logit(accuracy) = logit(.9) + g z, any other 1 or chance.
struct Grades {
  // Of g below and above .9, and of the share of graded seeds: at the shortest and the longest
  // length, geometric or linear in ln L between.
  struct Ends {
    double shortest = 0, longest = 0;
  };
  Ends below{1, 1};
  Ends above{1, 1};
  Ends share{1, 1};
  double width_power_below = 0;  // g also goes by (d / the middle width)^this
  double width_power_above = 0;
  double scatter = 0;   // standard deviation of ln g between lengths, on its own below and above
  double noise = 0;     // normal, added to g z in logits; never across .9
  double chance = 0.1;  // accuracies of failed seeds are uniform within .05 of it
  bool lapses_partial = false;  // lapsed seeds are uniform between chance and .9 instead
};

struct EstimateCase {
  std::string name;
  law::Scenario scenario{};
  Grades grades{};
  bool boundary = false;  // only the two widths about each threshold, 4 seeds each
};
std::vector<EstimateCase> estimate_cases();
std::vector<GradedCell> simulate_accuracies(const EstimateCase& one, RandomStream& random);

struct EstimateRow {
  std::string name;
  // Over the studies in which all three give an exponent: law::fit, and fit_graded with equal
  // distances and with distances of their own.
  law::Accuracy solved, equal, own;
};
// The scenario's alpha is replaced. Thresholds lie at a random place between two widths.
EstimateRow measure_estimate(EstimateCase one, double alpha, int studies, std::uint64_t seed,
                             int threads);

// Columns of a Markdown table, the three estimates in each, half-widths as medians and means: its
// two header lines, and the line of a row.
std::string estimate_header();
std::string estimate_line(const EstimateRow& row);
Json to_json(const EstimateRow& row);

}  // namespace surd::bench
