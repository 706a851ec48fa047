// How fast training data are made.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "bench/rate.hpp"

namespace surd::bench {

struct SamplerRate {
  std::string task;
  int size = 0;
  int length = 0;
  Spread tokens_s;  // input tokens a second on a core
};

// Batches of 64 sequences by the trainer's own Data, for every task at the largest size that fits
// into each length.
std::vector<SamplerRate> measure_samplers(const std::vector<std::string>& tasks,
                                          const std::vector<int>& lengths, int repetitions,
                                          double seconds);
std::string markdown(const std::vector<SamplerRate>& rates);
Json to_json(const SamplerRate& rate);

}  // namespace surd::bench
