// What a study will cost before anything runs: counts by rule, FLOPs, forecast, warnings. What
// `surd plan` shows.
#pragma once

#include <string>
#include <vector>

#include "grid/study.hpp"

namespace surd::grid {

// One trial of a cell on its full budget; a trial that stops early costs less.
struct Cost {
  std::int64_t parameters = 0;
  std::int64_t parameters_without_embeddings = 0;
  double training_tokens = 0;
  double training_flops = 0;    // forward and backward
  double evaluation_flops = 0;  // validations and the test
  double state_bytes = 0;       // of generation, for one sequence of the cell's length
  double memory_bytes = 0;      // of training, one lane
  double flops() const { return training_flops + evaluation_flops; }
};
Cost trial_cost(const Cell& cell);

struct PlanGroup {
  std::string task;
  std::string architecture;
  std::int64_t cells = 0;
  std::int64_t trials = 0;
  double flops = 0;
};

struct Plan {
  std::int64_t cells_grid = 0;  // of the axes, before any rule
  std::int64_t cells_excluded = 0;
  std::int64_t cells_included = 0;
  std::vector<PlanGroup> groups;  // task by architecture, in study order
  std::int64_t parameters_least = 0;
  std::int64_t parameters_most = 0;
  double memory_bytes_most = 0;
  double flops = 0;  // all trials on their full budgets
  double flops_largest_trial = 0;
  TrialIndex largest_trial;
  std::vector<std::string> warnings;
};
Plan make_plan(const Study& study);

// Hours of `plan.flops` at a stated rate. Not calibrated: no device was asked.
double forecast_hours(double flops, double flops_per_s);

// With `list_trials`, every trial with its id and axes.
Json to_json(const Study& study, const Plan& plan, double flops_per_s, bool list_trials);
std::string to_text(const Study& study, const Plan& plan, double flops_per_s);

}  // namespace surd::grid
