#include "law/look.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <functional>

#include "base/error.hpp"
#include "law/bracketing.hpp"
#include "law/contrast.hpp"
#include "law/fit.hpp"

namespace surd::law {
namespace {

// A number, and what a search that may stop at it goes by.
struct Asked {
  Number number;
  Interval unwidened;
  Criterion criterion;
  int degrees = 0;  // of the lack of fit
  int seeds = 0;    // that so many lengths as a stop needs have each; of the curve with fewer
};

// The seeds of the bracketed_least-th richest of these lengths.
int seeds_of(const Curve& curve, const std::vector<double>& lengths) {
  if (lengths.size() < bracketed_least) return 0;
  std::vector<int> seeds;
  for (const double length : lengths) {
    int& sum = seeds.emplace_back(0);
    for (const Cell& cell : curve.cells) sum += cell.length == length ? cell.seeds : 0;
  }
  std::sort(seeds.begin(), seeds.end(), std::greater<>());
  return seeds[bracketed_least - 1];
}

Asked alpha_of(const Curve& curve, const Options& options) {
  const Fit found = fit(curve.cells, options);
  const auto lengths = bracketed_lengths(curve.cells);
  return {.number = {.value = found.alpha,
                     .interval = found.interval,
                     .lengths = lengths.size(),
                     .reason = found.reason},
          .unwidened = found.unwidened,
          .criterion = found.criterion,
          .degrees = found.lack_of_fit_degrees,
          .seeds = seeds_of(curve, lengths)};
}

Asked delta_of(const Contrast& found, const Curve& efficient, const Curve& baseline) {
  const int degrees = static_cast<int>(found.lengths.size()) - 2;
  return {.number = {.value = found.delta,
                     .interval = found.interval,
                     .lengths = found.lengths.size(),
                     .reason = found.reason},
          .unwidened = found.unwidened,
          .criterion = found.criterion,
          .degrees = found.paired ? degrees : 2 * degrees,
          .seeds = std::min(seeds_of(efficient, found.lengths), seeds_of(baseline, found.lengths))};
}

double half(const Interval& interval) {
  return interval.closed() ? (*interval.high - *interval.low) / 2 : INFINITY;
}

// Of the reported interval; where it is not widened, as by the F quantile all the same, since a
// search that stops there would choose the studies whose lack of fit happens to be small; and wider
// while seeds are few, of which the steepest curves look the most certain.
double judged(const Asked& asked) {
  if (!asked.number.value) return INFINITY;
  double found = half(asked.number.interval);
  if (asked.criterion.dispersion <= 1 && asked.degrees > 0) {
    const double quantile = boost::math::quantile(boost::math::fisher_f(1, asked.degrees), 0.95);
    found = half(asked.unwidened) * std::sqrt(quantile / chi_squared_95);
  }
  const double share = static_cast<double>(std::max(1, asked.seeds)) / seeds_least;
  return share < 1 ? found / std::sqrt(share) : found;
}

}  // namespace

Look look_at_asked(const std::vector<Curve>& curves, std::optional<double> half_width,
                   const Options& options) {
  if (curves.empty()) throw InputError("there is no curve to look at");
  if (half_width && !(*half_width > 0)) {
    throw InputError({.what = "the half-width aimed at is not positive",
                      .expected = "a number above 0",
                      .got = fmt::format("{}", *half_width)});
  }
  Look look;
  look.reached = half_width.has_value();
  const auto take = [&](const Asked& asked, std::vector<Number>& numbers) {
    look.half_widths.push_back(judged(asked));
    look.reached = look.reached && asked.number.lengths >= bracketed_least &&
                   look.half_widths.back() <= *half_width;
    numbers.push_back(asked.number);
  };
  if (curves.size() == 1) take(alpha_of(curves.front(), options), look.alphas);
  for (std::size_t i = 0; i + 1 < curves.size(); ++i) {
    look.contrasts.push_back(contrast(curves[i].cells, curves.back().cells, options));
    take(delta_of(look.contrasts.back(), curves[i], curves.back()), look.deltas);
  }
  return look;
}

Look look(const std::vector<Curve>& curves, std::optional<double> half_width,
          const Options& options) {
  Look look = look_at_asked(curves, half_width, options);
  if (look.alphas.empty()) {
    for (const Curve& curve : curves) look.alphas.push_back(alpha_of(curve, options).number);
  }
  return look;
}

}  // namespace surd::law
