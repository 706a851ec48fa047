// What a measurement is made of: time on a core, and the spread of repetitions.
#pragma once

#include <vector>

#include "base/json.hpp"

namespace surd::bench {

// Seconds that this process has spent on cores, user and system. Rates are per such second, so that
// neighbours on the machine do not count; a program of one thread that never waits spends a second
// of it in a second.
double cpu_time_s();

struct Spread {
  double median = 0;
  double least = 0;
  double most = 0;
};
// Of at least one value.
Spread spread(std::vector<double> values);
Json to_json(const Spread& spread);  // {"median", "least", "most"}

// Keeps this thread, and what it starts, on the core that it is on. False where the system does not
// let it.
bool stay_on_this_core();

}  // namespace surd::bench
