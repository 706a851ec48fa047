#include "law/budget.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "law/logistic.hpp"

namespace surd::law {
namespace {

void put_in_order(std::vector<AtBudget>& budgets) {
  std::sort(budgets.begin(), budgets.end(),
            [](const AtBudget& a, const AtBudget& b) { return a.budget < b.budget; });
  for (std::size_t i = 0; i < budgets.size(); ++i) {
    AtBudget& one = budgets[i];
    if (!(one.budget > 0) || !std::isfinite(one.budget) ||
        (i > 0 && one.budget == budgets[i - 1].budget)) {
      throw InputError({.what = "the budgets of a curve are not distinct positive numbers",
                        .expected = "each above 0, and once",
                        .got = fmt::format("{}", one.budget)});
    }
    one.cells = with_seeds(one.cells);
  }
}

// A slow approach and a fast one, begun near and far from the limit, may all be local maxima. Each
// start keeps the law of the largest budget.
Optimum best_maximum(const BudgetLaw& law, const Fit& last) {
  Optimum best;
  for (const double b : {1.0, 3.0}) {
    for (const double s : {-2.0, -0.5, 1.0}) {
      for (const double t : {0.0, 1.0}) {
        const Eigen::Vector2d beta(last.optimum.theta[0] - law.slope() * softplus(b * s),
                                   last.optimum.theta[1] - law.slope() * b * t * logistic(b * s));
        Optimum found = maximise(law, law.start(beta, std::log(b), s, t));
        if (best.theta.size() == 0 || found.value > best.value) best = std::move(found);
      }
    }
  }
  return best;
}

// b, S0, t and what they say of the longest length.
void describe_approach(BudgetFit& fit, const BudgetLaw& law) {
  const Eigen::VectorXd& theta = fit.optimum.theta;
  const double x = std::log(fit.lengths.back()) - mean_log(fit.lengths);
  const double away = theta[law.s()] + theta[law.t()] * x;  // ln S0 over the largest budget
  const double last = fit.budgets.back();
  const double before = std::log(fit.budgets[fit.budgets.size() - 2] / last);
  fit.rate = std::exp(theta[law.log_b()]);
  fit.steps = last * std::exp(away);
  fit.steps_exponent = theta[law.t()];
  const double log_excess = law.slope() * softplus(*fit.rate * away);
  fit.excess = std::exp(log_excess);
  fit.fall = std::exp(law.slope() * softplus(*fit.rate * (away - before)) - log_excess);
}

void judge_budgets(BudgetFit& fit, bool settled, const Unit& unit) {
  const double longest = fit.lengths.back();
  if (!settled)
    fit.too_short.emplace_back("the likelihood has several maxima of nearly the same height");
  if (!fit.interval.closed()) {
    fit.too_short.emplace_back("its interval is open");
  } else if (*fit.interval.high - *fit.interval.low > 2 * remaining_half_width) {
    fit.too_short.push_back(fmt::format("its interval is wider than +-{}", remaining_half_width));
  }
  if (*fit.excess > remaining_excess) {
    fit.too_short.push_back(fmt::format(
        "at L = {} the {} needed with the largest budget is still {:.1f} times what would remain",
        longest, unit.noun, *fit.excess));
  }
  if (*fit.fall > remaining_fall) {
    fit.too_short.push_back(fmt::format(
        "at L = {} it still fell by a factor {:.1f} from the budget before to the largest", longest,
        *fit.fall));
  }
  const auto& [low, high] = fit.interval;
  const std::string number =
      fmt::format("{:.2f} {}, {}", *fit.alpha, low ? fmt::format("[{:.2f}", *low) : "(open",
                  high ? fmt::format("{:.2f}]", *high) : "open)");
  fit.words = fit.too_short.empty()
                  ? fmt::format("the exponent that remains with more steps is {}", number)
                  : fmt::format(
                        "the budgets are too short to tell which exponent remains, by the "
                        "law {}: {}",
                        number, fmt::join(fit.too_short, "; "));
}

}  // namespace

BudgetFit fit_budgets(std::vector<AtBudget> budgets, const Options& options) {
  put_in_order(budgets);
  BudgetFit fit;
  std::vector<Cell> all;
  for (const AtBudget& one : budgets) {
    fit.budgets.push_back(one.budget);
    fit.fits.push_back(law::fit(one.cells, options));
    all.insert(all.end(), one.cells.begin(), one.cells.end());
  }
  fit.lengths = distinct_lengths(all);
  if (budgets.size() < 2) {
    fit.reason = "which exponent remains is seen from two budgets or more";
  } else if (const Fit& last = fit.fits.back(); !last.alpha) {
    fit.reason = fmt::format("there is no exponent at the largest budget, {}: {}",
                             fit.budgets.back(), last.reason);
  }
  fit.words = fit.reason;
  if (!fit.reason.empty()) return fit;
  const BudgetLaw law(budgets, options, BudgetLaw::Limit::power);
  const BudgetLaw by_length(budgets, options, BudgetLaw::Limit::free);
  fit.optimum = best_maximum(law, fit.fits.back());
  const Unit unit = unit_of(all);
  const Limits limits = limits_of(unit);
  // Thresholds of a length scatter about the law at all budgets alike, so it is d_inf that is
  // freed.
  const Profiled found =
      profiled(law, fit.optimum, 1, limits.low, limits.high, [&](const Optimum& at) {
        const Optimum freed = maximise(by_length, by_length.freed(at.theta));
        return criterion(2 * (freed.value - at.value), static_cast<int>(fit.lengths.size()) - 2);
      });
  fit.alpha = fit.optimum.theta[1];
  fit.interval = found.interval;
  fit.unwidened = found.unwidened;
  fit.criterion = found.criterion;
  describe_approach(fit, law);
  judge_budgets(fit, found.settled, unit);
  return fit;
}

}  // namespace surd::law
