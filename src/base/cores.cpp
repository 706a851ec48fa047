#include "base/cores.hpp"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

namespace surd {
namespace {

// On a machine with more than CPU_SETSIZE (1024) cores the set does not fit, and all are counted.
int schedulable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

std::optional<int> quota_cores(const std::string& cpu_max) {
  std::istringstream words(cpu_max);
  double quota_us = 0, period_us = 0;
  if (!(words >> quota_us >> period_us) || !(quota_us > 0) || !(period_us > 0)) return {};
  return std::max(1, static_cast<int>(quota_us / period_us));
}

int usable_cores() {
  const int cores = std::max(1, schedulable_cores());
  std::ifstream file("/sys/fs/cgroup/cpu.max");  // a container sees its own group here
  std::string line;
  std::getline(file, line);
  return std::min(cores, quota_cores(line).value_or(cores));
}

}  // namespace surd
