#include "launch/ranks.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "base/number.hpp"

namespace surd::launch {

int default_ranks(const Resources& resources, int team_size) {
  if (resources.tasks.value_or(1) > 1) return *resources.tasks;
  const int workers = resources.gpus > 0 ? resources.gpus : resources.cores;
  return 1 + std::max(team_size, workers / team_size * team_size);
}

std::optional<int> slurm_tasks() {
  if (std::getenv("SLURM_JOB_ID") == nullptr) return std::nullopt;
  return number_in_environment("SLURM_NTASKS");
}

int gpus_in(const std::string& devices_text) {
  constexpr std::string_view before = "cuda devices: ";
  const std::size_t place = devices_text.find(before);
  if (place == std::string::npos) return 0;
  return leading_number(std::string_view(devices_text).substr(place + before.size())).value_or(0);
}

}  // namespace surd::launch
