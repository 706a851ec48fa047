#include "law/contrast.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/error.hpp"
#include "law/bracketing.hpp"
#include "law/combination.hpp"

namespace surd::law {
namespace {

// Of the difference of two exponents, each within its own limits.
Limits limits_of_difference(const std::vector<Cell>& efficient, const std::vector<Cell>& baseline) {
  const Limits ours = limits_of(unit_of(efficient));
  const Limits theirs = limits_of(unit_of(baseline));
  return {.low = ours.low - theirs.high, .high = ours.high - theirs.low};
}

std::vector<double> in_both(const std::vector<double>& ours, const std::vector<double>& theirs) {
  std::vector<double> both;
  std::set_intersection(ours.begin(), ours.end(), theirs.begin(), theirs.end(),
                        std::back_inserter(both));
  return both;
}

std::vector<Cell> at_lengths(const std::vector<Cell>& cells, const std::vector<double>& lengths) {
  std::vector<Cell> kept;
  std::copy_if(cells.begin(), cells.end(), std::back_inserter(kept), [&](const Cell& cell) {
    return cell.seeds > 0 && std::binary_search(lengths.begin(), lengths.end(), cell.length);
  });
  return kept;
}

// Empty where both have one.
std::string no_exponent(const Fit& efficient, const Fit& baseline) {
  if (!baseline.alpha)
    return "the baseline has no exponent at the shared lengths: " + baseline.reason;
  if (!efficient.alpha) return "there is no exponent at the shared lengths: " + efficient.reason;
  return "";
}

std::string too_few(const Contrast& contrast, const std::vector<Cell>& efficient,
                    const std::vector<Cell>& baseline, const Options& options) {
  if (contrast.lengths.size() + contrast.one_sided.size() < 2)
    return "the two share fewer than two lengths: run both at the same lengths";
  std::vector<double> shared = contrast.lengths;
  shared.insert(shared.end(), contrast.one_sided.begin(), contrast.one_sided.end());
  std::sort(shared.begin(), shared.end());
  std::string missing = no_exponent(fit(at_lengths(efficient, shared), options),
                                    fit(at_lengths(baseline, shared), options));
  if (!missing.empty()) return missing;
  return fmt::format(
      "{} of the {} lengths that both have is bracketed by both, and a difference needs two: run "
      "widths there until most seeds of one are unsolved and most of a larger one solved, in both",
      contrast.lengths.empty() ? "none" : "only one",
      contrast.lengths.size() + contrast.one_sided.size());
}

// Rows of both, those of the baseline in group 1; `efficient` and `baseline` have the same lengths.
std::vector<Row> rows_of_both(const std::vector<Cell>& efficient,
                              const std::vector<Cell>& baseline) {
  std::vector<Row> all = rows(efficient);
  for (Row row : rows(baseline)) {
    row.group = 1;
    all.push_back(row);
  }
  return all;
}

// The difference is a parameter of its own, the last of the basis, so its profile is the interval.
Likelihood joint_likelihood(const std::vector<Cell>& efficient, const std::vector<Cell>& baseline,
                            const Options& options) {
  auto all = rows_of_both(efficient, baseline);
  Eigen::MatrixXd basis(static_cast<Eigen::Index>(all.size()), 4);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].group == 0) {
      basis.row(static_cast<Eigen::Index>(i)) << 1, 0, all[i].x, all[i].x;
    } else {
      basis.row(static_cast<Eigen::Index>(i)) << 0, 1, all[i].x, 0;
    }
  }
  return {std::move(all), std::move(basis), 2, options};
}

// The threshold of the largest length belongs to the basis, so that it can be combined.
Likelihood paired_likelihood(const std::vector<Cell>& efficient, const std::vector<Cell>& baseline,
                             const std::vector<double>& lengths, const Options& options) {
  auto all = rows_of_both(efficient, baseline);
  const int last = static_cast<int>(lengths.size()) - 1;
  std::vector<int> places;
  Eigen::MatrixXd basis(static_cast<Eigen::Index>(all.size()), 3);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double length =
        i < efficient.size() ? efficient[i].length : baseline[i - efficient.size()].length;
    const auto place = static_cast<int>(std::lower_bound(lengths.begin(), lengths.end(), length) -
                                        lengths.begin());
    places.push_back(place == last ? -1 : place);
    const double ours = all[i].group == 0 ? 1 : 0;
    basis.row(static_cast<Eigen::Index>(i)) << (place == last ? 1 : 0), ours, ours * all[i].x;
  }
  return {std::move(all), std::move(places), last, std::move(basis), 2, options};
}

// beta = (c, alpha) of a curve's fit, from which a start is made.
Eigen::VectorXd joint_start(const Optimum& efficient, const Optimum& baseline) {
  const auto& a = efficient.theta;
  const auto& b = baseline.theta;
  Eigen::VectorXd start(a.size() + b.size());
  start << a[0], b[0], b[1], a[1] - b[1], a.tail(a.size() - 2), b.tail(b.size() - 2);
  return start;
}

