#include "law/look.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "law/bracketing.hpp"
#include "law/contrast.hpp"
#include "law/fit.hpp"

namespace surd::law {
namespace {

Number alpha_of(const Curve& curve, const Options& options) {
  const Fit found = fit(curve.cells, options);
  return {.value = found.alpha,
          .interval = found.interval,
          .lengths = bracketed_lengths(curve.cells).size(),
          .reason = found.reason};
}

Number delta_of(const Contrast& found) {
  return {.value = found.delta,
          .interval = found.interval,
          .lengths = found.lengths.size(),
          .reason = found.reason};
}

double half_width_of(const Number& number) {
  if (!number.value || !number.interval.closed()) return INFINITY;
  return (*number.interval.high - *number.interval.low) / 2;
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
  if (curves.size() == 1) look.alphas.push_back(alpha_of(curves.front(), options));
  for (std::size_t i = 0; i + 1 < curves.size(); ++i) {
    look.contrasts.push_back(contrast(curves[i].cells, curves.back().cells, options));
    look.deltas.push_back(delta_of(look.contrasts.back()));
  }
  const std::vector<Number>& asked = look.deltas.empty() ? look.alphas : look.deltas;
  for (const Number& number : asked) look.half_widths.push_back(half_width_of(number));
  look.reached = half_width && std::all_of(asked.begin(), asked.end(), [&](const Number& number) {
                   return number.lengths >= bracketed_least && half_width_of(number) <= *half_width;
                 });
  return look;
}

Look look(const std::vector<Curve>& curves, std::optional<double> half_width,
          const Options& options) {
  Look look = look_at_asked(curves, half_width, options);
  if (look.alphas.empty()) {
    for (const Curve& curve : curves) look.alphas.push_back(alpha_of(curve, options));
  }
  return look;
}

}  // namespace surd::law
