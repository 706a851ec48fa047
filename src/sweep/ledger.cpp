#include "sweep/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/clock.hpp"
#include "base/file_calls.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "base/version.hpp"
#include "store/checkpoint.hpp"
#include "store/leaving.hpp"
#include "store/results.hpp"
#include "store/compare.hpp"

namespace surd::sweep {
namespace {

schedule::Losses losses_of(const store::Losses& losses) {
  return {static_cast<int>(losses.attempts.size()), losses.together};
}

// Whether a worker, the user or a restart counts on the record. That a bundle was begun or ended as
// planned, a restart finds out by itself.
bool is_counted_on(const store::Record& record) {
  if (const auto* ended = std::get_if<store::AttemptEnded>(&record)) {
    return ended->cause != spec::AttemptEnd::finished;
  }
  return !std::holds_alternative<store::AttemptStarted>(record);
}

}  // namespace

Ledger::Ledger(const grid::Study& study, const store::RunFolder& folder, const Start& start)
    : study_(study), folder_(folder), journal_(folder.journal()) {
  history_ = store::replay(journal_.take_records());
  store::require_whole_journal(
      folder,
      history_);  // a table made from a cut journal would take the place of one that knows more
  if (!start.shrink) store::require_none_leaves(folder, history_, study);
  if (!history_.conflicts.empty()) {
    log::warning("{}: {} (surd results verify shows all)", folder.journal().string(),
                 history_.conflicts.front());
  }
  const double now_s = unix_time_s();
  // Attempts of a run that died: their processes are gone, since the lock on the folder is ours.
  for (const AttemptId id : history_.open_attempts()) {
    const std::string host = history_.attempts.at(id).start.host;
    record(store::AttemptEnded{id, spec::AttemptEnd::lost, "its run died", host, now_s, 0});
  }
  record(store::StudyOpened{version(), revision(), spec::numerics_version, start.machine,
                            store::host_name(), study.text_frozen, now_s,
                            whole_request(start.request)});
  make_durable();
  write_file_atomically(folder.study(), study.text_frozen);
  folder.remove_temporaries();
  checkpoint_files_ = history_.needed_checkpoints();
  store::remove_stale_checkpoints(folder.checkpoints(), checkpoint_files_);
  drawn_ = drawn_trials();
}

// The folder's own study, gone on with, was made as the folder says.
store::StudyRequest Ledger::whole_request(const store::StudyRequest& request) const {
  std::error_code code;
  if (!std::filesystem::equivalent(request.file, folder_.path(), code)) return request;
  if (!history_.opened || history_.requests.empty()) return {};  // of a program that did not say
  store::StudyRequest whole = history_.opened->request;
  for (const std::string& override_text : request.overrides) {
    std::erase(whole.overrides, override_text);
    whole.overrides.push_back(override_text);
  }
  return whole;
}

void Ledger::record(const store::Record& record) {
  journal_.append(record);
  history_.apply(record);
  must_sync_ = must_sync_ || is_counted_on(record);
  results_stale_ = results_stale_ || store::changes_table(record);
  if (const auto* saved = std::get_if<store::CheckpointWritten>(&record))
    checkpoint_files_.insert(saved->file);
  if (std::holds_alternative<store::AuditDrawn>(record)) drawn_ = drawn_trials();
}

void Ledger::record_done(const grid::Study& work, const grid::StudyTrial& trial,
                         const spec::TrialResult& result, AttemptId attempt) {
  record(store::TrialDone{trial.id, cells_.share(work.cells[trial.cell]), trial.learning_rate,
                          trial.seed, result, attempt});
}

Indexed<TrialIndex, schedule::Past> Ledger::past(const grid::Study& work) const {
  Indexed<TrialIndex, schedule::Past> past(work.trials.size());
  for (const TrialIndex i : past.places()) {
    const TrialId& id = work.trials[i].id;
    if (const auto done = history_.done.find(id); done != history_.done.end()) {
      past[i] = schedule::past_of(done->second.result);
      continue;
    }
    if (history_.quarantined.contains(id)) past[i].kind = schedule::Past::Kind::quarantined;
    if (const auto saved = history_.checkpoints.find(id); saved != history_.checkpoints.end())
      past[i].saved_step = saved->second.step;
    if (const auto losses = history_.losses.find(id); losses != history_.losses.end())
      past[i].losses = losses_of(losses->second);
    for (const store::AttemptEnded* failed : history_.failed_attempts(id))
      past[i].failed_hosts.push_back(failed->host);
  }
  return past;
}

void Ledger::set_aside_fatal(const grid::Study& work) {
  for (const grid::StudyTrial& trial : work.trials) {
    const auto found = history_.losses.find(trial.id);
    if (found == history_.losses.end() || history_.quarantined.contains(trial.id)) continue;
    const store::Losses& losses = found->second;
    if (!schedule::is_fatal(losses_of(losses), study_.run.retries)) continue;
    store::Quarantined aside{{trial.id}, {}, {}, unix_time_s()};
    aside.reason = fmt::format(
        "its process went away {} times in a row before it got anywhere, the last time with "
        "nothing else running; out of memory?",
        losses.attempts.size());
    for (const AttemptId id : losses.attempts) {
      const store::Attempt& attempt = history_.attempts.at(id);
      aside.log += fmt::format("attempt {} on {}, with {} trials: lost\n", id.value,
                               attempt.start.host, attempt.start.trials.size());
    }
    log::warning("quarantined trial {} of {}: {}", trial.id.value,
                 grid::describe(work.cells[trial.cell]), aside.reason);
    record(aside);
  }
  make_durable();
}

bool Ledger::settle() {
  if (!must_sync_) {
    journal_.flush();  // a bundle may end this process: the next run must know that it was begun
    return false;
  }
  make_durable();
  remove_unneeded_checkpoints();  // only now: until the journal is on the disk, the older file is
                                  // what a restart would ask for
  return true;
}

void Ledger::make_durable() {
  journal_.sync();
  must_sync_ = false;
}

void Ledger::remove_unneeded_checkpoints() {
  const std::set<std::string> needed = history_.needed_checkpoints();
  std::erase_if(checkpoint_files_, [&](const std::string& file) {
    if (needed.contains(file)) return false;
    // A file that is gone already, or stays for now, costs no trial: the next start tidies up.
    file_calls::unlink(folder_.checkpoints() / file);
    return true;
  });
}

void Ledger::write_results() {
  make_durable();  // the table is derived: it never knows more than the journal on the disk
  results_written_s_ = steady_time_s();
  results_stale_ = false;
  store::write_results(folder_.results(), study_, history_);
  results_took_s_ = steady_time_s() - results_written_s_;
}

bool Ledger::results_are_due(double now_s) const {
  return results_stale_ && now_s - results_written_s_ >= study_.run.results_s;
}

double Ledger::results_forecast_s() const {
  constexpr double trial_s = 1e-3;  // at most, with its curve
  return std::max(results_took_s_, trial_s * static_cast<double>(history_.done.size()));
}

void Ledger::renew_results(double now_s) {
  if (!results_are_due(now_s)) return;
  make_durable();  // a journal that fails ends the run, whatever it was wanted for
  try {
    write_results();
  } catch (
      const Error& error) {  // the journal has it all: training goes on, and the end tries again
    results_stale_ = true;
    trouble_.warning("results.h5 was not renewed, training goes on: {}", error.what());
  }
}

void Ledger::close(Exit exit, const std::string& sentence) {
  write_results();
  record(store::RunEnded{static_cast<int>(exit), sentence, unix_time_s()});
  make_durable();
  remove_unneeded_checkpoints();
}

std::vector<store::AuditedTrial> Ledger::drawn_trials() const {
  std::vector<store::AuditedTrial> drawn;
  if (history_.audits.empty()) return drawn;
  for (const grid::StudyTrial& trial : study_.trials) {
    if (const auto audit = history_.audits.find(trial.id); audit != history_.audits.end())
      drawn.push_back({audit->first, audit->second});
  }
  return drawn;
}

}  // namespace surd::sweep
