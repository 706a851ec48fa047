// Studies by hand, without YAML: lookup cells in columns of widths.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "grid/study.hpp"
#include "spec/architecture.hpp"
#include "spec/result.hpp"
#include "spec/trial.hpp"

namespace surd::schedule::test {

struct Plan {
  std::vector<int> lengths = {16};
  std::vector<int> widths = {4, 8, 16, 32};
  std::vector<std::string> architectures = {"standard"};
  int seeds = 2;
  int learning_rates = 2;
  grid::Design design = grid::Design::ascend;
  int steps = 1000;
};

// Cells in study order (length, width, architecture), so a column's cells are not neighbours.
inline grid::Study make_study(const Plan& plan) {
  grid::Study study;
  study.name = "test";
  study.run.design = plan.design;
  for (int s = 1; s <= plan.seeds; ++s) study.seeds.push_back(static_cast<std::uint64_t>(s));
  for (int r = 1; r <= plan.learning_rates; ++r) study.learning_rates.push_back(0.01 * r);
  study.columns = plan.lengths.size() * plan.architectures.size();
  for (std::size_t l = 0; l < plan.lengths.size(); ++l) {
    for (const int width : plan.widths) {
      for (std::size_t a = 0; a < plan.architectures.size(); ++a) {
        grid::Cell cell;
        cell.task = {.name = "lookup", .size = plan.lengths[l] / 2, .options = {{"symbols", 8}}};
        cell.length = cell.positions = plan.lengths[l];
        cell.vocabulary = 9 + plan.lengths[l] / 2;
        cell.hidden = width;
        cell.architecture = spec::resolve({.name = plan.architectures[a]});
        cell.label = plan.architectures[a];
        cell.recipe.steps = plan.steps;
        cell.recipe.batch_sequences = std::max(1, 1536 / plan.lengths[l]);
        cell.mean = {.tokens = static_cast<double>(plan.lengths[l]),
                     .supervised = plan.lengths[l] / 2.0};
        cell.column = l * plan.architectures.size() + a;
        for (const std::uint64_t seed : study.seeds) {
          for (const double rate : study.learning_rates) {
            const TrialId id{std::to_string(study.trials.size())};
            study.trials.push_back({study.cells.size(), id, rate, seed});
          }
        }
        study.cells.push_back(std::move(cell));
      }
    }
  }
  return study;
}

// One trial a cell, every cell may run.
inline grid::Study singles(std::vector<int> widths) {
  return make_study(
      {.widths = std::move(widths), .seeds = 1, .learning_rates = 1, .design = grid::Design::grid});
}

inline spec::TrialResult result_of(double accuracy, int steps = 1000) {
  spec::TrialResult result;
  result.accuracy_validation = result.accuracy_test = result.accuracy_validation_best = accuracy;
  result.steps = steps;
  if (accuracy >= 0.995) result.stop_reason = spec::StopReason::solved;
  return result;
}

// Written as numbers in tests.
template <typename Index>
struct Places : std::vector<Index> {
  Places(std::vector<Index> places) : std::vector<Index>(std::move(places)) {}
  Places(std::initializer_list<std::size_t> places) {
    for (const std::size_t place : places) this->push_back({place});
  }
};
using Trials = Places<TrialIndex>;
using Cells = Places<CellIndex>;

// A cell's trials.
inline Trials trials_of(const grid::Study& study, CellIndex cell) {
  Trials trials{};
  for (const TrialIndex trial : study.trials.places()) {
    if (study.trials[trial].cell == cell) trials.push_back(trial);
  }
  return trials;
}

}  // namespace surd::schedule::test
