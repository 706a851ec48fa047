#include "store/history.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace surd::store {
namespace {

struct Applier {
  History& history;

  void name(AttemptId attempt) const {
    history.highest_attempt = std::max(history.highest_attempt, attempt);
  }

  void operator()(const StudyOpened& record) const {
    if (history.studies != std::vector{record.study}) {
      std::erase_if(history.proposals, [](const Proposed& round) { return round.trials.empty(); });
    }
    history.studies = {record.study};
    if (!record.request.file.empty()) {
      std::erase(history.requests, record.request);
      history.requests.push_back(record.request);
    }
    history.opened = record;
    history.ended.reset();
    // A run that goes on begins by ending the attempts of the one that died.
    for (const TrialId& id : history.lost) history.losses[id].together = history.lost.size();
    history.lost.clear();
    history.team_failed = false;
  }

  void operator()(const AttemptStarted& record) const {
    name(record.attempt);
    if (!history.attempts.emplace(record.attempt, Attempt{record, std::nullopt}).second) {
      history.conflicts.push_back(fmt::format("attempt {} started twice", record.attempt.value));
      return;
    }
    for (const TrialId& id : record.trials) history.attempts_of[id].push_back(record.attempt);
  }

  void operator()(const CheckpointWritten& record) const {
    name(record.attempt);
    for (std::size_t i = 0; i < record.trials.size(); ++i) {
      const TrialId& id = record.trials[i];
      if (history.done.contains(id)) continue;
      history.checkpoints[id] = {record.file, record.attempt,
                                 i < record.steps.size() ? record.steps[i] : 0};
      history.losses.erase(id);
    }
  }

  void operator()(const TrialDone& record) const {
    name(record.attempt);
    const auto [place, is_new] = history.done.try_emplace(
        record.id,
        DoneTrial{record.cell, record.learning_rate, record.seed, record.result, record.attempt});
    history.checkpoints.erase(record.id);
    history.losses.erase(record.id);
    if (!is_new && !same_result(place->second.result, record.result)) {
      history.conflicts.push_back(fmt::format(
          "trial {} is done in attempts {} and {} with different results; the first stands",
          record.id.value, place->second.attempt.value, record.attempt.value));
    }
  }

  void operator()(const AttemptEnded& record) const {
    name(record.attempt);
    const auto found = history.attempts.find(record.attempt);
    if (found == history.attempts.end() && !history.salvaged.empty()) return;  // its start is lost
    if (found == history.attempts.end() || found->second.end) {
      history.conflicts.push_back(
          fmt::format("attempt {} ended {}", record.attempt.value,
                      found == history.attempts.end() ? "without a start" : "twice"));
      return;
    }
    found->second.end = record;
    if (record.cause != spec::AttemptEnd::failed && record.cause != spec::AttemptEnd::lost) return;
    for (const TrialId& id : found->second.start.trials) {
      if (!history.done.contains(id)) history.failures[id].push_back(record.attempt);
    }
    if (record.cause == spec::AttemptEnd::failed) {
      history.team_failed = history.team_failed || found->second.start.data_parallel > 1;
    } else if (!history.team_failed) {
      lose(record.attempt, found->second.start.trials);
    }
  }

  void lose(AttemptId attempt, const std::vector<TrialId>& trials) const {
    for (const TrialId& id : trials) {
      const auto saved = history.checkpoints.find(id);
      if (history.done.contains(id) ||
          (saved != history.checkpoints.end() && saved->second.attempt == attempt))
        continue;
      history.losses[id].attempts.push_back(attempt);
      history.lost.push_back(id);
    }
  }

  void operator()(const Quarantined& record) const {
    for (const TrialId& id : record.trials) history.quarantined[id] = record.reason;
  }

  void operator()(const AuditDrawn& record) const {
    for (const AuditedTrial& trial : record.trials) history.audits[trial.original] = trial.audit;
  }

  void operator()(const Proposed& record) const { history.proposals.push_back(record); }
  void operator()(const WindowChosen& record) const {
    for (const TrialId& pilot : record.pilots) history.windows[pilot] = record.rates;
  }
  void operator()(const RunEnded& record) const { history.ended = record; }
  void operator()(const Merged& record) const {
    history.studies = record.studies;
    history.requests.clear();
  }
  void operator()(const Salvaged& record) const {
    history.salvaged.push_back(record);
    for (const TrialId& id : record.restarted) history.checkpoints.erase(id);
  }
  void operator()(const UnknownRecord&) const { ++history.unknown_records; }
};

}  // namespace

void History::apply(const Record& record) {
  ++records;
  std::visit(Applier{*this}, record);
}

std::vector<AttemptId> History::open_attempts() const {
  std::vector<AttemptId> open;
  for (const auto& [id, attempt] : attempts) {
    if (!attempt.end) open.push_back(id);
  }
  return open;
}

std::vector<const AttemptEnded*> History::failed_attempts(const TrialId& trial) const {
  std::vector<const AttemptEnded*> ends;
  const auto found = failures.find(trial);
  if (found == failures.end()) return ends;
  for (const AttemptId id : found->second) {
    const std::optional<AttemptEnded>& end = attempts.at(id).end;
    if (end && end->cause == spec::AttemptEnd::failed) ends.push_back(&*end);
  }
  return ends;
}

AttemptId History::next_attempt() const { return {highest_attempt.value + 1}; }

std::set<std::string> History::needed_checkpoints() const {
  std::set<std::string> files;
  for (const auto& [id, saved] : checkpoints) files.insert(saved.file);
  return files;
}

History replay(std::span<const Record> records) {
  History history;
  for (const Record& record : records) history.apply(record);
  return history;
}

}  // namespace surd::store
