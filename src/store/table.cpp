#include "store/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "design/columns.hpp"
#include "grid/plan.hpp"
#include "spec/architecture.hpp"

namespace surd::store {
namespace {

const auto before = std::to_array<Column>({
    {"id", "1", "hash of everything that can change the result", &ResultRow::id},
    {"task", "1", "name of the sequence problem", &ResultRow::task},
    {"size", "1", "problem size n", &ResultRow::size},
    {"length", "token", "longest sequence of the problem size, without eos", &ResultRow::length},
    {"paper_length", "token", "label of the size in the paper's Figure 1, 0 where it has none",
     &ResultRow::paper_length},
    {"mean_tokens", "token", "mean input tokens of a training sequence", &ResultRow::mean_tokens},
    {"hidden", "1", "width: embedding dimension", &ResultRow::hidden},
    {"architecture", "1", "attention, with the options that are not its defaults",
     &ResultRow::architecture},
});

const auto after = std::to_array<Column>({
    {"seed", "1", "seed of weights and data", &ResultRow::seed},
    {"learning_rate", "1", "peak learning rate", &ResultRow::learning_rate},
    {"window", "1",
     "learning rates that a pilot chose for the cell, where this is one of them; 0: none of them, "
     "or no windows; -1: a pilot",
     &ResultRow::window, true, true},
    {"status", "1", "finished, diverged, failed (quarantined), skipped (by the design) or missing",
     &ResultRow::status},
    {"stop_reason", "1", "why training ended: solved, steps or diverged", &ResultRow::stop_reason},
    {"steps", "1", "optimiser steps of the final trajectory", &ResultRow::steps},
    {"steps_to_solve", "1", "first validated step at or above the stop accuracy, -1 where never",
     &ResultRow::steps_to_solve},
    {"tokens", "token", "input tokens trained on in the final trajectory", &ResultRow::tokens},
    {"flops", "FLOP", "training operations of the final trajectory, a multiply-add is 2",
     &ResultRow::flops},
    {"parameters", "1", "trainable parameters", &ResultRow::parameters},
    {"parameters_without_embeddings", "1", "trainable parameters without token and position tables",
     &ResultRow::parameters_without_embeddings},
    {"state_bytes", "byte", "state that generation keeps after length tokens, fp32",
     &ResultRow::state_bytes},
    {"flops_forward", "FLOP", "forward operations of one mean training sequence",
     &ResultRow::flops_forward, true, true},
    {"flops_generation", "FLOP",
     "forward operations of generating one sequence of length tokens, prompt included",
     &ResultRow::flops_generation, true, true},
    {"accuracy_validation", "1", "share of validation instances solved, at the stop",
     &ResultRow::accuracy_validation},
    {"accuracy_validation_best", "1",
     "largest share of validation instances solved at any validation",
     &ResultRow::accuracy_validation_best},
    {"accuracy_test", "1", "share of test instances solved, with the weights at the stop",
     &ResultRow::accuracy_test},
    {"loss_validation", "nat", "mean cross-entropy a supervised validation token, at the stop",
     &ResultRow::loss_validation},
    {"gradient_norm", "1", "global norm of the gradient before clipping, at the last step",
     &ResultRow::gradient_norm},
    {"seconds", "s",
     "its share of the wall time of its bundles over all attempts: time is divided equally among "
     "the trials at hand",
     &ResultRow::seconds, false},
    {"attempts", "1", "executions of a bundle that held the trial", &ResultRow::attempts, false},
});

// What all trials of a cell share.
ResultRow cell_row(const grid::Cell& cell, const std::vector<std::string>& axes) {
  const spec::ModelShape shape = spec::shape(cell);
  ResultRow row;
  row.task = cell.task.name;
  row.size = cell.task.size;
  row.length = cell.length;
  row.paper_length = cell.paper_length;
  row.mean_tokens = cell.mean.tokens;
  row.hidden = cell.hidden;
  row.architecture = cell.label;
  for (const std::string& axis : axes) {
    const auto found = std::find_if(cell.further.begin(), cell.further.end(),
                                    [&](const auto& entry) { return entry.first == axis; });
    row.further.emplace_back(axis, found == cell.further.end() ? Json() : found->second);
  }
  row.parameters = spec::parameter_count(shape);
  row.parameters_without_embeddings = spec::parameter_count_without_embeddings(shape);
  row.state_bytes = spec::state_bytes(shape, cell.length);
  row.flops_forward = spec::forward_flops(shape, cell.mean.tokens, cell.mean.supervised);
  // Sums over causal positions are the same one token at a time; the head runs on the generated
  // share of the tokens.
  row.flops_generation = spec::forward_flops(shape, cell.length,
                                             cell.length * cell.mean.supervised / cell.mean.tokens);
  row.accuracy_validation = row.accuracy_validation_best = row.accuracy_test = row.loss_validation =
      row.gradient_norm = no_value;
  return row;
}

void add_result(ResultRow& row, const spec::TrialResult& result, double flops_per_token) {
  row.status = to_string(result.outcome);
  row.stop_reason = to_string(result.stop_reason);
  row.steps = result.steps;
  row.steps_to_solve = result.steps_to_solve;
  row.tokens = result.tokens;
  row.flops = flops_per_token * static_cast<double>(result.tokens);
  row.accuracy_validation = result.accuracy_validation;
  row.accuracy_validation_best = result.accuracy_validation_best;
  row.accuracy_test = result.accuracy_test;
  row.loss_validation = result.loss_validation;
  // A trial that diverged has no norm at its stop: its curve ends before.
  if (result.outcome == spec::Outcome::finished && !result.curve.empty())
    row.gradient_norm = result.curve.back().gradient_norm;
  row.seconds = result.seconds;
}

std::vector<std::string> axes_of(std::span<const grid::Study> studies) {
  std::vector<std::string> axes;
  for (const grid::Study& study : studies) {
    for (const std::string& axis : study.further_axes) {
      if (std::find(axes.begin(), axes.end(), axis) == axes.end()) axes.push_back(axis);
    }
  }
  return axes;
}

// What is known of a trial, as the design judges it.
std::optional<double> judged(const TrialId& trial, const History& history) {
  if (const auto done = history.done.find(trial); done != history.done.end())
    return design::judged_accuracy(done->second.result);
  return history.quarantined.contains(trial) ? std::optional(0.0) : std::nullopt;
}

Indexed<TrialIndex, design::Standing> standings(const grid::Study& study, const History& history) {
  Indexed<TrialIndex, std::optional<double>> accuracy;
  accuracy.reserve(study.trials.size());
  for (const grid::StudyTrial& trial : study.trials) accuracy.push_back(judged(trial.id, history));
  auto standing = design::standings(study, accuracy);
  if (study.run.design != grid::Design::boundary) return standing;
  // What no round of a search asked for, it skipped so far.
  std::unordered_set<TrialId> asked;
  for (const Proposed& round : history.proposals)
    asked.insert(round.trials.begin(), round.trials.end());
  for (const TrialIndex trial : standing.places()) {
    if (standing[trial] == design::Standing::waiting && !asked.contains(study.trials[trial].id))
      standing[trial] = design::Standing::skipped;
  }
  return standing;
}

std::int64_t window_of(const std::vector<double>* window, double learning_rate) {
  if (window == nullptr) return 0;
  const bool in = std::find(window->begin(), window->end(), learning_rate) != window->end();
  return in ? static_cast<std::int64_t>(window->size()) : 0;
}

// Files hold a missing value as NaN or an empty text, and every number of a column in one type.
bool equal_json(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return equal(a.get<double>(), b.get<double>());
  const auto text = [](const Json& value) {
    const bool missing =
        value.is_null() || (value.is_number_float() && std::isnan(value.get<double>()));
    return missing ? "" : value.is_string() ? value.get<std::string>() : value.dump();
  };
  return text(a) == text(b);
}

}  // namespace

std::span<const Column> columns_before_further() { return before; }
std::span<const Column> columns_after_further() { return after; }

std::vector<ResultRow> make_rows(std::span<const grid::Study> studies, const History& history) {
  const std::vector<std::string> axes = axes_of(studies);
  std::vector<ResultRow> rows;
  std::unordered_set<TrialId> seen;
  for (const grid::Study& study : studies) {
    const Indexed<TrialIndex, design::Standing> standing = standings(study, history);
    std::optional<CellIndex> cell_index;
    const std::vector<double>* window = nullptr;  // of the cell, once it was chosen
    ResultRow shared;
    double flops_per_token = 0;
    for (std::size_t i = 0; i < study.trials.size(); ++i) {
      const grid::StudyTrial& trial = study.trials[i];
      if (!seen.insert(trial.id).second) continue;
      if (cell_index != trial.cell) {  // trials come cell by cell
        const grid::Cell& cell = study.cells[trial.cell];
        cell_index = trial.cell;
        shared = cell_row(cell, axes);
        flops_per_token =
            spec::training_flops(spec::shape(cell), cell.mean.tokens, cell.mean.supervised) /
            cell.mean.tokens;
      }
      ResultRow& row = rows.emplace_back(shared);
      bool outside = false;  // of the window of its cell, so that it never runs
      row.id = trial.id.value;
      row.seed = static_cast<std::int64_t>(trial.seed);
      row.learning_rate = trial.learning_rate;
      if (study.window > 0) {
        if (trial.pilot) {  // they come first in their cell
          const auto chosen = history.windows.find(trial.id);
          window = chosen == history.windows.end() ? nullptr : &chosen->second;
        }
        row.window = trial.pilot ? -1 : window_of(window, trial.learning_rate);
        outside = row.window == 0 && window != nullptr;
      }
      const auto attempts = history.attempts_of.find(trial.id);
      row.attempts = attempts == history.attempts_of.end()
                         ? 0
                         : static_cast<std::int64_t>(attempts->second.size());
      if (const auto done = history.done.find(trial.id); done != history.done.end()) {
        add_result(row, done->second.result, flops_per_token);
      } else if (history.quarantined.contains(trial.id)) {
        row.status = "failed";
      } else {
        row.status = standing[i] == design::Standing::skipped || outside ? "skipped" : "missing";
      }
    }
  }
  return rows;
}

std::vector<double> planned_flops(std::span<const grid::Study> studies,
                                  std::span<const ResultRow> rows) {
  std::unordered_map<std::string_view, double> planned;
  for (const grid::Study& study : studies) {
    Indexed<CellIndex, double> of_cell;
    for (const grid::Cell& cell : study.cells)
      of_cell.push_back(grid::trial_cost(cell).training_flops);
    for (const grid::StudyTrial& trial : study.trials)
      planned[trial.id.value] = of_cell[trial.cell];
  }
  std::vector<double> flops;
  for (const ResultRow& row : rows) {
    const auto found = planned.find(row.id);
    flops.push_back(found == planned.end() ? no_value : found->second);
  }
  return flops;
}

std::vector<std::string> further_axes(std::span<const ResultRow> rows) {
  std::vector<std::string> axes;
  if (rows.empty()) return axes;
  for (const auto& [axis, value] : rows.front().further) axes.push_back(axis);
  return axes;
}

std::vector<std::string> differing_columns(const ResultRow& a, const ResultRow& b) {
  std::vector<std::string> names = differing_columns(columns_before_further(), a, b);
  for (const auto& [axis, value] : a.further) {
    const auto found = std::find_if(b.further.begin(), b.further.end(),
                                    [&](const auto& entry) { return entry.first == axis; });
    if (found == b.further.end() || !equal_json(found->second, value)) names.push_back(axis);
  }
  for (std::string& name : differing_columns(columns_after_further(), a, b))
    names.push_back(std::move(name));
  return names;
}

std::string to_csv(std::span<const ResultRow> rows) {
  std::string text;
  for (const Column& column : before) text += column.name + ",";
  for (const std::string& axis : further_axes(rows)) text += csv_field(axis) + ",";
  for (const Column& column : after) text += column.name + ",";
  text.back() = '\n';
  for (const ResultRow& row : rows) {
    for (const Column& column : before) text += csv_field(column, row) + ",";
    for (const auto& [axis, value] : row.further) text += csv_field(value) + ",";
    for (const Column& column : after) text += csv_field(column, row) + ",";
    text.back() = '\n';
  }
  return text;
}

}  // namespace surd::store
