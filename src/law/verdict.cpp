#include "law/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "law/curvature.hpp"
#include "law/reference.hpp"

namespace surd::law {
namespace {

constexpr double flat_below = 0.25;   // an exponent that excludes this is flat
constexpr double sqrt_ahead = 0.5;    // of saturation, in log likelihood: see "Do the labels hold?"
constexpr double least_share = 0.01;  // of the width: an offset below is none
constexpr std::size_t lengths_wanted = 6;  // from here on F(.95; 1, m - 2) is below 8

int typical_seeds(const std::vector<Cell>& cells) {
  std::vector<int> seeds;
  for (const Cell& cell : cells) {
    if (cell.seeds > 0) seeds.push_back(cell.seeds);
  }
  if (seeds.empty()) return 0;
  const auto middle = seeds.begin() + static_cast<std::ptrdiff_t>(seeds.size() / 2);
  std::nth_element(seeds.begin(), middle, seeds.end());
  return *middle;
}

// What would settle it. The width of an interval falls with the root of the seeds, and with the
// number of lengths through F.
std::string advice(const Fit& fit, const std::vector<Cell>& cells) {
  const double alpha = *fit.alpha;
  const std::size_t m = fit.lengths.size();
  const std::string more_lengths = fmt::format(
      "run {} more length{} (six or more in all)", lengths_wanted - std::min(m, lengths_wanted - 1),
      lengths_wanted - std::min(m, lengths_wanted - 1) == 1 ? "" : "s");
  if (m == 2) return more_lengths + ": with two the law cannot be checked";
  if (fit.interval.high && *fit.interval.high < 0) {
    return fmt::format(
        "the {} needed falls with the length: look for failed optimisation at short lengths, more "
        "learning rates or steps there",
        unit_of(cells).noun);
  }
  const bool toward_flat =
      alpha < flat_below / 2;  // the nearer claim: that .25 lies above the interval, or 0 below it
  const auto end = toward_flat ? fit.interval.high : fit.interval.low;
  if (!end)
    return fit.criterion.dispersion > 1 && m < lengths_wanted
               ? more_lengths
               : "run widths closer together and lengths further apart";
  const double have = std::abs(*end - alpha);
  const double need = toward_flat ? flat_below - alpha : alpha;
  const int seeds = std::max(1, typical_seeds(cells));
  const double factor = have * have / (need * need);
  if (fit.criterion.dispersion > 1 && m < lengths_wanted)
    return more_lengths + ": lack of fit widens the interval most while they are few";
  if (factor > 8)
    return fmt::format("run longer lengths: about {:.0f} times the seeds would be needed at these",
                       std::ceil(factor));
  return fmt::format(
      "about {} seeds a cell instead of {} would settle it, as would more lengths or widths closer "
      "together",
      std::max(seeds + 1, static_cast<int>(std::ceil(seeds * factor))), seeds);
}

}  // namespace

std::string to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::sqrt: return "sqrt";
    case Verdict::flat: return "flat";
    case Verdict::grows: return "grows";
    case Verdict::inconclusive: break;
  }
  return "inconclusive";
}

