// A study of two cells and four trials in a folder of the test's own, and results for it.
#pragma once

#include <string>

#include "folder.hpp"
#include "grid/study.hpp"
#include "spec/result.hpp"
#include "store/run_folder.hpp"

namespace surd::sweep::test {

inline constexpr const char* small_study = R"(
study: small
grid: {task: [lookup], length: [16], hidden: [4, 8], architecture: [standard]}
trials: {seeds: 2, learning_rates: [1e-2]}
recipe: {steps: 100}
run: {design: grid, retries: 1}
)";

struct SmallRun {
  surd::test::Folder folder;
  grid::Study study = grid::parse_study(small_study, "small.yaml");
  store::RunFolder run{folder / "run"};
  SmallRun() { run.create(); }
};

inline spec::TrialResult result_of(double accuracy, int steps = 100) {
  spec::TrialResult result;
  result.steps = steps;
  result.tokens = 1000;
  result.accuracy_validation = result.accuracy_validation_best = result.accuracy_test = accuracy;
  return result;
}

}  // namespace surd::sweep::test
