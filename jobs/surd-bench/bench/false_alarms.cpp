#include "bench/false_alarms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <iterator>
#include <optional>
#include <thread>
#include <utility>

#include "law/falling.hpp"
#include "law/fit.hpp"
#include "law/rates.hpp"

namespace surd::bench {
namespace {

constexpr double alphas[] = {0, 0.5, 1};
constexpr double lapse_noted = 0.2;

// Each cell of the full grid with the chance that `chance` gives it: of length and place of the
// width.
template <typename Chance>
law::Series counted(const law::Scenario& scenario, RandomStream& random, Chance chance) {
  law::Series series;
  series.task = "simulated";
  series.architecture = "curve";
  for (const double length : scenario.lengths) {
    for (std::size_t i = 0; i < scenario.widths.size(); ++i) {
      law::Cell cell{.length = length, .hidden = scenario.widths[i], .seeds = scenario.seeds};
      const double p = chance(length, i);
      for (int seed = 0; seed < scenario.seeds; ++seed) cell.solved += random.uniform() < p ? 1 : 0;
      series.solved += cell.solved;
      series.cells.push_back(cell);
    }
  }
  return series;
}

// Gamma(shape, 1), after Marsaglia and Tsang (ACM TOMS 2000).
double gamma(double shape, RandomStream& random) {
  if (shape < 1) return gamma(shape + 1, random) * std::pow(random.uniform(), 1 / shape);
  const double d = shape - 1.0 / 3;
  for (;;) {
    const double x = random.normal();
    const double v = std::pow(1 + x / std::sqrt(9 * d), 3);
    if (v > 0 && std::log(random.uniform()) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
  }
}

struct Heard {
  bool falling = false;
  bool rates = false;
  bool lapse = false;
  std::optional<double> error{};
  bool covered = false;
};

Heard hear(const AlarmCase& one, law::Scenario scenario, std::uint64_t seed, std::uint64_t study) {
  RandomStream random(seed, Split::test, study, 0);
  scenario.threshold *= std::exp(std::log(2.0) * (random.uniform() - 0.5));
  const law::Series series = one.draw(scenario, random);
  const law::Fit fit = law::fit(series.cells);
  Heard heard{.falling = law::falling(series.cells).found(),
              .rates = law::rate_drift(series).has_value(),
              .lapse = fit.lapse.value_or(0) > lapse_noted};
  if (!fit.alpha) return heard;
  heard.error = *fit.alpha - scenario.alpha;
  heard.covered = fit.interval.contains(scenario.alpha);
  return heard;
}

std::vector<Heard> hear_all(const AlarmCase& one, const law::Scenario& scenario, int studies,
                            std::uint64_t seed, int threads) {
  std::vector<Heard> heard(static_cast<std::size_t>(studies));
  const auto count = static_cast<std::size_t>(std::clamp(threads, 1, studies));
  std::vector<std::exception_ptr> errors(count);
  const auto work = [&](std::size_t first) {
    try {
      for (std::size_t i = first; i < heard.size(); i += count)
        heard[i] = hear(one, scenario, seed, i);
    } catch (...) {
      errors[first] = std::current_exception();
    }
  };
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < count; ++i) others.emplace_back(work, i);
  work(0);
  for (std::thread& thread : others) thread.join();
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  return heard;
}

template <typename Of>
double share(const std::vector<Heard>& heard, Of of) {
  return static_cast<double>(std::count_if(heard.begin(), heard.end(), of)) /
         static_cast<double>(heard.size());
}

// "a, b, c", one for each alpha.
template <typename Of>
std::string figures(const AlarmRow& row, const char* format, Of of) {
  std::vector<std::string> parts;
  for (const Alarms& one : row.by_alpha)
    parts.push_back(fmt::format(fmt::runtime(format), of(one)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

law::Series fallen(const law::Scenario& scenario, int widest, double share, RandomStream& random) {
  const law::Truth truth(scenario, random);
  const std::size_t falls = scenario.widths.size() - static_cast<std::size_t>(widest);
  return counted(scenario, random, [&](double length, std::size_t width) {
    return truth.probability(length, scenario.widths[width]) * (width < falls ? 1 : share);
  });
}

law::Series overdispersed(const law::Scenario& scenario, double correlation, RandomStream& random) {
  const law::Truth truth(scenario, random);
  const double size = 1 / correlation - 1;
  return counted(scenario, random, [&](double length, std::size_t width) {
    const double p = std::clamp(truth.probability(length, scenario.widths[width]), 1e-9, 1 - 1e-9);
    const double solving = gamma(p * size, random);
    return solving / (solving + gamma((1 - p) * size, random));
  });
}

law::Series at_rates(const law::Scenario& scenario, const Rates& rates, RandomStream& random) {
  const law::Truth truth(scenario, random);
  std::vector<law::Trial> trials;
  for (const double length : scenario.lengths) {
    for (const double width : scenario.widths) {
      const double best = rates.best * std::pow(length / 64, -rates.by_length) *
                          std::pow(width / 90.5, -rates.by_width);
      for (int seed = 0; seed < scenario.seeds; ++seed) {
        for (const double rate : rates.rates) {
          const double off = std::abs(std::log2(rate / best));
          const bool solves = random.uniform() < truth.probability(length, width) * std::exp2(-off);
          law::Trial& trial = trials.emplace_back();
          trial.task = "simulated";
          trial.architecture = "curve";
          trial.length = length;
          trial.hidden = width;
          trial.seed = seed;
          trial.learning_rate = rate;
          trial.accuracy_validation = trial.accuracy_test = solves ? 0.99 : 0.3;
        }
      }
    }
  }
  return law::collect(trials, 0.9).series.front();
}

std::vector<AlarmCase> alarm_cases() {
  std::vector<AlarmCase> cases;
  const auto simple = [](const law::Scenario& scenario, RandomStream& random) {
    return fallen(scenario, 0, 1, random);
  };
  const auto add = [&](const std::string& name, bool law_holds, auto draw) -> law::Scenario& {
    return cases
        .emplace_back(AlarmCase{
            .name = name, .law_holds = law_holds, .scenario = {}, .draw = std::move(draw)})
        .scenario;
  };
  const auto add_lapse = [&](const std::string& name, double kappa, double shortest,
                             double longest) {
    law::Scenario& scenario = add(name, true, simple);
    scenario.kappa = kappa;
    scenario.lapse_shortest = shortest;
    scenario.lapse_longest = longest;
  };
  for (const double kappa : {2.5, 6.0, 20.0}) {
    add_lapse(fmt::format("kappa {}", kappa), kappa, 0.05, 0.05);
    add_lapse(fmt::format("kappa {} lapse .25", kappa), kappa, 0.25, 0.25);
    add_lapse(fmt::format("kappa {} lapse .02 to .40", kappa), kappa, 0.02, 0.40);
  }
  for (const double correlation : {0.1, 0.3}) {
    law::Scenario& scenario = add(fmt::format("lapse .25 seeds correlated {}", correlation), true,
                                  [=](const law::Scenario& one, RandomStream& random) {
                                    return overdispersed(one, correlation, random);
                                  });
    scenario.lapse_shortest = scenario.lapse_longest = 0.25;
  }
  const auto add_rates = [&](const std::string& name, bool law_holds, const Rates& rates) {
    add(name, law_holds, [rates](const law::Scenario& scenario, RandomStream& random) {
      return at_rates(scenario, rates, random);
    });
  };
  const std::vector<double> three = {0.005, 0.01, 0.02};
  add_rates("2 rates best between", true, {});
  add_rates("2 rates best at an end", true, {.best = 0.02});
  add_rates("2 rates best beyond an end", true, {.best = 0.04});
  add_rates("3 rates best in the middle", true, {.rates = three, .best = 0.01});
  add_rates("3 rates best at an end", true, {.rates = three, .best = 0.02});
  for (const int widest : {2, 3}) {
    for (const double left : {0.5, 0.0}) {
      add(fmt::format("success falls to {} at the {} widest", left == 0 ? "none" : "half", widest),
          false, [=](const law::Scenario& scenario, RandomStream& random) {
            return fallen(scenario, widest, left, random);
          });
    }
  }
  // The best rate at the shortest length is the highest of the set, or the middle one.
  add_rates("2 rates best ~ L^-.5 from the higher", false, {.best = 0.01, .by_length = 0.5});
  add_rates("2 rates best ~ L^-.5 from between", false, {.best = 0.00707, .by_length = 0.5});
  add_rates("2 rates best ~ L^-.5 about the middle", false, {.by_length = 0.5});
  add_rates("3 rates best ~ L^-.5 from the highest", false,
            {.rates = three, .best = 0.01, .by_length = 0.5});
  add_rates("3 rates best ~ L^-.5 from the middle", false,
            {.rates = three, .best = 0.005, .by_length = 0.5});
  add_rates("2 rates best ~ 1/d", false, {.by_width = 1});
  add_rates("3 rates best ~ 1/d", false, {.rates = three, .best = 0.01, .by_width = 1});
  return cases;
}

AlarmRow measure_alarms(const AlarmCase& one, int seeds_a_cell, int studies, std::uint64_t seed,
                        int threads) {
  AlarmRow row{.name = one.name, .law_holds = one.law_holds, .by_alpha = {}};
  for (const double alpha : alphas) {
    law::Scenario scenario = one.scenario;
    scenario.alpha = alpha;
    scenario.seeds = seeds_a_cell;
    const std::vector<Heard> heard = hear_all(one, scenario, studies, seed, threads);
    Alarms& alarms = row.by_alpha.emplace_back();
    alarms.alpha = alpha;
    alarms.studies = studies;
    alarms.falling = share(heard, [](const Heard& study) { return study.falling; });
    alarms.rates = share(heard, [](const Heard& study) { return study.rates; });
    alarms.lapse = share(heard, [](const Heard& study) { return study.lapse; });
    alarms.silent = share(
        heard, [](const Heard& study) { return !study.falling && !study.rates && !study.lapse; });
    for (const Heard& study : heard) {
      if (!study.error) continue;
      ++alarms.exponents;
      alarms.bias += *study.error;
      alarms.coverage += study.covered ? 1 : 0;
    }
    if (alarms.exponents > 0) {
      alarms.bias /= alarms.exponents;
      alarms.coverage /= alarms.exponents;
    }
  }
  return row;
}

std::string alarms_header() {
  return "| study | success falls | rates drift | lapse above .2 | no word | bias | coverage |\n"
         "|---|---|---|---|---|---|---|\n";
}

std::string alarms_line(const AlarmRow& row) {
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", row.name,
                     figures(row, "{:.3f}", [](const Alarms& one) { return one.falling; }),
                     figures(row, "{:.3f}", [](const Alarms& one) { return one.rates; }),
                     figures(row, "{:.2f}", [](const Alarms& one) { return one.lapse; }),
                     figures(row, "{:.2f}", [](const Alarms& one) { return one.silent; }),
                     figures(row, "{:+.2f}", [](const Alarms& one) { return one.bias; }),
                     figures(row, "{:.2f}", [](const Alarms& one) { return one.coverage; }));
}

Json to_json(const AlarmRow& row) {
  Json rows = Json::array();
  for (const Alarms& one : row.by_alpha) {
    rows.push_back({{"alpha", one.alpha},
                    {"studies", one.studies},
                    {"falling", one.falling},
                    {"rates", one.rates},
                    {"lapse", one.lapse},
                    {"exponents", one.exponents},
                    {"bias", one.bias},
                    {"coverage", one.coverage},
                    {"silent", one.silent}});
  }
  return {{"study", row.name}, {"law_holds", row.law_holds}, {"by_alpha", std::move(rows)}};
}

}  // namespace surd::bench
