#include "sweep/coordinator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <unordered_set>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "base/version.hpp"
#include "cluster/world.hpp"
#include "store/checkpoint.hpp"
#include "store/results.hpp"
#include "store/verify.hpp"

namespace surd::sweep {
namespace {

constexpr double tick_every_s = 0.2;
constexpr double state_every_s = 1;

// "cpu avx512" is of the kind "cpu"; the name of a GPU is its kind.
std::string device_kind(const std::string& device_text) { return device_text.rfind("cpu", 0) == 0 ? "cpu" : device_text; }

schedule::Losses losses_of(const store::Losses& losses) { return {static_cast<int>(losses.attempts.size()), losses.together}; }

}  // namespace

Coordinator::Coordinator(const grid::Study& study, const store::RunFolder& folder, cluster::Transport& transport, Settings settings)
    : study_(study),
      folder_(folder),
      transport_(transport),
      settings_(std::move(settings)),
      journal_(folder.journal()),
      work_(&study),
      started_s_(steady_time_s()),
      started_unix_s_(unix_time_s()) {
  const std::vector<store::Record> records = journal_.take_records();
  history_ = store::replay(records);
  store::require_whole_journal(folder, history_);  // a table made from a cut journal would take the place of one that knows more
  if (!history_.conflicts.empty()) log::warning("{}: {} (surd results verify shows all)", folder.journal().string(), history_.conflicts.front());
  // Attempts of a run that died: their processes are gone, since the lock on the folder is ours.
  for (const AttemptId id : history_.open_attempts()) {
    record(store::AttemptEnded{id, spec::AttemptEnd::lost, "its run died", history_.attempts.at(id).start.host, started_unix_s_, 0});
  }
  record(
      store::StudyOpened{version(), revision(), spec::numerics_version, settings_.machine, store::host_name(), study.text_frozen, started_unix_s_});
  make_durable();
  write_file_atomically(folder.study(), study.text_frozen);
  checkpoint_files_ = history_.needed_checkpoints();
  store::remove_stale_checkpoints(folder.checkpoints(), checkpoint_files_);

  std::unordered_set<TrialId> known;
  for (const grid::StudyTrial& trial : study.trials) {
    known.insert(trial.id);
    if (history_.done.contains(trial.id)) ++done_at_start_;
  }
  for (const auto& [original, audit] : history_.audits) known.insert(audit);
  const auto is_other = [&](const auto& done) { return !known.contains(done.first); };
  if (const auto others = std::count_if(history_.done.begin(), history_.done.end(), is_other); others > 0) {
    log::info("{} finished trials of this folder are not in this study: they stay in the journal, and out of results.h5", others);
  }
  if (study.run.time_limit_s && *study.run.time_limit_s < study.run.checkpoint_s + schedule::Options{}.stop_lead_s) {
    log::warning("run.time_limit ({}) leaves no time for a checkpoint (run.checkpoint_s: {}) and a stop ({}): hardly anything will start",
                 duration_text(*study.run.time_limit_s), duration_text(study.run.checkpoint_s), duration_text(schedule::Options{}.stop_lead_s));
  }
  drawn_ = drawn_trials();
  start_work(study, settings_.teams);
  if (done_at_start_ > 0) log::info("resuming {}: {} of {} trials are done", folder.path().string(), done_at_start_, study.trials.size());
  write_state("starting");
}

void Coordinator::start_work(const grid::Study& work, int teams) {
  work_ = &work;
  set_aside_fatal(work);
  unfinished_.assign(work.cells.size(), 0);
  for (const grid::StudyTrial& trial : work.trials) {
    if (!history_.done.contains(trial.id) && !history_.quarantined.contains(trial.id)) ++unfinished_[trial.cell];
  }
  schedule::Options options;
  options.next_attempt = history_.next_attempt().value;
  options.workers = static_cast<std::size_t>(teams);
  options.keep_workers = settings_.audit && &work == &study_;
  if (study_.run.time_limit_s) options.deadline_s = started_s_ + *study_.run.time_limit_s;
  schedule::Outbox& outbox = *this;
  scheduler_ = std::make_unique<schedule::Scheduler>(work, past(), options, outbox);
}

void Coordinator::set_aside_fatal(const grid::Study& work) {
  for (const grid::StudyTrial& trial : work.trials) {
    const auto found = history_.losses.find(trial.id);
    if (found == history_.losses.end() || history_.quarantined.contains(trial.id)) continue;
    const store::Losses& losses = found->second;
    if (!schedule::is_fatal(losses_of(losses), study_.run.retries)) continue;
    store::Quarantined aside{{trial.id}, {}, {}, unix_time_s()};
    aside.reason =
        fmt::format("its process went away {} times in a row before it got anywhere, the last time with nothing else running; out of memory?",
                    losses.attempts.size());
    for (const AttemptId id : losses.attempts) {
      const store::Attempt& attempt = history_.attempts.at(id);
      aside.log += fmt::format("attempt {} on {}, with {} trials: lost\n", id.value, attempt.start.host, attempt.start.trials.size());
    }
    log::warning("quarantined trial {} of {}: {}", trial.id.value, grid::describe(work.cells[trial.cell]), aside.reason);
    record(aside);
    results_stale_ = true;
  }
  make_durable();
}

std::vector<schedule::Past> Coordinator::past() const {
  std::vector<schedule::Past> past(work_->trials.size());
  for (std::size_t i = 0; i < past.size(); ++i) {
    const TrialId& id = work_->trials[i].id;
    if (const auto done = history_.done.find(id); done != history_.done.end()) {
      past[i] = schedule::past_of(done->second.result);
      continue;
    }
    if (history_.quarantined.contains(id)) past[i].kind = schedule::Past::Kind::quarantined;
    if (const auto losses = history_.losses.find(id); losses != history_.losses.end()) past[i].losses = losses_of(losses->second);
    const auto failures = history_.failures.find(id);
    if (failures == history_.failures.end()) continue;
    // Lost attempts are no failures: everything that ran went away together.
    for (const AttemptId attempt : failures->second) {
      const store::Attempt& known = history_.attempts.at(attempt);
      if (known.end && known.end->cause == spec::AttemptEnd::failed) past[i].failed_hosts.push_back(known.end->host);
    }
  }
  return past;
}

void Coordinator::record(const store::Record& record) {
  journal_.append(record);
  history_.apply(record);
}

void Coordinator::make_durable() {
  journal_.sync();
  must_sync_ = false;
}

const Coordinator::Attempt& Coordinator::attempt(AttemptId id) const {
  const auto found = attempts_.find(id);
  if (found == attempts_.end()) throw Error({.what = "a worker speaks of an attempt that is not running", .got = std::to_string(id.value)});
  return found->second;
}

bool Coordinator::turn() {
  busy_ = false;
  while (const auto received = transport_.poll()) {
    busy_ = true;
    std::visit([&](const auto& message) { hear(Rank{received->from}, message); }, unpack(received->bytes));
  }
  const double now_s = steady_time_s();
  if (settings_.stop_signalled() && !stop_told_) hear(Rank{0}, StopWanted{});
  if (now_s - ticked_s_ >= tick_every_s) {
    ticked_s_ = now_s;
    scheduler_->tick(now_s);
    journal_.beat();
  }
  if (must_sync_) {
    make_durable();
    remove_unneeded_checkpoints();  // only now: until the journal is on the disk, the older file is what a restart would ask for
    for (const std::size_t cell : std::exchange(ended_cells_, {})) report_cell(cell);
  }
  if (audit_is_due()) start_audit();
  journal_.flush();  // a bundle may end this process: the next run must know that it was begun
  if (now_s - state_written_s_ >= state_every_s) write_state(scheduler_->why().empty() ? "running" : "stopping");
  if (results_stale_ && now_s - results_written_s_ >= study_.run.results_s) refresh_results();
  report_progress(false);
  const auto waits = [](const auto& entry) { return !entry.second.dismissed; };
  return !(scheduler_->over() && static_cast<int>(teams_.size()) == settings_.teams && std::none_of(teams_.begin(), teams_.end(), waits));
}

void Coordinator::remove_unneeded_checkpoints() {
  const std::set<std::string> needed = history_.needed_checkpoints();
  std::erase_if(checkpoint_files_, [&](const std::string& file) {
    if (needed.contains(file)) return false;
    std::error_code ignored;  // a file that is gone already, or stays for now, costs nothing: the next start tidies up
    std::filesystem::remove(folder_.checkpoints() / file, ignored);
    return true;
  });
}

// --- how it ends

void Coordinator::refresh_results() {
  try {
    write_results();
  } catch (const Error& error) {  // the journal has it all: training goes on, and the end tries again
    results_stale_ = true;
    log::warning("results.h5 was not renewed: {}", error.what());
  }
}

void Coordinator::write_results() {
  make_durable();  // the table is derived: it never knows more than the journal on the disk
  results_written_s_ = steady_time_s();
  results_stale_ = false;
  store::write_results(folder_.results(), study_, history_);
}

Exit Coordinator::finish() {
  const Exit exit = outcome();
  write_results();
  record(store::RunEnded{static_cast<int>(exit), sentence(), unix_time_s()});
  make_durable();
  remove_unneeded_checkpoints();
  write_state("over", exit, sentence());
  return exit;
}

void Coordinator::give_up(const std::string& why) noexcept {
  try {
    write_state("over", Exit::error, fmt::format("ended by an error: {}", why));
  } catch (const std::exception&) {  // the error itself is on its way to the user
  }
}

// --- what workers say

void Coordinator::hear(Rank from, const Joined& message) {
  ranks_[from] = message;
  if (!message.leads) return;
  teams_[from] = {.joined = message};
  seat(from, message);
}

void Coordinator::seat(Rank rank, const Joined& joined) {
  const bool together = joined.device.rfind("cpu", 0) != 0;
  scheduler_->worker_joined({.rank = rank, .host = joined.host, .device = device_kind(joined.device), .lanes_together = together}, steady_time_s());
}

void Coordinator::hear(Rank from, const Progressed& message) {
  const Attempt& running = attempt(message.attempt);
  std::vector<schedule::LaneProgress> lanes;
  for (const LaneStatus& lane : message.lanes) {
    lanes.push_back({running.trials.at(static_cast<std::size_t>(lane.lane)), lane.step, lane.accuracy_validation});
  }
  scheduler_->progress(from, message.attempt, lanes, steady_time_s());
}

void Coordinator::hear(Rank from, const LaneDone& message) {
  const std::size_t index = attempt(message.attempt).trials.at(static_cast<std::size_t>(message.lane));
  const grid::StudyTrial& trial = work_->trials[index];
  record(store::TrialDone{trial.id, cells_.share(work_->cells[trial.cell]), trial.learning_rate, trial.seed, message.result, message.attempt});
  tokens_ += message.result.tokens;
  must_sync_ = results_stale_ = true;
  scheduler_->trial_done(from, message.attempt, index, message.result, steady_time_s());
  if (--unfinished_[trial.cell] == 0) ended_cells_.push_back(trial.cell);
}

void Coordinator::hear(Rank from, const CheckpointSaved& message) {
  const Attempt& running = attempt(message.attempt);
  store::CheckpointWritten written{message.attempt, message.file, {}, unix_time_s()};
  for (const int lane : message.lanes) written.trials.push_back(work_->trials[running.trials.at(static_cast<std::size_t>(lane))].id);
  record(written);
  checkpoint_files_.insert(message.file);
  must_sync_ = true;
  scheduler_->checkpoint_saved(from, message.attempt, steady_time_s());
}

void Coordinator::hear(Rank from, const BundleEnded& message) {
  const Attempt ended = attempt(message.attempt);
  attempts_.erase(message.attempt);
  teams_.at(from).attempt = {};
  const double now_s = steady_time_s();
  const store::AttemptEnded end{message.attempt, message.end, message.message, ended.host, unix_time_s(), now_s - ended.start_s};
  record(end);
  if (message.end == spec::AttemptEnd::failed) write_log(ended, from, end);
  if (message.end != spec::AttemptEnd::finished) must_sync_ = true;
  scheduler_->bundle_ended(from, message.attempt, message.end, message.message, now_s);
}

void Coordinator::hear(Rank, const StopWanted&) {
  if (stop_told_) return;
  stop_told_ = true;
  log::info("stop asked: saving checkpoints");
  scheduler_->stop_asked(steady_time_s());
}

template <typename Other>
void Coordinator::hear(Rank from, const Other& message) {
  throw Error({.what = "a worker sent what only the coordinator sends", .where = fmt::format("rank {}", from.value), .got = pack(message)});
}

// --- what the scheduler says

void Coordinator::assign(Rank rank, const schedule::Assignment& assignment) {
  Team& team = teams_.at(rank);
  store::AttemptStarted started{.attempt = assignment.attempt,
                                .trials = {},
                                .ranks = team.joined.ranks,
                                .host = team.joined.host,
                                .device = team.joined.device,
                                .slurm_job = cluster::slurm_job().id,
                                .data_parallel = static_cast<int>(team.joined.ranks.size()),
                                .time_s = unix_time_s()};
  Assigned message{assignment.attempt, {}, std::filesystem::absolute(folder_.checkpoints()).string(), study_.run.checkpoint_s};
  for (const std::size_t index : assignment.trials) {
    const grid::StudyTrial& trial = work_->trials[index];
    started.trials.push_back(trial.id);
    const auto saved = history_.checkpoints.find(trial.id);
    message.lanes.push_back({grid::whole_trial(*work_, trial), saved == history_.checkpoints.end() ? std::string() : saved->second});
  }
  record(started);
  attempts_[assignment.attempt] = {assignment.trials, team.joined.host, steady_time_s()};
  team.attempt = assignment.attempt;
  transport_.send(rank.value, pack(message));
}

void Coordinator::stop(Rank rank) { transport_.send(rank.value, pack(Stop{})); }

void Coordinator::dismiss(Rank rank) {
  Team& team = teams_.at(rank);
  team.dismissed = true;
  transport_.send(rank.value, pack(Dismissed{}));
}

void Coordinator::quarantine(std::span<const std::size_t> trials, const std::string& reason) {
  store::Quarantined record_of{{}, reason, {}, unix_time_s()};
  for (const std::size_t index : trials) {
    record_of.trials.push_back(work_->trials[index].id);
    if (--unfinished_[work_->trials[index].cell] == 0) ended_cells_.push_back(work_->trials[index].cell);
  }
  for (const AttemptId id : history_.failures[record_of.trials.front()]) {
    const auto& end = history_.attempts.at(id).end;
    if (end && end->cause == spec::AttemptEnd::failed) record_of.log += fmt::format("attempt {} on {}: {}\n", id.value, end->host, end->message);
  }
  log::warning("quarantined {} trials of {}: {}", trials.size(), grid::describe(work_->cells[work_->trials[trials.front()].cell]), reason);
  record(record_of);
  must_sync_ = results_stale_ = true;
}

void Coordinator::drain(const std::string& host, const std::string& reason) { log::warning("no more work for node {}: {}", host, reason); }

}  // namespace surd::sweep
