// What a trial came to: written by train, kept by store, judged by schedule and law.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace surd::spec {

enum class Outcome {
  finished,  // trained to its own stop and tested
  diverged   // the loss became NaN or infinite: a result, accuracy 0
};

// Why a lane ended.
enum class StopReason { solved, steps, diverged };

// One point of a trial's curve: every validation, and between them the training loss at steps in
// equal ratios (is_curve_step), so that a loss is sampled evenly on the logarithmic axis on which
// scaling laws are drawn, at the cost of a few numbers a trial.
struct CurvePoint {
  int step = 0;                // optimiser steps done
  double loss_train = 0;       // mean cross-entropy a supervised token since the last point, nats
  double loss_validation = 0;  // NaN where nothing was validated
  double accuracy_validation =
      0;  // share of instances solved (exact match); NaN where nothing was validated
  double gradient_norm = 0;  // before clipping, at this step
};

// 1, 2, 3, 4, 6, 8, 11, 16, 23, 32, ...: the whole numbers nearest to the powers of the square root
// of two. step >= 1.
bool is_curve_step(int step);

struct TrialResult {
  Outcome outcome = Outcome::finished;
  StopReason stop_reason = StopReason::steps;
  int steps = 0;                   // steps of the final trajectory
  int steps_to_solve = -1;         // first validated step with accuracy >= stop_at; -1: never
  std::int64_t tokens = 0;         // input tokens trained on, whole team
  double accuracy_validation = 0;  // at the stop
  double accuracy_validation_best = 0;
  double accuracy_test = 0;
  double loss_validation = 0;
  double seconds = 0;  // its share of its bundles' wall time, summed over attempts: time is divided
                       // equally among the trials at hand
  std::vector<CurvePoint> curve;
};

std::string to_string(Outcome value);
std::string to_string(StopReason value);
Json to_json(const TrialResult& result);
TrialResult result_from_json(const Json& json);  // Error on damage

}  // namespace surd::spec
