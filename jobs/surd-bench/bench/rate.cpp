#include "bench/rate.hpp"

#include <sched.h>

#include <algorithm>
#include <ctime>

namespace surd::bench {

double cpu_time_s() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

Spread spread(std::vector<double> values) {
  if (values.empty()) throw Error("no value to take a median of");
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
}

Json to_json(const Spread& spread) {
  return {{"median", number_to_json(spread.median)},
          {"least", number_to_json(spread.least)},
          {"most", number_to_json(spread.most)}};
}

bool stay_on_this_core() {
  const int core = ::sched_getcpu();
  if (core < 0) return false;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<std::size_t>(core), &cores);
  return ::sched_setaffinity(0, sizeof(cores), &cores) == 0;
}

}  // namespace surd::bench
