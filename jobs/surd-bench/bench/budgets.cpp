#include "bench/budgets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "bench/studies.hpp"
#include "law/budget.hpp"
#include "law/logistic.hpp"

namespace surd::bench {
namespace {

constexpr double middle_threshold = 90.5;  // d_inf at the geometric mean length
constexpr double steepness = 6;
constexpr double share_lapsed = 0.05;
constexpr double shortest = 16;
constexpr double longest = 512;

// ln of the threshold over d_inf; `place` is 0 at the shortest length, 1 at the longest.
double log_excess(const BudgetCase& one, double place, double budget) {
  const double last = one.budgets.back();
  const double log_steps =
      std::log(one.short_by * last) - one.growth * (1 - place) * std::log(longest / shortest);
  const double log_ratio = log_steps - std::log(budget);
  switch (one.approach) {
    case Approach::power: return law::softplus(one.b * log_ratio);
    case Approach::exponential: return std::log(9) * std::exp(-std::exp(-log_ratio));
    case Approach::abrupt: return std::max(0.0, one.b * log_ratio);
    case Approach::never: return one.b * log_ratio;
    case Approach::never_by_length: return one.b * place * std::log(last / budget);
  }
  return 0;
}

// A number at one budget, whose luck may be that of the others too.
class Luck {
 public:
  Luck(double same, RandomStream& random)
      : own_(random.uniform()), is_same_(random.uniform() < same), random_(random) {}
  double next() { return is_same_ ? own_ : random_.uniform(); }

 private:
  double own_;
  bool is_same_;
  RandomStream& random_;
};

// What one study says.
struct Told {
  std::optional<double> first, last, alpha;
  bool last_holds = false;
  bool holds = false;
  bool tells = false;
  double half_width = 0;
};

Told told_by(const BudgetCase& one, RandomStream random) {
  const law::BudgetFit fit = law::fit_budgets(draw_budgets(one, random));
  Told told{.first = fit.fits.front().alpha, .last = fit.fits.back().alpha, .alpha = fit.alpha};
  told.last_holds = told.last && fit.fits.back().interval.contains(one.truth());
  told.holds = told.alpha && fit.interval.contains(one.truth());
  told.tells = fit.tells();
  told.half_width = (fit.interval.high.value_or(law::alpha_highest) -
                     fit.interval.low.value_or(law::alpha_lowest)) /
                    2;
  return told;
}

// Of those that have a value: their mean and how many.
struct Mean {
  double sum = 0;
  int count = 0;

