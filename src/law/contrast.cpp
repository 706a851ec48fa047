#include "law/contrast.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "law/combination.hpp"

namespace surd::law {
namespace {

// The difference of two numbers from [alpha_lowest, alpha_highest].
constexpr double delta_lowest = alpha_lowest - alpha_highest;
constexpr double delta_highest = alpha_highest - alpha_lowest;

std::vector<Cell> at_lengths(const std::vector<Cell>& cells, const std::vector<double>& lengths) {
  std::vector<Cell> kept;
  std::copy_if(cells.begin(), cells.end(), std::back_inserter(kept), [&](const Cell& cell) {
    return cell.seeds > 0 && std::binary_search(lengths.begin(), lengths.end(), cell.length);
  });
  return kept;
}

std::vector<double> seeded_lengths(std::vector<Cell> cells) {
  std::erase_if(cells, [](const Cell& cell) { return cell.seeds == 0; });
  return distinct_lengths(cells);
}

// The difference is a parameter of its own, so its profile is the interval.
Likelihood joint_likelihood(const std::vector<Cell>& efficient, const std::vector<Cell>& baseline,
                            const Options& options) {
  auto all = rows(efficient);
  const std::size_t first = all.size();
  for (Row row : rows(baseline)) {
    row.group = 1;
    all.push_back(row);
  }
  Eigen::MatrixXd basis(static_cast<Eigen::Index>(all.size()), 4);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i < first) {
      basis.row(static_cast<Eigen::Index>(i)) << 1, 0, all[i].x, all[i].x;
    } else {
      basis.row(static_cast<Eigen::Index>(i)) << 0, 1, all[i].x, 0;
    }
  }
  return {std::move(all), std::move(basis), 2, options};
}

}  // namespace

Contrast contrast(const std::vector<Cell>& efficient_cells, const std::vector<Cell>& baseline_cells,
                  const Options& options) {
  Contrast contrast;
  const auto ours = seeded_lengths(efficient_cells);
  const auto theirs = seeded_lengths(baseline_cells);
  std::set_intersection(ours.begin(), ours.end(), theirs.begin(), theirs.end(),
                        std::back_inserter(contrast.lengths));
  if (contrast.lengths.size() < 2) {
    contrast.reason = "the two share fewer than two lengths: run both at the same lengths";
    return contrast;
  }
  const auto efficient = at_lengths(efficient_cells, contrast.lengths);
  const auto baseline = at_lengths(baseline_cells, contrast.lengths);
  const Fit fit_efficient = fit(efficient, options);
  const Fit fit_baseline = fit(baseline, options);
  if (!fit_efficient.alpha || !fit_baseline.alpha) {
    contrast.reason =
        !fit_baseline.alpha
            ? "the baseline has no exponent at the shared lengths: " + fit_baseline.reason
            : "there is no exponent at the shared lengths: " + fit_efficient.reason;
    return contrast;
  }
  contrast.criterion =
      criterion(fit_efficient.lack_of_fit + fit_baseline.lack_of_fit,
                fit_efficient.lack_of_fit_degrees + fit_baseline.lack_of_fit_degrees);

  Likelihood likelihood = joint_likelihood(efficient, baseline, options);
  const auto& a = fit_efficient.optimum.theta;
  const auto& b = fit_baseline.optimum.theta;
  Eigen::VectorXd start(likelihood.size());
  start << a[0], b[0], b[1], a[1] - b[1], a.tail(a.size() - 2), b.tail(b.size() - 2);
  Optimum optimum = maximise(likelihood, std::move(start));
  for (int attempt = 0; attempt < 3; ++attempt) {
    Profile profile(likelihood, optimum, 3);
    contrast.unwidened = profile.interval(chi_squared_95, delta_lowest, delta_highest);
    contrast.interval =
        contrast.criterion.dispersion > 1
            ? profile.interval(contrast.criterion.critical, delta_lowest, delta_highest)
            : contrast.unwidened;
    contrast.delta = optimum.theta[3];
    if (!profile.better() || attempt == 2)
      break;  // what is asked further belongs to the maximum that was reported
    optimum = maximise(likelihood, profile.better()->theta);
  }
  contrast.joint.emplace(std::move(likelihood), std::move(optimum));
  return contrast;
}

// ln ratio = c efficient - c baseline + delta x: linear in the coefficients, so its profile is
// exact.
WidthRatio width_ratio(const Contrast& contrast) {
  constexpr double reach = 12;  // in the logarithm, to both sides
  if (!contrast.delta) return {};
  const Joint& joint = *contrast.joint;
  const double length = contrast.lengths.back();
  const double x = std::log(length) - mean_log(contrast.lengths);
  const Eigen::Vector4d weights(1, -1, 0, x);
  return {.length = length,
          .ratio = std::exp(weights.dot(joint.optimum.theta.head(4))),
          .interval = exponential(interval_of(joint.likelihood, joint.optimum, weights,
                                              contrast.criterion.critical, reach))};
}

}  // namespace surd::law
