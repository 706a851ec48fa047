// How often the tests that look for faults in a curve's data speak: where the law holds, which is a
// false alarm, and in studies with each fault.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/random.hpp"
#include "law/outcome.hpp"
#include "law/simulate.hpp"

namespace surd::bench {

// Success that falls to a share of the law's at the widest widths.
law::Series fallen(const law::Scenario& scenario, int widest, double share, RandomStream& random);
// Cells with chances of their own: Beta about the law's, seeds of a cell correlated so.
law::Series overdispersed(const law::Scenario& scenario, double correlation, RandomStream& random);

// Trials at several learning rates. Each solves with the law's chance, halved for every factor 2
// that the rate is off the best one; luck is each trial's own.
struct Rates {
  std::vector<double> rates = {0.01, 0.02};
  double best = 0.0141;  // at length 64 and width 90.5
  double by_length = 0;  // the best rate goes as length^-by_length width^-by_width
  double by_width = 0;
};
law::Series at_rates(const law::Scenario& scenario, const Rates& rates, RandomStream& random);

struct AlarmCase {
  std::string name;
  bool law_holds = false;
  law::Scenario scenario{};  // but alpha and seeds
  std::function<law::Series(const law::Scenario&, RandomStream&)> draw;
};
std::vector<AlarmCase> alarm_cases();

// Of one case and alpha: shares of the studies.
struct Alarms {
  double alpha = 0;
  int studies = 0;
  double falling = 0;  // law::falling
  double rates = 0;    // law::rate_drift
  double lapse = 0;    // a fitted lapse above .2
  double silent = 0;   // none of the three
  int exponents = 0;   // studies that give one: the rest is of these
  double bias = 0;
  double coverage = 0;
};
struct AlarmRow {
  std::string name;
  bool law_holds = false;
  std::vector<Alarms> by_alpha;  // 0, .5 and 1
};
// Thresholds lie at a random place between two widths. `threads` has no influence on the numbers.
AlarmRow measure_alarms(const AlarmCase& one, int seeds_a_cell, int studies, std::uint64_t seed,
                        int threads);

// Columns of a Markdown table: its two header lines, and the line of a row.
std::string alarms_header();
std::string alarms_line(const AlarmRow& row);
Json to_json(const AlarmRow& row);

}  // namespace surd::bench
