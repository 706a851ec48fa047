#include "bench/rates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.hpp"
#include "bench/grids.hpp"
#include "bench/studies.hpp"
#include "law/fit.hpp"
#include "law/rates.hpp"
#include "law/simulate.hpp"
#include "law/window.hpp"

namespace surd::bench {
namespace {

constexpr double rate_ratio = 1.78;
constexpr double middle_rate = 1e-3 * rate_ratio * rate_ratio * rate_ratio;
constexpr double length_of_middle = 64;
constexpr double width_of_middle = 90.5;

using Lattice = std::vector<double>;

// What the rates of one cell do, drawn once for all rules.
struct DrawnCell {
  double length = 0;
  double width = 0;
  Lattice loss_without_noise{};
  Lattice noise{};                     // standard normal
  std::vector<std::uint64_t> solving;  // of each seed; bit i: rate i solves it
};

Lattice lattice(std::size_t rates) {
  Lattice made;
  const std::size_t middle = rates / 2;
  for (std::size_t i = 0; i < rates; ++i)
    made.push_back(middle_rate *
                   std::pow(rate_ratio, static_cast<double>(i) - static_cast<double>(middle)));
  return made;
}

std::vector<DrawnCell> draw_cells(const RatesCase& one, RandomStream& random) {
  law::Scenario scenario;
  scenario.lengths = geometric_lengths(8);
  scenario.alpha = one.alpha;
  scenario.threshold = width_of_middle * std::exp(std::log(2.0) * (random.uniform() - 0.5));
  const law::Truth truth(scenario, random);
  const Lattice rates = lattice(one.rates);
  std::vector<DrawnCell> cells;
  for (const double length : scenario.lengths) {
    for (const double width : scenario.widths) {
      DrawnCell& cell =
          cells.emplace_back(DrawnCell{.length = length, .width = width, .solving = {}});
      const double best = middle_rate * std::pow(length / length_of_middle, -one.by_length) *
                          std::pow(width / width_of_middle, -one.by_width);
      const double p = truth.probability(length, width);
      Lattice chance(rates.size());
      cell.loss_without_noise.resize(rates.size());
      cell.noise.resize(rates.size());
      for (std::size_t i = 0; i < rates.size(); ++i) {
        const double off = std::log(rates[i] / best);
        chance[i] = p * std::exp2(-std::abs(off) / std::log(2.0));
        cell.loss_without_noise[i] = off * off;
        cell.noise[i] = random.normal();
      }
      for (int seed = 0; seed < one.seeds; ++seed) {
        std::uint64_t& solving = cell.solving.emplace_back(0);
        const double luck = random.uniform();
        for (std::size_t i = 0; i < rates.size(); ++i) {
          if ((one.one_luck ? luck : random.uniform()) < chance[i])
            solving |= std::uint64_t{1} << i;
        }
      }
    }
  }
  return cells;
}

std::vector<std::size_t> rates_run(const RatesRule& rule, const DrawnCell& cell) {
  if (!rule.fixed.empty()) return rule.fixed;
  std::vector<double> losses;
  for (std::size_t i = 0; i < cell.noise.size(); ++i)
    losses.push_back(cell.loss_without_noise[i] + rule.noise * cell.noise[i]);
  std::vector<std::size_t> run(rule.window);
  std::iota(run.begin(), run.end(), law::first_of_window(losses, rule.window));
  return run;
}

// As law::collect counts the same trials, rates told by their places.
law::Series counted_by(const RatesRule& rule, const std::vector<DrawnCell>& cells) {
  law::Series series;
  series.task = "simulated";
  series.architecture = "curve";
  series.windows = rule.fixed.empty();
  for (std::size_t i = 0; i < rule.window; ++i)
    series.learning_rates.push_back(static_cast<double>(i + 1));
  for (const std::size_t place : rule.fixed)
    series.learning_rates.push_back(static_cast<double>(place));
  for (const DrawnCell& cell : cells) {
    const std::vector<std::size_t> run = rates_run(rule, cell);
    law::Cell& sum = series.cells.emplace_back(
        law::Cell{.length = cell.length, .hidden = cell.width, .seeds = 0});
    for (const std::uint64_t solving : cell.solving) {
      std::uint64_t solved_by = 0;
      for (std::size_t i = 0; i < run.size(); ++i) solved_by |= (solving >> run[i] & 1) << i;
      ++sum.seeds;
      sum.solved += solved_by != 0 ? 1 : 0;
      series.seeds.push_back(
          {.length = cell.length,
           .hidden = cell.width,
           .seed = sum.seeds,
           .outcome = solved_by != 0 ? law::Outcome::solved : law::Outcome::unsolved,
           .solved_by = solved_by});
    }
    series.solved += sum.solved;
  }
  return series;
}

// What one study says by one rule.
struct Said {
  std::optional<double> error;
  bool holds = false;
  double half_width = 0;
  bool doubted = false;
};

Said said_by(const RatesCase& one, const law::Series& series) {
  const law::Fit fit = law::fit(series.cells);
  Said said{.error = {}, .doubted = law::rate_drift(series).has_value()};
  if (!fit.alpha) return said;
  said.error = *fit.alpha - one.alpha;
  said.holds = fit.interval.contains(one.alpha);
  said.half_width = (fit.interval.high.value_or(law::alpha_highest) -
                     fit.interval.low.value_or(law::alpha_lowest)) /
                    2;
  return said;
}

RatesRow row_of(const RatesCase& one, const RatesRule& rule, const std::vector<Said>& studies) {
  RatesRow row{.studies = static_cast<int>(studies.size())};
  int held = 0;
  std::vector<double> half_widths;
  for (const Said& said : studies) {
    row.doubted += said.doubted ? 1.0 / row.studies : 0;
    if (!said.error) continue;
    ++row.fitted;
    row.bias += *said.error;
    held += said.holds ? 1 : 0;
    half_widths.push_back(said.half_width);
  }
  const double pilot = static_cast<double>(one.rates) / one.seeds;
  row.trainings = rule.fixed.empty() ? static_cast<double>(rule.window) + pilot
                                     : static_cast<double>(rule.fixed.size());
  row.coverage = law::share_of(held, row.fitted);
  if (half_widths.empty()) return row;
  row.bias /= row.fitted;
  const auto middle = half_widths.begin() + static_cast<std::ptrdiff_t>(half_widths.size() / 2);
  std::nth_element(half_widths.begin(), middle, half_widths.end());
  row.half_width = *middle;
  return row;
}

}  // namespace

std::vector<RatesCase> rates_cases() {
  struct Drift {
    const char* name;
    double by_length, by_width;
  };
  std::vector<RatesCase> cases;
  for (const Drift& drift : {Drift{"no drift", 0, 0}, Drift{"1/d", 0, 1}, Drift{"L^-.5", 0.5, 0},
                             Drift{"1/d and L^-.5", 0.5, 1}}) {
    for (const double alpha : {0.0, 0.5, 1.0}) {
      for (const bool one_luck : {false, true}) {
        for (const int seeds : {3, 8}) {
          cases.push_back({.name = fmt::format("{}; alpha {}; {} seeds; {}", drift.name, alpha,
                                               seeds, one_luck ? "one luck" : "own luck"),
                           .alpha = alpha,
                           .by_length = drift.by_length,
                           .by_width = drift.by_width,
                           .one_luck = one_luck,
                           .seeds = seeds});
        }
      }
    }
  }
  // Rates that reach the best one at all thresholds.
  for (const double alpha : {0.0, 0.5, 1.0}) {
    cases.push_back({.name = fmt::format("1/d and L^-.5; alpha {}; 8 seeds; 11 rates", alpha),
                     .alpha = alpha,
                     .by_length = 0.5,
                     .by_width = 1,
                     .seeds = 8,
                     .rates = 11});
  }
  return cases;
}

std::vector<RatesRule> rates_rules(const RatesCase& one) {
  const std::size_t middle = one.rates / 2;
  std::vector<RatesRule> rules = {
      {.name = "2 in the middle", .fixed = {middle - 1, middle}},
      {.name = "3 spread", .fixed = {middle - 2, middle, middle + 2}},
      {.name = fmt::format("all {}", one.rates), .fixed = std::vector<std::size_t>(one.rates)}};
  std::iota(rules.back().fixed.begin(), rules.back().fixed.end(), std::size_t{0});
  for (const std::size_t window : {std::size_t{3}, std::size_t{2}}) {
    for (const double noise : {0.1, 0.5, 1.0}) {
      rules.push_back({.name = fmt::format("window of {}, noise {}", window, noise),
                       .window = window,
                       .noise = noise});
    }
  }
  return rules;
}

std::vector<RatesRow> measure_rates(const RatesCase& one, int studies, std::uint64_t seed,
                                    int threads) {
  const std::vector<RatesRule> rules = rates_rules(one);
  std::vector<std::vector<Said>> all(rules.size(),
                                     std::vector<Said>(static_cast<std::size_t>(studies)));
  for_each_study(studies, threads, [&](std::size_t i) {
    RandomStream random(seed, Split::test, i, 0);
    const std::vector<DrawnCell> cells = draw_cells(one, random);
    for (std::size_t rule = 0; rule < rules.size(); ++rule)
      all[rule][i] = said_by(one, counted_by(rules[rule], cells));
  });
  std::vector<RatesRow> rows;
  for (std::size_t rule = 0; rule < rules.size(); ++rule)
    rows.push_back(row_of(one, rules[rule], all[rule]));
  return rows;
}

std::string rates_header() {
  return "| study | rates | bias | coverage | its interval | half-width | trainings a seed | "
         "doubted | no exponent |\n"
         "|---|---|---|---|---|---|---|---|---|\n";
}

std::string rates_line(const RatesCase& one, const RatesRule& rule, const RatesRow& row) {
  const law::Share coverage = row.coverage.value_or(law::Share{});
  return fmt::format(
      "| {} | {} | {:+.3f} | {:.3f} | {:.3f} to {:.3f} | {:.2f} | {:.1f} | {:.3f} | "
      "{} |\n",
      one.name, rule.name, row.bias, coverage.value, coverage.low, coverage.high, row.half_width,
      row.trainings, row.doubted, row.studies - row.fitted);
}

Json to_json(const RatesCase& one, const RatesRule& rule, const RatesRow& row) {
  const law::Share coverage = row.coverage.value_or(law::Share{});
  return {{"study", one.name},
          {"alpha", one.alpha},
          {"by_length", one.by_length},
          {"by_width", one.by_width},
          {"one_luck", one.one_luck},
          {"seeds", one.seeds},
          {"rates", rule.name},
          {"noise", rule.noise},
          {"studies", row.studies},
          {"fitted", row.fitted},
          {"bias", row.bias},
          {"coverage", coverage.value},
          {"coverage_low", coverage.low},
          {"coverage_high", coverage.high},
          {"half_width", row.half_width},
          {"trainings", row.trainings},
          {"doubted", row.doubted}};
}

}  // namespace surd::bench
