// What the user sees of a run: progress lines, logs of failures, state.json, the last sentence.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <span>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "design/columns.hpp"
#include "sweep/cell_words.hpp"
#include "sweep/coordinator.hpp"

namespace surd::sweep {
namespace {

constexpr double told_every_s = 10;

}  // namespace

void Coordinator::write_log(const Attempt& failed, Rank rank, const store::AttemptEnded& end) const {
  const Joined& team = teams_.at(rank).joined;
  std::string text = fmt::format("attempt {} failed after {}, at {}\n{}, {} trials\nrank {} (process {}) on {}, {}, a team of {}\n\n{}\n\ntrials:\n",
                                 end.attempt.value, duration_text(end.seconds), iso_time(end.time_s),
                                 grid::describe(work_->cells[work_->trials[failed.trials.front()].cell]), failed.trials.size(), rank.value, team.pid,
                                 team.host, team.device, team.ranks.size(), end.message);
  for (const std::size_t index : failed.trials) {
    const grid::StudyTrial& trial = work_->trials[index];
    text += fmt::format("{} learning rate {} seed {}\n", trial.id.value, trial.learning_rate, trial.seed);
  }
  const std::filesystem::path path = folder_.log() / fmt::format("attempt-{:06}.log", end.attempt.value);
  log::warning("attempt {} failed: {} ({})", end.attempt.value, end.message, path.string());
  try {
    write_file_atomically(path, text);
  } catch (const Error& error) {
    log::warning("{}", error.what());  // the journal has the message too
  }
}

void Coordinator::report_cell(std::size_t cell) {
  std::map<std::uint64_t, std::optional<SeedResult>> seeds;
  const auto before = [](const grid::StudyTrial& trial, std::size_t wanted) { return trial.cell < wanted; };  // trials come cell by cell
  const auto first = std::lower_bound(work_->trials.begin(), work_->trials.end(), cell, before);
  const auto last = std::lower_bound(first, work_->trials.end(), cell + 1, before);
  for (const grid::StudyTrial& trial : std::span(first, last)) {
    std::optional<SeedResult>& best = seeds[trial.seed];
    const auto done = history_.done.find(trial.id);
    if (done == history_.done.end()) continue;
    const spec::TrialResult& result = done->second.result;
    const law::Rate rate{design::judged_accuracy(result), trial.learning_rate};
    if (best && !law::better(rate, best->rate)) continue;
    best = {rate, law::judged_accuracy(result.outcome == spec::Outcome::diverged, result.accuracy_test)};
  }
  std::vector<std::optional<SeedResult>> results;
  for (const auto& [number, result] : seeds) results.push_back(result);
  log::info("{}{}: {}", completed_ ? "audit of " : "", grid::describe(work_->cells[cell]), cell_words(results, study_.fit.tau));
}

void Coordinator::report_progress(bool always) {
  const double now_s = steady_time_s();
  if (!always && now_s - told_s_ < told_every_s) return;
  told_s_ = now_s;
  const schedule::Counts counts = scheduler_->counts();
  const auto left_s = scheduler_->forecast_left_s(now_s);
  log::info("{}{} of {} trials done, {} running, {} skipped, {} failed, {} open; {} gone, about {} left", completed_ ? "audit: " : "", counts.done,
            counts.total, counts.running, counts.skipped, counts.failed, counts.left, duration_text(now_s - started_s_),
            left_s ? duration_text(*left_s) : "an unknown time");
}

std::string Coordinator::doing(Rank rank, const Joined& joined) const {
  if (joined.ranks.empty()) return "nothing: too few ranks are left over for a team";
  if (!joined.leads) return fmt::format("in the team of rank {}", joined.ranks.front());
  const Team& team = teams_.at(rank);
  if (team.attempt == AttemptId{}) return team.dismissed ? "dismissed" : "idle";
  const std::vector<std::size_t>& trials = attempt(team.attempt).trials;
  const grid::Cell& cell = work_->cells[work_->trials[trials.front()].cell];
  std::size_t done = trials.size();
  int step = cell.recipe.steps;
  double accuracy = 0;
  for (const std::size_t index : trials) {
    const schedule::TrialStatus& status = scheduler_->trials()[index];
    if (status.state != schedule::TrialState::running) continue;
    --done;
    step = std::min(step, status.step);
    accuracy = std::max(accuracy, status.accuracy);
  }
  return fmt::format("{}{}: {} of {} trials done, step {} of {}, best accuracy {:.3f}", completed_ ? "audit of " : "", grid::describe(cell), done,
                     trials.size(), step, cell.recipe.steps, accuracy);
}

void Coordinator::write_state(const std::string& phase, std::optional<Exit> exit, const std::string& sentence) {
  const double now_s = steady_time_s();
  state_written_s_ = now_s;
  store::RunState state;
  state.study = study_.name;
  state.phase = phase;
  const schedule::Counts counts = completed_ ? completed_->counts : scheduler_->counts();
  state.total = counts.total;
  state.done = counts.done;
  state.running = counts.running;
  state.failed = counts.failed;
  state.skipped = counts.skipped;
  state.left = counts.left;
  state.audit = audit_state();
  state.left_s = scheduler_->forecast_left_s(now_s);
  state.started_s = started_unix_s_;
  state.updated_s = unix_time_s();
  state.ranks.push_back({0, store::host_name(), ::getpid(), "coordinator"});
  for (const auto& [rank, joined] : ranks_) state.ranks.push_back({rank.value, joined.host, joined.pid, doing(rank, joined)});
  if (exit) state.exit_code = static_cast<int>(*exit);
  state.sentence = sentence;
  store::write_state(folder_, state);
}

std::string Coordinator::sentence() const {
  const schedule::Counts counts = completed_ ? completed_->counts : scheduler_->counts();
  const std::string again = fmt::format("start surd-run again with the same folder ({}) to go on", folder_.path().string());
  switch (outcome()) {
    case Exit::complete: return fmt::format("complete: {} trials done, {} skipped by the design{}", counts.done, counts.skipped, audit_words());
    case Exit::quarantined: {
      const std::int64_t failed = counts.failed + (completed_ ? scheduler_->counts().failed : 0);
      const auto is_saved = [&](const auto& aside) { return history_.checkpoints.contains(aside.first); };
      const bool any_saved = std::any_of(history_.quarantined.begin(), history_.quarantined.end(), is_saved);
      return fmt::format("complete, but {} of {} trials failed and were set aside; see {}{}{}", failed, counts.total, folder_.log().string(),
                         any_saved ? fmt::format(", and {} for their last checkpoints", folder_.checkpoints().string()) : "", audit_words());
    }
    case Exit::stopped: {
      const std::int64_t left = scheduler_->counts().left;
      const std::string what = completed_  ? fmt::format("with {} trials of the budget audit left", left)
                               : left == 0 ? "before the budget audit"
                                           : fmt::format("with {} trials left", left);
      return fmt::format("stopped {}, as {}; {}", what, scheduler_->why(), again);
    }
    default: return fmt::format("stopped after failures: {}; mend the cause, then {}", scheduler_->why(), again);
  }
}

std::string Coordinator::closing_words() const {
  const double seconds = steady_time_s() - started_s_;
  const double million_tokens = 1e-6 * static_cast<double>(tokens_);
  return fmt::format("{} in {} ({} trials were done before; {:.1f} M training tokens, {:.2f} M/s a team). Results: {}", sentence(),
                     duration_text(seconds), done_at_start_, million_tokens, million_tokens / std::max(1e-3, seconds) / settings_.teams,
                     folder_.results().string());
}

}  // namespace surd::sweep
