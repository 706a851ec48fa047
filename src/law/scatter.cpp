#include "law/scatter.hpp"

#include <algorithm>
#include <cmath>

#include "base/random.hpp"
#include "law/logistic.hpp"
#include "law/thresholds.hpp"

namespace surd::law {
namespace {

constexpr int draws_most = 200;
constexpr int draws_least = 40;
constexpr std::size_t cells_drawn = 20'000;  // of all studies together, about
constexpr double deviation_most = 2;         // in ln d: beyond it a threshold may be anywhere
constexpr double tolerance = 0.01;

// How many of n succeed with chance p, by inversion: one `u` gives nearly the same share for nearly
// the same p.
int binomial(double u, int n, double p) {
  constexpr int invertible_most = 500;  // (1 - p)^n does not vanish
  const double q = 1 - p;
  if (n > invertible_most) {  // Gauss, through the logistic curve's 1.702
    const double z = std::log(u / (1 - u)) / 1.702;
    return std::clamp(static_cast<int>(std::lround(n * p + z * std::sqrt(n * p * q))), 0, n);
  }
  if (p > 0.5) return n - binomial(1 - u, n, q);
  double chance = std::pow(q, n);
  double below = chance;
  int k = 0;
  while (u > below && k < n) {
    chance *= (n - k) * p / ((k + 1) * q);
    below += chance;
    ++k;
  }
  return k;
}

// Studies that differ from the pilot by luck and scatter alone.
class Studies {
 public:
  Studies(const std::vector<Cell>& cells, const Options& options, const Fit& fit,
          const Scatter& free)
      : cells_(cells),
        options_(options),
        lengths_(fit.lengths),
        kappa_(free.kappa),
        start_(fit.optimum.theta) {
    const double mean = mean_log(lengths_);
    for (const Cell& cell : cells_) {
      const double x = std::log(cell.length) - mean;
      const double lapse =
          free.lapse > 0 ? logistic(log_odds(free.lapse) + free.lapse_slope * x) : 0;
      above_.push_back(std::log(cell.hidden) - fit.optimum.theta[0] - *fit.alpha * x);
      suffices_.push_back(1 - lapse);
      places_.push_back(static_cast<std::size_t>(
          std::lower_bound(lengths_.begin(), lengths_.end(), cell.length) - lengths_.begin()));
    }
  }

  // Mean of twice the gain by free thresholds. Unlike that of a fit it is not cut at 0: it is
  // compared on the average.
  double lack_of_fit(double deviation) const {
    const int draws =
        std::clamp(static_cast<int>(cells_drawn / cells_.size()), draws_least, draws_most);
    double sum = 0;
    for (int draw = 0; draw < draws; ++draw)
      sum += one(deviation, static_cast<std::uint64_t>(draw));
    return sum / draws;
  }

 private:
  double one(double deviation, std::uint64_t draw) const {
    RandomStream random(20240221, Split::test, draw, 0);
    std::vector<double> shifts;
    for (std::size_t i = 0; i < lengths_.size(); ++i) shifts.push_back(deviation * random.normal());
    std::vector<Cell> cells = cells_;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const double p = suffices_[i] * logistic(kappa_ * (above_[i] - shifts[places_[i]]));
      cells[i].solved = binomial(random.uniform(), cells[i].seeds, p);
    }
    const Optimum law = maximise(power_law(cells, options_), start_);
    return 2 * (maximise_free_thresholds(cells, options_, law).value - law.value);
  }

  const std::vector<Cell>& cells_;
  Options options_;
  std::vector<double> lengths_;
  double kappa_;
  Eigen::VectorXd start_;         // the pilot's own law
  std::vector<double> above_;     // ln size less the law's log threshold, of each cell
  std::vector<double> suffices_;  // 1 - lapse
  std::vector<std::size_t> places_;
};

}  // namespace

Scatter scatter_of(const std::vector<Cell>& all_cells, const Options& options, const Fit& fit) {
  Scatter scatter;
  if (!fit.alpha || fit.lack_of_fit_degrees < 1) return scatter;
  const auto cells = with_seeds(all_cells);
  const Optimum free = maximise_free_thresholds(cells, options, fit.optimum);
  const auto thresholds = static_cast<Eigen::Index>(fit.lengths.size());
  scatter.kappa = std::exp(free.theta[thresholds]);
  if (options.lapse) {
    scatter.lapse = logistic(free.theta[thresholds + 1]);
    scatter.lapse_slope = free.theta[thresholds + 2];
  }
  const Studies studies(cells, options, fit, scatter);
  double low = 0;
  double high = deviation_most * unit_of(cells).slope;
  if (studies.lack_of_fit(low) >= fit.lack_of_fit) {
    scatter.deviation = 0;
    return scatter;
  }
  while (high - low > tolerance * unit_of(cells).slope) {
    const double middle = (low + high) / 2;
    (studies.lack_of_fit(middle) < fit.lack_of_fit ? low : high) = middle;
  }
  scatter.deviation = (low + high) / 2;
  return scatter;
}

}  // namespace surd::law