  void add(double value) {
    sum += value;
    ++count;
  }
  double value() const { return count > 0 ? sum / count : 0; }
};

BudgetCase with(const std::string& name, void (*change)(BudgetCase&)) {
  BudgetCase one;
  change(one);
  one.name = name;
  return one;
}

}  // namespace

std::vector<BudgetCase> budget_cases() {
  using Case = BudgetCase;
  return {
      with("base", [](Case&) {}),
      with("alpha 0", [](Case& c) { c.alpha = 0; }),
      with("alpha 1", [](Case& c) { c.alpha = 1; }),
      with("b 1", [](Case& c) { c.b = 1; }),
      with("b 4", [](Case& c) { c.b = 4; }),
      with("S0 constant", [](Case& c) { c.growth = 0; }),
      with("S0 ~ L^2", [](Case& c) { c.growth = 2; }),
      with("alpha 0, b 1", [](Case& c) { c.alpha = 0, c.b = 1; }),
      with("alpha 1, b 4", [](Case& c) { c.alpha = 1, c.b = 4; }),
      with("b 1, S0 ~ L^2", [](Case& c) { c.b = 1, c.growth = 2; }),
      with("b 4, S0 ~ L^2", [](Case& c) { c.b = 4, c.growth = 2; }),
      with("alpha 1, b 1, S0 ~ L^2", [](Case& c) { c.alpha = 1, c.b = 1, c.growth = 2; }),
      with("S0 1/8", [](Case& c) { c.short_by = 0.125; }),
      with("S0 1", [](Case& c) { c.short_by = 1; }),
      with("S0 2", [](Case& c) { c.short_by = 2; }),
      with("b 1, S0 2", [](Case& c) { c.b = 1, c.short_by = 2; }),
      with("4 budgets",
           [](Case& c) {
             c.budgets = {1, 2, 4, 8};
           }),
      with("4 budgets, b 1",
           [](Case& c) {
             c.budgets = {1, 2, 4, 8}, c.b = 1;
           }),
      with("8 lengths", [](Case& c) { c.lengths = 8; }),
      with("8 seeds", [](Case& c) { c.seeds = 8; }),
      with("8 seeds, b 1", [](Case& c) { c.seeds = 8, c.b = 1; }),
      with("8 seeds, S0 ~ L^2", [](Case& c) { c.seeds = 8, c.growth = 2; }),
      with("all more",
           [](Case& c) {
             c.budgets = {1, 2, 4, 8}, c.lengths = 8, c.seeds = 8, c.alpha = 1;
           }),
      with("scatter .2", [](Case& c) { c.scatter = 0.2; }),
      with("same luck .5", [](Case& c) { c.same_luck = 0.5; }),
      with("same luck 1", [](Case& c) { c.same_luck = 1; }),
      with("same luck 1, S0 1/8", [](Case& c) { c.same_luck = 1, c.short_by = 0.125; }),
      with("exponential", [](Case& c) { c.approach = Approach::exponential; }),
      with("exponential, S0 1",
           [](Case& c) { c.approach = Approach::exponential, c.short_by = 1; }),
      with("abrupt, b 1", [](Case& c) { c.approach = Approach::abrupt, c.b = 1; }),
      with("abrupt, b 2", [](Case& c) { c.approach = Approach::abrupt; }),
      with("no limit, b .3", [](Case& c) { c.approach = Approach::never, c.b = 0.3; }),
      with("no limit, b 1", [](Case& c) { c.approach = Approach::never, c.b = 1; }),
      with("no limit, by length, .5",
           [](Case& c) { c.approach = Approach::never_by_length, c.b = 0.5; }),
      with("no limit, by length, 1",
           [](Case& c) { c.approach = Approach::never_by_length, c.b = 1; }),
  };
}

std::vector<law::AtBudget> draw_budgets(const BudgetCase& one, RandomStream& random) {
  const double shift = std::log(2) * (random.uniform() - 0.5);
  std::vector<law::AtBudget> all;
  for (const double budget : one.budgets) all.push_back({.budget = budget, .cells = {}});
  for (int i = 0; i < one.lengths; ++i) {
    const double place = i / (one.lengths - 1.0);
    const double length = shortest * std::pow(longest / shortest, place);
    const double log_limit = std::log(middle_threshold) + shift + one.scatter * random.normal() +
                             one.alpha * (place - 0.5) * std::log(longest / shortest);
    for (double width = 4; width <= 4096; width *= 2) {
      std::vector<int> solved(all.size(), 0);
      for (int seed = 0; seed < one.seeds; ++seed) {
        Luck luck(one.same_luck, random);
        for (std::size_t j = 0; j < all.size(); ++j) {
          const double above = std::log(width) - log_limit - log_excess(one, place, all[j].budget);
          solved[j] += luck.next() < (1 - share_lapsed) * law::logistic(steepness * above);
        }
      }
      for (std::size_t j = 0; j < all.size(); ++j) {
        all[j].cells.push_back(
            {.length = length, .hidden = width, .seeds = one.seeds, .solved = solved[j]});
      }
    }
  }
  return all;
}

BudgetRow measure_budgets(const BudgetCase& one, int studies, std::uint64_t seed, int threads) {
  std::vector<Told> all(static_cast<std::size_t>(studies));
  for_each_study(studies, threads, [&](std::size_t i) {
    all[i] = told_by(one, RandomStream(seed, Split::test, i, 0));
  });
  BudgetRow row{.studies = studies};
  Mean first, last, remaining, told;
  int last_held = 0;
  int held = 0;
  int told_held = 0;
  std::vector<double> half_widths;
  for (const Told& study : all) {
    if (study.first) first.add(*study.first);
    if (study.last) last.add(*study.last);
    last_held += study.last_holds;
    if (!study.alpha) continue;
    remaining.add(*study.alpha - one.truth());
    held += study.holds;
    half_widths.push_back(study.half_width);
    if (!study.tells) continue;
    told.add(*study.alpha - one.truth());
    told_held += study.holds;
  }
  row.first = first.value();
  row.last = last.value();
  row.last_coverage = law::share_of(last_held, last.count).value_or(law::Share{});
  row.fitted = remaining.count;
  row.bias = remaining.value();
  row.coverage = law::share_of(held, remaining.count).value_or(law::Share{});
  row.told = told.count;
  row.told_bias = told.value();
  row.told_coverage = law::share_of(told_held, told.count).value_or(law::Share{0, 0, 0});
  if (!half_widths.empty()) {
    const auto middle = half_widths.begin() + static_cast<std::ptrdiff_t>(half_widths.size() / 2);
    std::nth_element(half_widths.begin(), middle, half_widths.end());
    row.half_width = *middle;
  }
  return row;
}

std::string budgets_header() {
  return "| case | truth | alpha, first budget | last | its coverage | remains: bias | coverage | "
         "half-width | too short | else: bias | coverage |\n"
         "|---|---|---|---|---|---|---|---|---|---|---|\n";
}

std::string budgets_line(const BudgetCase& one, const BudgetRow& row) {
  const double too_short = 1 - static_cast<double>(row.told) / std::max(1, row.fitted);
  const std::string told =
      row.told > 0 ? fmt::format("{:+.3f} | {:.3f}", row.told_bias, row.told_coverage.value)
                   : std::string("- | -");
  return fmt::format(
      "| {} | {:.2f} | {:.2f} | {:.2f} | {:.3f} | {:+.3f} | {:.3f} | {:.2f} | "
      "{:.2f} | {} |\n",
      one.name, one.truth(), row.first, row.last, row.last_coverage.value, row.bias,
      row.coverage.value, row.half_width, too_short, told);
}

Json to_json(const BudgetCase& one, const BudgetRow& row) {
  return {{"case", one.name},
          {"truth", one.truth()},
          {"studies", row.studies},
          {"alpha_first", row.first},
          {"alpha_last", row.last},
          {"coverage_last", row.last_coverage.value},
          {"fitted", row.fitted},
          {"bias", row.bias},
          {"coverage", row.coverage.value},
          {"coverage_low", row.coverage.low},
          {"coverage_high", row.coverage.high},
          {"half_width", row.half_width},
          {"told", row.told},
          {"told_bias", row.told_bias},
          {"told_coverage", row.told_coverage.value}};
}

}  // namespace surd::bench
