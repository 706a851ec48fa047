// How the trials of a run learned and what they cost, for the report: learning curves near the thresholds, forecast against actual cost.
#pragma once

#include <cstddef>
#include <vector>

#include "analysis/findings/findings.hpp"
#include "analysis/report/text.hpp"
#include "base/json.hpp"
#include "store/snapshot.hpp"

namespace surd::analysis {

// One entry a trial of Input::trials, in that order.
struct Training {
  store::Curves curves;
  std::vector<double> flops;          // of training, spent by the trajectory that counts; 0 without a result
  std::vector<double> planned_flops;  // of training on the full budget; NaN where the study cannot be read
  std::vector<double> seconds;        // the trial's share of its bundles' time, validations and test included
};

// Of the run that the input was made of.
Training training_of(const store::Snapshot& run);

// How much of it a page carries, whatever the size of the run.
struct Sampling {
  std::size_t widths = 4;        // a length: those nearest to its threshold
  std::size_t runs = 8;          // a width: first the learning rate that counts of each seed, then the others
  std::size_t points = 40;       // a curve: evenly spaced among its points, the last one always
  std::size_t curves = 1200;     // of all; fewer runs a width, then fewer widths, then fewer lengths keep below it
  std::size_t scattered = 1500;  // trials of the figure of seconds against FLOPs: evenly spaced by FLOPs within each series
};

// Adds to every series of figures() "curves": [{"length", "cells": [{"hidden", "runs": [{"seed", "learning_rate", "counts", "step", "loss_train",
// "step_validation", "loss_validation", "accuracy"}]}]}], of validations and training points, a value not finite null; and "costs": {"length",
// "hidden", "flops", "seconds"}, parallel arrays. To the whole: "curves": {"shown", "trials"} and "costs": {"shown", "trials"}, what was sampled.
void add_training(Json& figures, const Training& training, const Input& input, const Findings& findings, const Sampling& sampling = {});

// A row a series, then one of all where there are several; the first is the header: trials, of these trained, FLOPs planned and spent, seconds, rate.
Lines cost_lines(const Training& training, const Input& input, const Findings& findings);

}  // namespace surd::analysis