// mu in the middle between both curves' laws, which the data of both pull at.
Optimum maximise_paired(const Likelihood& likelihood, const std::vector<double>& lengths,
                        const Optimum& efficient, const Optimum& baseline) {
  const auto& a = efficient.theta;
  const auto& b = baseline.theta;
  const double mean = mean_log(lengths);
  const auto count = static_cast<Eigen::Index>(lengths.size());
  Eigen::VectorXd start(likelihood.size());
  for (Eigen::Index i = 0; i < count; ++i)
    start[i] = b[0] + b[1] * (std::log(lengths[static_cast<std::size_t>(i)]) - mean);
  start[count] = a[0] - b[0];
  start[count + 1] = a[1] - b[1];
  start.tail(likelihood.size() - count - 2) << a.tail(a.size() - 2), b.tail(b.size() - 2);
  return maximise(likelihood, std::move(start));
}

// The log likelihood with a threshold free at each length.
double free_value(const Fit& fit) { return fit.optimum.value + fit.lack_of_fit / 2; }

int delta_index(const Likelihood& likelihood) { return likelihood.coefficients() - 1; }

double x_of(const Contrast& contrast, double length) {
  return std::log(length) - mean_log(contrast.lengths);
}

}  // namespace

Contrast contrast(const std::vector<Cell>& efficient_cells, const std::vector<Cell>& baseline_cells,
                  const Options& options, std::size_t pair_from) {
  Contrast contrast;
  contrast.lengths = in_both(bracketed_lengths(efficient_cells), bracketed_lengths(baseline_cells));
  const auto shared = in_both(distinct_lengths(with_seeds(efficient_cells)),
                              distinct_lengths(with_seeds(baseline_cells)));
  std::set_difference(shared.begin(), shared.end(), contrast.lengths.begin(),
                      contrast.lengths.end(), std::back_inserter(contrast.one_sided));
  if (contrast.lengths.size() < 2) {
    contrast.reason = too_few(contrast, efficient_cells, baseline_cells, options);
    return contrast;
  }
  const auto efficient = at_lengths(efficient_cells, contrast.lengths);
  const auto baseline = at_lengths(baseline_cells, contrast.lengths);
  const Fit fit_efficient = fit(efficient, options);
  const Fit fit_baseline = fit(baseline, options);
  contrast.reason = no_exponent(fit_efficient, fit_baseline);
  if (!contrast.reason.empty()) return contrast;
  contrast.paired = contrast.lengths.size() >= pair_from;
  Likelihood likelihood = contrast.paired
                              ? paired_likelihood(efficient, baseline, contrast.lengths, options)
                              : joint_likelihood(efficient, baseline, options);
  const Limits limits = limits_of_difference(efficient, baseline);
  const int index = delta_index(likelihood);
  Optimum optimum =
      contrast.paired
          ? maximise_paired(likelihood, contrast.lengths, fit_efficient.optimum,
                            fit_baseline.optimum)
          : maximise(likelihood, joint_start(fit_efficient.optimum, fit_baseline.optimum));
  const int degrees = fit_efficient.lack_of_fit_degrees;  // m - 2
  const Profiled found =
      profiled(likelihood, optimum, index, limits.low, limits.high, [&](const Optimum& at) {
        const double gain = 2 * (free_value(fit_efficient) + free_value(fit_baseline) - at.value);
        return criterion(gain, contrast.paired ? degrees : 2 * degrees);
      });
  contrast.interval = found.interval;
  contrast.unwidened = found.unwidened;
  contrast.criterion = found.criterion;
  contrast.delta = optimum.theta[index];
  contrast.both.emplace(std::move(likelihood), std::move(optimum));
  return contrast;
}

LogWidths log_widths(const Contrast& contrast) {
  if (!contrast.both) throw Error("there is no difference, and no widths of it");
  const double x = x_of(contrast, contrast.lengths.back());
  const Likelihood& likelihood = contrast.both->likelihood;
  const auto beta = contrast.both->optimum.theta.segment(
      likelihood.separate(), likelihood.coefficients() - likelihood.separate());
  if (contrast.paired) return {.efficient = beta[0] + beta[1] + beta[2] * x, .baseline = beta[0]};
  return {.efficient = beta[0] + (beta[2] + beta[3]) * x, .baseline = beta[1] + beta[2] * x};
}

Eigen::VectorXd weights_of(const Contrast& contrast, double length, double ours, double theirs) {
  const double x = x_of(contrast, length);
  if (!contrast.paired) return Eigen::Vector4d(ours, -theirs, (ours - theirs) * x, ours * x);
  if (ours != theirs && length != contrast.lengths.back())
    throw Error("a paired contrast has a width of the baseline at its largest length only");
  return Eigen::Vector3d(ours - theirs, ours, ours * x);
}

WidthRatio width_ratio(const Contrast& contrast, std::optional<double> at) {
  constexpr double reach = 12;  // in the logarithm, to both sides
  if (!contrast.delta) return {};
  const auto& [likelihood, optimum] = *contrast.both;
  const double length = at.value_or(contrast.lengths.back());
  const Eigen::VectorXd weights = weights_of(contrast, length, 1, 1);
  const int separate = likelihood.separate();
  return {.length = length,
          .ratio = std::exp(weights.dot(optimum.theta.segment(separate, weights.size()))),
          .interval = exponential(
              interval_of(likelihood, optimum, weights, contrast.criterion.critical, reach))};
}

}  // namespace surd::law
