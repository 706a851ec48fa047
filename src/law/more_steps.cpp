#include "law/more_steps.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "law/logistic.hpp"
#include "law/near.hpp"

namespace surd::law {
namespace {

constexpr double prior_deviation = 0.6931471805599453;  // ln 2: a factor of two in width
constexpr int grid = 61;                                // of delta, from 0 to three of these
constexpr double outside = 0.05;  // seeds that follow the model no more than a coin does
constexpr int imputations = 200;

// A place of the fit's law.
struct Spot {
  double u = 0;        // of the width
  double share = 0;    // of the way from the shortest to the longest length, in logarithms
  double reached = 1;  // 1 - lapse
};

struct Deltas {
  double at_shortest = 0;
  double at_longest = 0;
  double log_weight = 0;
};

class Law {
 public:
  explicit Law(const Fit& fit)
      : fit_(fit),
        shortest_(std::log(fit.lengths.front())),
        range_(std::log(fit.lengths.back()) - shortest_),
        mean_(mean_log(fit.lengths)),
        kappa_(std::min(*fit.kappa, near_kappa_most)) {}

  Spot spot(double length, double hidden) const {
    const double x = std::log(length) - mean_;
    const double lapse =
        *fit_.lapse > 0 ? logistic(log_odds(*fit_.lapse) + *fit_.lapse_slope * x) : 0;
    return {.u = kappa_ * (std::log(hidden / *fit_.threshold) - *fit_.alpha * x),
            .share = (std::log(length) - shortest_) / range_,
            .reached = 1 - lapse};
  }
  // That an unsolved seed is solved with more steps.
  double chance(const Spot& seed, const Deltas& deltas) const {
    const double delta = deltas.at_shortest + (deltas.at_longest - deltas.at_shortest) * seed.share;
    const double before = seed.reached * logistic(seed.u);
    const double after = seed.reached * logistic(seed.u + kappa_ * std::max(delta, 0.0));
    return (after - before) / (1 - before);
  }

 private:
  const Fit& fit_;
  double shortest_;
  double range_;
  double mean_;
  double kappa_;
};

// The posterior on a grid; weights are cumulated, the last is their sum.
std::vector<Deltas> posterior(const Law& law, std::span<const Retrained> seeds) {
  std::vector<Spot> spots;
  for (const Retrained& seed : seeds) spots.push_back(law.spot(seed.length, seed.hidden));
  std::vector<Deltas> all;
  for (int i = 0; i < grid; ++i) {
    for (int j = 0; j < grid; ++j) {
      Deltas deltas{.at_shortest = 3 * prior_deviation * i / (grid - 1),
                    .at_longest = 3 * prior_deviation * j / (grid - 1)};
      deltas.log_weight =
          -(deltas.at_shortest * deltas.at_shortest + deltas.at_longest * deltas.at_longest) /
          (2 * prior_deviation * prior_deviation);
      for (std::size_t k = 0; k < spots.size(); ++k) {
        const double solved = (1 - outside) * law.chance(spots[k], deltas) + outside / 2;
        deltas.log_weight += std::log(seeds[k].solved ? solved : 1 - solved);
      }
      all.push_back(deltas);
    }
  }
  return all;
}

// Cells with what the seeds came to, and how many unsolved ones of each were not among them.
struct Known {
  std::vector<Cell> cells;
  std::vector<int> open;
};

Known known_of(std::vector<Cell> cells, std::span<const Retrained> seeds) {
  Known known{.cells = std::move(cells), .open = {}};
  for (Cell& cell : known.cells) {
    int open = cell.seeds - cell.solved;
    for (const Retrained& seed : seeds) {
      if (seed.length != cell.length || seed.hidden != cell.hidden) continue;
      --open;
      cell.solved += seed.solved ? 1 : 0;
    }
    known.open.push_back(std::max(open, 0));
  }
  return known;
}

}  // namespace

std::optional<StepsShift> steps_shift(const std::vector<Cell>& all_cells, const Options& options,
                                      const Fit& fit, std::span<const Retrained> seeds) {
  if (!fit.alpha || fit.lengths.size() < 2) return std::nullopt;
  const Law law(fit);
  const std::vector<Deltas> grid_of = posterior(law, seeds);
  double highest = -INFINITY;
  for (const Deltas& one : grid_of) highest = std::max(highest, one.log_weight);
  std::vector<double> cumulated;
  double total = 0;
  for (const Deltas& one : grid_of) {
    total += std::exp(one.log_weight - highest);
    cumulated.push_back(total);
  }

  const Known known = known_of(with_seeds(all_cells), seeds);
  std::vector<Spot> spots;
  for (const Cell& cell : known.cells) spots.push_back(law.spot(cell.length, cell.hidden));
  std::vector<double> shifts;
  for (int draw = 0; draw < imputations; ++draw) {
    RandomStream random(imputations, Split::order, static_cast<std::uint64_t>(draw), 0);
    const auto at = std::upper_bound(cumulated.begin(), cumulated.end(), random.uniform() * total);
    const Deltas& deltas = grid_of[static_cast<std::size_t>(
        std::min(at - cumulated.begin(), std::ssize(cumulated) - 1))];
    std::vector<Cell> cells = known.cells;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const double chance = law.chance(spots[i], deltas);
      for (int seed = 0; seed < known.open[i]; ++seed)
        cells[i].solved += random.uniform() < chance ? 1 : 0;
    }
    const Optimum again = maximise(power_law(cells, options), fit.optimum.theta);
    shifts.push_back(std::clamp(again.theta[1], alpha_lowest, alpha_highest) - *fit.alpha);
  }
  std::sort(shifts.begin(), shifts.end());
  StepsShift shift;
  for (const double one : shifts) shift.mean += one / imputations;
  shift.low = shifts[imputations / 40];
  shift.high = shifts[imputations - 1 - imputations / 40];
  return shift;
}

}  // namespace surd::law
