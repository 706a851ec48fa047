#include "law/rates.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "law/trend.hpp"

namespace surd::law {
namespace {

// The chance, one-sided, that one of two rates is better by luck is at most this. Of the widths the
// half below the thresholds has few seeds that some rate solves, and those by luck.
constexpr double clear_by_length = 0.5;
constexpr double clear_by_width = 0.2;

// A seed that some rates solve and some do not.
struct Mixed {
  double length = 0;
  double width = 0;
  std::uint64_t solved_by = 0;
  int lean = 0;  // +1: higher rates solve it, -1: lower ones
};

std::vector<Mixed> mixed_seeds(const Series& series) {
  const auto rates = static_cast<int>(series.learning_rates.size());
  std::vector<Mixed> found;
  for (const Seed& seed : series.seeds) {
    if (!seed.solved_by) continue;
    const int solved = std::popcount(*seed.solved_by);
    if (solved == 0 || solved == rates) continue;
    int places = 0;
    for (int i = 0; i < rates; ++i)
      places += (*seed.solved_by >> i & 1) != 0 ? 2 * i - (rates - 1) : 0;
    found.push_back({.length = seed.length,
                     .width = width_of(seed),
                     .solved_by = *seed.solved_by,
                     .lean = (places > 0) - (places < 0)});
  }
  return found;
}

// Whether the share of the seeds that lean so rises with `along` (sign 1) or falls (-1), at equal
// values of the other.
double chance_of_change(const std::vector<Mixed>& seeds, Along along,
                        const std::vector<double>& values, int lean, int sign) {
  std::map<double, std::map<int, Counted>> counts;  // by the other, then the score
  for (const Mixed& seed : seeds) {
    const double value = along == Along::length ? seed.length : seed.width;
    const double other = along == Along::length ? seed.width : seed.length;
    const auto place = std::lower_bound(values.begin(), values.end(), value) - values.begin();
    const int score = sign * static_cast<int>(place);
    Counted& one = counts[other][score];
    one.score = score;
    ++one.of;
    ++one.most_events;
    one.events += seed.lean == lean ? 1 : 0;
  }
  std::vector<Stratum> strata;
  for (const auto& [other, at] : counts) {
    Stratum& stratum = strata.emplace_back();
    for (const auto& [score, one] : at) stratum.push_back(one);
  }
  return chance_of_rise(strata);
}

// Of seeds that lean to lower or to higher rates, more or fewer. Of two rates the fewer seeds lean
// to the lower one, the more lean to the higher.
double chance_of_any_change(const std::vector<Mixed>& seeds, Along along,
                            const std::vector<double>& values, std::size_t rates) {
  double least = 1;
  int asked = 0;
  for (const int lean : {-1, 1}) {
    if (rates == 2 && lean == 1) continue;
    for (const int sign : {-1, 1}) {
      least = std::min(least, chance_of_change(seeds, along, values, lean, sign));
      ++asked;
    }
  }
  return std::min(1.0, least * asked);
}

using Counts = std::vector<int>;  // of each rate, seeds that it solves

std::size_t most(const Counts& counts) {
  return static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) - counts.begin());
}

// Whether a fair coin would show `more` of `more` + `fewer` heads, or a larger share, seldom.
bool is_clear(int more, int fewer, double chance_at_most) {
  const int of = more + fewer;
  double chance = 0;
  for (int k = more; k <= of; ++k) {
    chance += std::exp(std::lgamma(of + 1.0) - std::lgamma(k + 1.0) - std::lgamma(of - k + 1.0) -
                       of * std::log(2.0));
  }
  return chance <= chance_at_most + 1e-9;
}

std::optional<RateDrift> drift_along(const Series& series, const std::vector<Mixed>& seeds,
                                     Along along) {
  std::set<double> distinct;
  for (const Seed& seed : series.seeds)
    distinct.insert(along == Along::length ? seed.length : width_of(seed));
  const std::vector<double> values(distinct.begin(), distinct.end());
  if (values.size() < 2) return std::nullopt;
  const std::size_t half = values.size() / 2;  // the middle one of an odd number is in neither
  RateDrift drift{.along = along,
                  .p = std::min(1.0, 2 * chance_of_any_change(seeds, along, values,
                                                              series.learning_rates.size())),
                  .until = values[half - 1],
                  .from = values[values.size() - half]};
  if (drift.p >= rate_drift_level) return std::nullopt;
  const std::size_t rates = series.learning_rates.size();
  Counts until(rates, 0);
  Counts from(rates, 0);
  for (const Mixed& seed : seeds) {
    const double value = along == Along::length ? seed.length : seed.width;
    if (value > drift.until && value < drift.from) continue;
    Counts& counts = value <= drift.until ? until : from;
    for (std::size_t i = 0; i < rates; ++i) counts[i] += static_cast<int>(seed.solved_by >> i & 1);
  }
  const std::size_t best_until = most(until);
  const std::size_t best_from = most(from);
  const double clear = along == Along::length ? clear_by_length : clear_by_width;
  if (best_until == best_from || !is_clear(until[best_until], until[best_from], clear) ||
      !is_clear(from[best_from], from[best_until], clear))
    return std::nullopt;
  drift.rate_until = series.learning_rates[best_until];
  drift.rate_from = series.learning_rates[best_from];
  drift.end_until = best_until == 0 || best_until == rates - 1;
  drift.end_from = best_from == 0 || best_from == rates - 1;
  if (!drift.end_until && !drift.end_from) return std::nullopt;
  return drift;
}

}  // namespace

std::optional<RateDrift> rate_drift(const Series& series) {
  if (series.learning_rates.size() < 2 || series.learning_rates.size() > 64) return std::nullopt;
  const std::vector<Mixed> seeds = mixed_seeds(series);
  const auto along_length = drift_along(series, seeds, Along::length);
  const auto along_width = drift_along(series, seeds, Along::width);
  if (!along_length || !along_width) return along_length ? along_length : along_width;
  return along_length->p <= along_width->p ? along_length : along_width;
}

}  // namespace surd::law
