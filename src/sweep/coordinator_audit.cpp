// The budget audit, which follows on a complete study in the same run: the same workers, journal and checkpoints, with a scheduler of its own.
#include <fmt/format.h>

#include <algorithm>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "design/audit.hpp"
#include "sweep/coordinator.hpp"

namespace surd::sweep {

bool Coordinator::audit_is_due() const {
  if (!settings_.audit || completed_ || stop_told_ || !scheduler_->over()) return false;
  if (scheduler_->outcome() != Exit::complete && scheduler_->outcome() != Exit::quarantined) return false;
  return static_cast<int>(teams_.size()) == settings_.teams;
}

void Coordinator::start_audit() {
  std::vector<const spec::TrialResult*> results;
  for (const grid::StudyTrial& trial : study_.trials) {
    const auto done = history_.done.find(trial.id);
    results.push_back(done == history_.done.end() ? nullptr : &done->second.result);
  }
  const design::AuditDraw draw = design::draw_audit(study_, results, *settings_.audit);
  audit_ = std::make_unique<const grid::Study>(design::audit_study(study_, draw.trials));
  completed_ = {scheduler_->counts(), scheduler_->outcome()};

  store::AuditDrawn drawn{*settings_.audit, {}, unix_time_s()};
  for (std::size_t i = 0; i < draw.trials.size(); ++i) drawn.trials.push_back({study_.trials[draw.trials[i]].id, audit_->trials[i].id});
  const auto is_known = [&](const store::AuditedTrial& trial) { return history_.audits.contains(trial.original); };
  if (!std::all_of(drawn.trials.begin(), drawn.trials.end(), is_known)) {
    record(drawn);
    results_stale_ = true;
  }
  drawn_ = drawn_trials();
  make_durable();
  log::info("budget audit: {} of {} unsolved seeds are trained anew with twice the steps, {} trials", draw.seeds, draw.unsolved, draw.trials.size());

  std::map<Rank, Joined> waiting;
  for (const auto& [rank, team] : teams_) {
    if (!team.dismissed) waiting.emplace(rank, team.joined);
  }
  start_work(*audit_, static_cast<int>(waiting.size()));
  for (const auto& [rank, joined] : waiting) seat(rank, joined);
}

std::vector<store::AuditedTrial> Coordinator::drawn_trials() const {
  std::vector<store::AuditedTrial> drawn;
  if (history_.audits.empty()) return drawn;
  for (const grid::StudyTrial& trial : study_.trials) {
    if (const auto audit = history_.audits.find(trial.id); audit != history_.audits.end()) drawn.push_back({audit->first, audit->second});
  }
  return drawn;
}

std::optional<store::AuditState> Coordinator::audit_state() const {
  if (drawn_.empty()) return std::nullopt;
  store::AuditState state;
  state.total = static_cast<std::int64_t>(drawn_.size());
  for (const store::AuditedTrial& trial : drawn_) {
    const auto done = history_.done.find(trial.audit);
    if (done == history_.done.end()) {
      state.failed += history_.quarantined.contains(trial.audit) ? 1 : 0;
      continue;
    }
    ++state.done;
    const spec::TrialResult& result = done->second.result;
    state.solved += result.outcome == spec::Outcome::finished && result.accuracy_test >= study_.fit.tau ? 1 : 0;
  }
  if (completed_) state.running = scheduler_->counts().running;
  return state;
}

// What follows on the sentence of a complete study.
std::string Coordinator::audit_words() const {
  const std::optional<store::AuditState> state = audit_state();
  if (!state) return completed_ ? "; budget audit: no seed is unsolved, so there is nothing to train anew" : "";
  std::string words = fmt::format("; budget audit: with twice the steps {} of {} unsolved trials are solved", state->solved, state->done);
  if (state->left() > 0) words += fmt::format(" ({} are left; --audit goes on with it)", state->left());
  return words;
}

Exit Coordinator::outcome() const {
  const Exit exit = scheduler_->outcome();
  if (completed_) return exit == Exit::complete ? completed_->outcome : exit;
  const bool is_complete = exit == Exit::complete || exit == Exit::quarantined;
  return settings_.audit && is_complete ? Exit::stopped : exit;  // a stop came between the study and its audit
}

}  // namespace surd::sweep