namespace {

bool may_be_sqrt(const Fit& fit, const Contrast* contrast) {
  // Two shared lengths cannot show whether either law holds.
  const bool faster = contrast && contrast->delta && contrast->lengths.size() > 2 &&
                      !contrast->interval.contains(0);
  const Interval& alpha = fit.interval;
  return faster && alpha.contains(0.5) && !alpha.contains(flat_below) && !alpha.contains(0.75);
}

// ", between L^0.30 and L^0.70"
std::string between(const Interval& alpha) {
  if (!alpha.high) return fmt::format(", at least as L^{:.2f}", *alpha.low);
  return fmt::format(", between L^{:.2f} and L^{:.2f}", *alpha.low, *alpha.high);
}

std::string of_powers(const Interval& alpha) {
  std::string words = "grows with L" + between(alpha);
  if (alpha.contains(1))
    return words +
           (alpha.contains(0.5) ? "; neither sqrt(L) nor L is excluded" : ", consistent with L");
  return words + (alpha.contains(0.5) ? "; sqrt(L) is not excluded" : ", and not as sqrt(L)");
}

// What sqrt(L) leaves open: said, since no interval of an exponent tells it.
std::string of_sqrt(const Fit& fit, const std::vector<Cell>& cells, const Saturation& saturation) {
  std::string words = "consistent with sqrt(L)" + between(fit.interval);
  if (const std::string alike = but_for_a_logarithm_of_sqrt(cells, fit); !alike.empty())
    words += "; only a logarithm separates it from " + alike;
  const Offset offset = fit_offset(cells, fit.options, fit);
  if (offset.offset && *offset.share > least_share) {
    words += fmt::format("; d0 + a sqrt(L) fits too, with an offset d0 of {:.3g} [{:.3g}, {:.3g}]",
                         *offset.offset, *offset.offset_interval.low, *offset.offset_interval.high);
  }
  if (!saturation.excluded) words += "; L/(L + K), which saturates, is not excluded";
  return words;
}

Judgement without_doubts(const Fit& fit, const Contrast* contrast, const std::vector<Cell>& cells,
                         bool withheld) {
  if (!fit.alpha) return {.verdict = Verdict::inconclusive, .words = "no exponent: " + fit.reason};
  const Interval& alpha = fit.interval;
  if (fit.lengths.size() < 3)
    return {.verdict = Verdict::inconclusive, .words = "inconclusive: " + advice(fit, cells)};
  const auto bent = [&] { return cells.empty() ? std::string() : bend(cells, fit.options, fit); };
  if (alpha.contains(0) && !alpha.contains(flat_below)) {
    if (withheld) return {.verdict = Verdict::inconclusive, .words = "inconclusive"};
    const std::string course = bent();
    if (course.empty())
      return {
          .verdict = Verdict::flat,
          .words = fmt::format("flat: the {} needed does not grow with L", unit_of(cells).noun)};
    return {.verdict = Verdict::inconclusive,
            .words = "inconclusive: no power law, since the exponent " + course};
  }
  if (!alpha.low || *alpha.low <= 0)
    return {.verdict = Verdict::inconclusive, .words = "inconclusive: " + advice(fit, cells)};
  Judgement grows{.verdict = Verdict::grows, .words = of_powers(alpha)};
  if (const std::string course = bent(); !course.empty()) {
    grows.words =
        "grows with L" + between(alpha) + ", but as no single power: the exponent " + course;
    return grows;
  }
  if (withheld || !may_be_sqrt(fit, contrast)) return grows;
  if (cells.empty())
    return {.verdict = Verdict::sqrt, .words = "consistent with sqrt(L)" + between(alpha)};
  const Saturation saturation = fit_saturation(cells, fit.options, fit);
  if (saturation.over_sqrt > -sqrt_ahead) {
    grows.words += fmt::format("; but L/(L + {:.3g}), which saturates, fits {}", *saturation.half,
                               saturation.over_sqrt > 0 ? "better" : "nearly as well");
    return grows;
  }
  return {.verdict = Verdict::sqrt, .words = of_sqrt(fit, cells, saturation)};
}

}  // namespace

Judgement judge(const Fit& fit, const Contrast* contrast, const std::vector<Cell>& cells,
                const std::vector<Doubt>& doubts) {
  const bool withheld =
      std::any_of(doubts.begin(), doubts.end(), [](const Doubt& one) { return one.withholds; });
  Judgement judgement = without_doubts(fit, contrast, cells, withheld);
  const char* before = "; but ";
  for (const Doubt& doubt : doubts) {
    judgement.words += before + doubt.words;
    before = "; ";
  }
  return judgement;
}

}  // namespace surd::law
