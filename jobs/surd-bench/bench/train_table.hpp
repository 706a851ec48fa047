// What was measured of trainings, as a table for people and as JSON.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "bench/train.hpp"
#include "spec/trial.hpp"

namespace surd::bench {

struct TrainMeasurement {
  spec::Trial trial;
  int lanes = 1;
  TrainRate ours;
  std::vector<double>
      peer_tokens_s;  // a repetition, right before ours; empty where nothing was run beside
  std::vector<double> ratios() const;  // ours over the peer's, a repetition
};

// Markdown, a row for each task, length, width and number of lanes (which has a column where one is
// above 1): rates of every architecture in thousand tokens a
// second; for the first architecture its share of `peak_flops_s`, of sampling, and the ratio to the
// peer. Median, with the least and the most of the repetitions.
std::string markdown(const std::vector<TrainMeasurement>& measurements, double peak_flops_s);

// Markdown, a row for each architecture and length: nanoseconds a token, and how many times those
// of the first length.
std::string markdown_by_length(const std::vector<TrainMeasurement>& measurements);

Json to_json(const TrainMeasurement& measurement, double peak_flops_s);

}  // namespace surd::bench
