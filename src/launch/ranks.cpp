#include "launch/ranks.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

namespace surd::launch {
namespace {

std::optional<int> leading_number(std::string_view text) {
  int number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  return code == std::errc() ? std::optional(number) : std::nullopt;
}

}  // namespace

int default_ranks(const Resources& resources, int team_size) {
  if (resources.tasks.value_or(1) > 1) return *resources.tasks;
  const int workers = resources.gpus > 0 ? resources.gpus : resources.cores;
  return 1 + std::max(team_size, workers / team_size * team_size);
}

std::optional<int> slurm_tasks() {
  const char* job = std::getenv("SLURM_JOB_ID");
  const char* tasks = std::getenv("SLURM_NTASKS");
  return job != nullptr && tasks != nullptr ? leading_number(tasks) : std::nullopt;
}

int gpus_in(const std::string& devices_text) {
  constexpr std::string_view before = "cuda devices: ";
  const std::size_t place = devices_text.find(before);
  if (place == std::string::npos) return 0;
  return leading_number(std::string_view(devices_text).substr(place + before.size())).value_or(0);
}

}  // namespace surd::launch
