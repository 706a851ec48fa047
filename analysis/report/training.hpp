// How the trials of a run learned and what they cost, for the report: learning curves near the
// thresholds, forecast against actual cost.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "analysis/findings/findings.hpp"
#include "analysis/report/text.hpp"
#include "store/snapshot.hpp"

namespace surd::analysis {

// One entry a trial of Input::trials, in that order.
struct Training {
  store::Curves curves;
  std::vector<double>
      flops;  // of training, spent by the trajectory that counts; 0 without a result
  std::vector<double>
      planned_flops;  // of training on the full budget; NaN where the study cannot be read
  std::vector<double>
      seconds;  // the trial's share of its bundles' time, validations and test included
};

// Of the run that the input was made of.
Training training_of(const store::Snapshot& run);

using SeriesKey = std::tuple<std::string, std::string, std::string>;  // task, axes, architecture
SeriesKey key_of(const law::Series& series);
using Places = std::map<SeriesKey, std::vector<std::size_t>>;  // positions in Input::trials
Places places_of(const Input& input);
// Whether trial i has FLOPs and seconds.
bool was_trained(const Training& training, std::size_t i);
// Four digits that count: a figure shows no more, and the page stays small.
double four_digits(double value);

// A row a series, then one of all where there are several; the first is the header: trials, of
// these trained, FLOPs planned and spent, seconds, rate.
Lines cost_lines(const Training& training, const Input& input, const Findings& findings);

}  // namespace surd::analysis
