#include "law/compute.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "base/error.hpp"
#include "law/combination.hpp"

namespace surd::law {
namespace {

constexpr double reach = 12;  // in ln FLOPs to both sides
constexpr const char* same_for_all_widths =
    "the FLOPs are the same at every width: no width costs more than another";

std::string unpriced(double length) {
  return fmt::format(
      "the FLOPs of two widths or more at length {} are not known: the input lacks them", length);
}

}  // namespace

Prices::Prices(const std::vector<Price>& prices) {
  for (const Price& price : prices) {
    const std::string where = fmt::format("length {} hidden {}", price.length, price.hidden);
    if (!(price.length > 0) || !(price.hidden > 0) || !(price.flops > 0) ||
        !std::isfinite(price.flops)) {
      throw InputError({.what = "the FLOPs of a cell are not a positive number",
                        .where = where,
                        .got = fmt::format("{}", price.flops)});
    }
    const auto [found, is_new] =
        log_flops_[price.length].emplace(std::log(price.hidden), std::log(price.flops));
    if (!is_new && found->second != std::log(price.flops)) {
      throw InputError({.what = "one cell with two different FLOPs",
                        .where = where,
                        .expected = fmt::format("{}", std::exp(found->second)),
                        .got = fmt::format("{}", price.flops)});
    }
  }
}

bool Prices::covers(double length) const {
  const auto found = log_flops_.find(length);
  return found != log_flops_.end() && found->second.size() >= 2;
}

Prices::Local Prices::at(double length, double log_width) const {
  if (!covers(length)) throw Error(unpriced(length));
  const auto& curve = log_flops_.at(length);
  auto after = curve.upper_bound(log_width);
  if (after == curve.begin()) ++after;
  if (after == curve.end()) --after;
  const auto before = std::prev(after);
  const double slope = (after->second - before->second) / (after->first - before->first);
  return {.log_flops = before->second + slope * (log_width - before->first), .slope = slope};
}

// gamma is the least-squares slope of ln FLOPs over ln L at the thresholds c + alpha x of the
// lengths: with prices linear about them, a linear combination of c and alpha and a constant.
Compute compute_to_solve(const std::vector<Cell>& cells, const Options& options, const Fit& fit,
                         const Prices& prices) {
  Compute compute;
  compute.reason = fit.reason;
  if (!fit.alpha) return compute;
  const double mean = mean_log(fit.lengths);
  double squares = 0;
  for (const double length : fit.lengths) squares += std::pow(std::log(length) - mean, 2);
  const double c = fit.optimum.theta[0];
  Eigen::Vector2d weights(0, 0);
  double gamma = 0;
  double at_largest = 0;
  for (const double length : fit.lengths) {
    if (!prices.covers(length)) {
      compute.reason = unpriced(length);
      return compute;
    }
    const double x = std::log(length) - mean;
    const Prices::Local local = prices.at(length, c + *fit.alpha * x);
    gamma += x / squares * local.log_flops;
    weights += x / squares * local.slope * Eigen::Vector2d(1, x);
    at_largest = std::exp(local.log_flops);
  }
  if (weights.isZero()) {
    compute.reason = same_for_all_widths;
    return compute;
  }
  const double rest = gamma - weights.dot(fit.optimum.theta.head(2));
  const Interval interval =
      interval_of(power_law(cells, options), fit.optimum, weights, fit.criterion.critical, reach);
  compute.gamma = gamma;
  compute.flops = at_largest;
  if (interval.low) compute.interval.low = *interval.low + rest;
  if (interval.high) compute.interval.high = *interval.high + rest;
  return compute;
}

Saving saving(const Contrast& contrast, const Prices& efficient, const Prices& baseline) {
  Saving saving;
  saving.reason = contrast.reason;
  if (!contrast.delta) return saving;
  const auto& [likelihood, optimum] = *contrast.both;
  const double length = saving.length = contrast.lengths.back();
  for (const Prices* prices : {&efficient, &baseline}) {
    if (prices->covers(length)) continue;
    saving.reason = unpriced(length);
    return saving;
  }
  const LogWidths widths = log_widths(contrast);
  const Prices::Local ours = efficient.at(length, widths.efficient);
  const Prices::Local theirs = baseline.at(length, widths.baseline);
  const Eigen::VectorXd weights = weights_of(contrast, length, ours.slope, theirs.slope);
  if (weights.isZero()) {
    saving.reason = same_for_all_widths;
    return saving;
  }
  const double log_ratio = ours.log_flops - theirs.log_flops;
  const double rest = log_ratio - (ours.slope * widths.efficient - theirs.slope * widths.baseline);
  Interval interval = interval_of(likelihood, optimum, weights, contrast.criterion.critical, reach);
  if (interval.low) *interval.low += rest;
  if (interval.high) *interval.high += rest;
  saving.ratio = std::exp(log_ratio);
  saving.interval = exponential(interval);
  if (saving.interval.high && *saving.interval.high < 1) {
    saving.words = fmt::format("saves compute at L = {}", length);
  } else if (saving.interval.low && *saving.interval.low > 1) {
    saving.words = fmt::format("costs more compute at L = {}", length);
  } else {
    saving.words =
        fmt::format("neither saves nor costs compute at L = {} as far as the data tell", length);
  }
  return saving;
}

}  // namespace surd::law
