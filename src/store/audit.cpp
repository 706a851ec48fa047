#include "store/audit.hpp"

#include <array>
#include <unordered_map>

#include "design/audit.hpp"

namespace surd::store {
namespace {

const std::array<ColumnOf<AuditRow>, 24> columns_of_audit = {{
    {"trial", "1", "row of the original trial in /trials", &AuditRow::trial},
    {"id", "1", "id of the original trial", &AuditRow::id},
    {"audit_id", "1", "id of the trial with twice the steps", &AuditRow::audit_id},
    {"task", "1", "name of the sequence problem", &AuditRow::task},
    {"length", "token", "longest sequence of the problem size, without eos", &AuditRow::length},
    {"hidden", "1", "width: embedding dimension", &AuditRow::hidden},
    {"architecture", "1", "attention, with the options that are not its defaults",
     &AuditRow::architecture},
    {"seed", "1", "seed of weights and data", &AuditRow::seed},
    {"learning_rate", "1", "peak learning rate", &AuditRow::learning_rate},
    {"status", "1",
     "of the trial with twice the steps: finished, diverged, failed (quarantined) or missing",
     &AuditRow::status},
    {"stop_reason", "1", "why training with twice the steps ended: solved, steps or diverged",
     &AuditRow::stop_reason},
    {"steps_before", "1", "optimiser steps of the original trial", &AuditRow::steps_before},
    {"steps_after", "1", "optimiser steps of the trial with twice the steps",
     &AuditRow::steps_after},
    {"steps_to_solve", "1",
     "first validated step of the latter at or above the stop accuracy, -1 where never",
     &AuditRow::steps_to_solve},
    {"accuracy_validation_before", "1",
     "share of validation instances solved by the original trial",
     &AuditRow::accuracy_validation_before},
    {"accuracy_validation_after", "1", "share of validation instances solved with twice the steps",
     &AuditRow::accuracy_validation_after},
    {"accuracy_test_before", "1", "share of test instances solved by the original trial",
     &AuditRow::accuracy_test_before},
    {"accuracy_test_after", "1", "share of test instances solved with twice the steps",
     &AuditRow::accuracy_test_after},
    {"solved_before", "1", "1 where accuracy_test_before is at least the study's fit.tau, else 0",
     &AuditRow::solved_before},
    {"solved_after", "1",
     "1 where accuracy_test_after is at least the study's fit.tau, else 0; -1 without a result",
     &AuditRow::solved_after},
    {"tokens", "token", "input tokens trained on with twice the steps", &AuditRow::tokens},
    {"flops", "FLOP", "training operations with twice the steps, a multiply-add is 2",
     &AuditRow::flops},
    {"seconds", "s",
     "share of the wall time of its bundles that goes to the trial with twice the steps",
     &AuditRow::seconds, false},
    {"attempts", "1", "executions of a bundle that held the trial with twice the steps",
     &AuditRow::attempts, false},
}};

AuditRow make_row(const ResultRow& original, std::size_t place, const TrialId& audit, double tau,
                  const History& history) {
  AuditRow row;
  row.trial = static_cast<std::int64_t>(place);
  row.id = original.id;
  row.audit_id = audit.value;
  row.task = original.task;
  row.length = original.length;
  row.hidden = original.hidden;
  row.architecture = original.architecture;
  row.seed = original.seed;
  row.learning_rate = original.learning_rate;
  row.steps_before = original.steps;
  row.accuracy_validation_before = original.accuracy_validation;
  row.accuracy_test_before = original.accuracy_test;
  if (const auto before = history.done.find({original.id}); before != history.done.end())
    row.solved_before = design::is_solved(before->second.result, tau) ? 1 : 0;
  if (const auto attempts = history.attempts_of.find(audit);
      attempts != history.attempts_of.end()) {
    row.attempts = static_cast<std::int64_t>(attempts->second.size());
  }
  const auto done = history.done.find(audit);
  if (done == history.done.end()) {
    row.status = history.quarantined.contains(audit) ? "failed" : "missing";
    row.accuracy_validation_after = row.accuracy_test_after = no_value;
    return row;
  }
  const spec::TrialResult& after = done->second.result;
  row.status = to_string(after.outcome);
  row.stop_reason = to_string(after.stop_reason);
  row.steps_after = after.steps;
  row.steps_to_solve = after.steps_to_solve;
  row.accuracy_validation_after = after.accuracy_validation;
  row.accuracy_test_after = after.accuracy_test;
  row.solved_after = design::is_solved(after, tau) ? 1 : 0;
  row.tokens = after.tokens;
  // The same model and task: the same operations a token.
  if (original.tokens > 0)
    row.flops =
        original.flops / static_cast<double>(original.tokens) * static_cast<double>(after.tokens);
  row.seconds = after.seconds;
  return row;
}

}  // namespace

std::span<const ColumnOf<AuditRow>> audit_columns() { return columns_of_audit; }

std::vector<AuditRow> make_audit_rows(std::span<const grid::Study> studies,
                                      std::span<const ResultRow> rows, const History& history) {
  if (history.audits.empty()) return {};
  std::unordered_map<std::string, double> taus;  // of the first study that names the trial
  for (const grid::Study& study : studies) {
    for (const grid::StudyTrial& trial : study.trials) {
      if (history.audits.contains(trial.id)) taus.try_emplace(trial.id.value, study.fit.tau);
    }
  }
  std::vector<AuditRow> audit;
  for (std::size_t place = 0; place < rows.size(); ++place) {
    const auto tau = taus.find(rows[place].id);
    if (tau != taus.end())
      audit.push_back(
          make_row(rows[place], place, history.audits.at({rows[place].id}), tau->second, history));
  }
  return audit;
}

std::vector<std::string> differing_columns(const AuditRow& a, const AuditRow& b) {
  return differing_columns(audit_columns(), a, b);
}

std::string to_csv(std::span<const AuditRow> rows) {
  std::string text;
  for (const ColumnOf<AuditRow>& column : columns_of_audit) text += column.name + ",";
  text.back() = '\n';
  for (const AuditRow& row : rows) {
    for (const ColumnOf<AuditRow>& column : columns_of_audit) text += csv_field(column, row) + ",";
    text.back() = '\n';
  }
  return text;
}

}  // namespace surd::store
