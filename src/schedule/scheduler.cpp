#include "schedule/scheduler.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace surd::schedule {

namespace {

// One group a bundle key; cells share one only where nothing but labels tells them apart. Longest
// first by a cell's own cost: counting the larger widths that hang on it as well was tried in the
// simulator, and left up to a fifth of 16 workers' time idle, since long bundles came last.
Ready make_ready(const grid::Study& study, const Forecast& forecast) {
  constexpr auto none = static_cast<std::size_t>(-1);
  Indexed<CellIndex, std::size_t> group_of(study.cells.size(), none);
  std::unordered_map<std::string, std::size_t> known;
  Indexed<TrialIndex, Ready::Trial> trials;
  std::vector<double> priorities;
  for (const grid::StudyTrial& entry : study.trials) {
    std::size_t& group = group_of[entry.cell];
    if (group == none) {
      group = known.try_emplace(spec::bundle_key(study.cells[entry.cell]), priorities.size())
                  .first->second;
      if (group == priorities.size()) priorities.push_back(forecast.trial_flops(entry.cell));
    }
    trials.push_back({group, entry.seed, forecast.trial_flops(entry.cell)});
  }
  return Ready(std::move(trials), priorities);
}

std::string attempt_text(AttemptId attempt) { return "attempt " + std::to_string(attempt.value); }
std::string rank_text(Rank rank) { return "rank " + std::to_string(rank.value); }

}  // namespace

Past past_of(const spec::TrialResult& result) {
  return {.kind = Past::Kind::done, .accuracy = design::judged_accuracy(result)};
}

Scheduler::Scheduler(const grid::Study& study, Indexed<TrialIndex, Past> past, Options options,
                     Outbox& outbox)
    : study_(study),
      options_(std::move(options)),
      outbox_(outbox),
      forecast_(study, options_.calibration),
      columns_(study),
      failures_(study.run.retries),
      trials_(study.trials.size()),
      saved_step_(study.trials.size(), 0),
      of_cell_(study.cells.size()),
      ready_(make_ready(study, forecast_)),
      next_attempt_(options_.next_attempt),
      awaited_(options_.workers),
      searching_(study.run.design == grid::Design::boundary) {
  if (!past.empty() && past.size() != trials_.size()) {
    throw Error({.what = "one past a trial is wanted",
                 .expected = std::to_string(trials_.size()),
                 .got = std::to_string(past.size())});
  }
  counts_.total = counts_.left = static_cast<std::int64_t>(trials_.size());
  for (const TrialIndex trial : trials_.places()) {
    of_cell_[study.trials[trial].cell].push_back(trial);
    if (searching_) set_state(trial, TrialState::skipped);
  }
  for (const TrialIndex trial : past.places()) {
    Past& known = past[trial];
    failures_.remember(trial, std::move(known.failed_hosts));
    if (known.losses.count > 0) suspects_[trial] = most_together(known.losses);
    if (known.kind == Past::Kind::done) settle(trial, TrialState::done, known.accuracy);
    if (known.kind == Past::Kind::quarantined) settle(trial, TrialState::quarantined, 0);
    if (known.kind == Past::Kind::unknown)
      saved_step_[trial] = trials_[trial].step = known.saved_step;
  }
  apply(columns_.start());
}

// ---- state ----

void Scheduler::set_state(TrialIndex trial, TrialState state) {
  const auto count = [this](TrialState of) -> std::int64_t& {
    switch (of) {
      case TrialState::waiting:
      case TrialState::ready: return counts_.left;
      case TrialState::running: return counts_.running;
      case TrialState::done: return counts_.done;
      case TrialState::quarantined: return counts_.failed;
      case TrialState::skipped: return counts_.skipped;
    }
    throw Error("state of a trial out of range");
  };
  --count(trials_[trial].state);
  ++count(state);
  trials_[trial].state = state;
}

void Scheduler::apply(const design::Columns::Change& change) {
  std::vector<TrialIndex> runnable;
  for (const CellIndex cell : change.opened) {
    runnable.clear();
    for (const TrialIndex trial : of_cell_[cell]) {
      if (trials_[trial].state == TrialState::waiting) runnable.push_back(trial);
    }
    give_back(runnable);
  }
  for (const CellIndex cell : change.skipped) {
    for (const TrialIndex trial : of_cell_[cell]) {
      if (trials_[trial].state == TrialState::waiting) set_state(trial, TrialState::skipped);
    }
  }
}

void Scheduler::settle(TrialIndex trial, TrialState state, double accuracy) {
  set_state(trial, state);
  trials_[trial].accuracy = accuracy;
  apply(columns_.settle(trial, accuracy));
}

void Scheduler::give_back(std::span<const TrialIndex> trials) {
  std::vector<TrialIndex> fresh;
  for (const TrialIndex trial : trials) {
    set_state(trial, TrialState::ready);
    trials_[trial].step = saved_step_[trial];
    if (const auto suspect = suspects_.find(trial); suspect != suspects_.end()) {
      ready_suspects_.emplace(suspect->second, trial);
    } else if (failures_.any(trial)) {
      retries_.push_back(trial);
    } else {
      ready_.set_flops(trial, flops_of(trial, saved_step_[trial], -1));
      fresh.push_back(trial);
    }
  }
  ready_.put(fresh);
}

double Scheduler::flops_of(TrialIndex trial, int from_step, int to_step) const {
  const CellIndex cell = study_.trials[trial].cell;
  const double steps = std::max(1, study_.cells[cell].recipe.steps);
  const double to = to_step < 0 ? steps : to_step;
  return forecast_.trial_flops(cell) * std::clamp((to - from_step) / steps, 0.0, 1.0);
}

Scheduler::Seat& Scheduler::seat(Rank rank, AttemptId attempt) {
  const auto place = seats_.find(rank);
  if (place == seats_.end())
    throw Error({.what = "an event of a rank that is not here",
                 .where = rank_text(rank),
                 .got = attempt_text(attempt)});
  const std::optional<Running>& running = place->second.running;
  if (!running || running->attempt != attempt) {
    throw Error({.what = "an event of an attempt that the rank does not run",
                 .where = rank_text(rank),
                 .expected = running ? attempt_text(running->attempt) : "none",
                 .got = attempt_text(attempt)});
  }
  return place->second;
}

TrialStatus& Scheduler::own(const Seat& seat, TrialIndex trial) {
  if (trial.value >= trials_.size() || trials_[trial].state != TrialState::running ||
      trials_[trial].attempt != seat.running->attempt) {
    throw Error({.what = "an event of a trial that the attempt does not run",
                 .where = rank_text(seat.worker.rank) + ", " + attempt_text(seat.running->attempt),
                 .got = "trial " + std::to_string(trial.value) + " of the study"});
  }
  return trials_[trial];
}

// ---- events ----

void Scheduler::worker_joined(const Worker& worker, double now_s) {
  if (!seats_.try_emplace(worker.rank, Seat{worker, std::nullopt}).second)
    throw Error({.what = "a worker joined twice", .where = rank_text(worker.rank)});
  if (awaited_ > 0) --awaited_;
  if (!drained_.contains(worker.host)) ++hosts_[worker.host];
  idle_.insert(worker.rank);
  if (drained_.contains(worker.host)) dismiss(worker.rank);
  dispatch(now_s);
}

void Scheduler::progress(Rank rank, AttemptId attempt, std::span<const LaneProgress> lanes,
                         double) {
  Seat& seat = this->seat(rank, attempt);
  for (const LaneProgress& lane : lanes) {
    TrialStatus& status = own(seat, lane.trial);
    seat.running->flops_done += flops_of(lane.trial, status.step, std::max(lane.step, 0));
    status.step = lane.step;
    status.accuracy = lane.accuracy;
  }
}

void Scheduler::checkpoint_saved(Rank rank, AttemptId attempt, std::span<const SavedLane> lanes) {
  const Seat& seat = this->seat(rank, attempt);
  for (const SavedLane& lane : lanes) {
    own(seat, lane.trial);
    saved_step_[lane.trial] = lane.step;
  }
}

void Scheduler::trial_done(Rank rank, AttemptId attempt, TrialIndex trial,
                           const spec::TrialResult& result, double now_s) {
  Seat& seat = this->seat(rank, attempt);
  TrialStatus& status = own(seat, trial);
  const CellIndex cell = study_.trials[trial].cell;
  seat.running->flops_done += flops_of(trial, status.step, std::max(result.steps, 0));
  status.step = result.steps;
  forecast_.finished(
      cell, static_cast<double>(result.steps) / std::max(1, study_.cells[cell].recipe.steps));
  failures_.succeeded();
  quarantine_suspended();
  settle(trial, TrialState::done, design::judged_accuracy(result));
  dispatch(now_s);
}

void Scheduler::bundle_ended(Rank rank, AttemptId attempt, spec::AttemptEnd end,
                             const std::string& message, double now_s) {
  Seat& seat = this->seat(rank, attempt);
  const Running ended = std::move(*seat.running);
  seat.running.reset();
  --attempts_;
  idle_.insert(rank);
  std::vector<TrialIndex> open;
  for (const TrialIndex trial : ended.trials) {
    if (trials_[trial].state == TrialState::running) open.push_back(trial);
  }
  if (end != spec::AttemptEnd::failed) {
    const std::size_t lanes = seat.worker.lanes_together ? ended.trials.size() : 1;
    forecast_.measured(seat.worker.device, study_.trials[ended.trials.front()].cell, lanes,
                       ended.flops_done, now_s - ended.start_s);
  }
  const std::string host = seat.worker.host;  // what follows may dismiss the worker
  if (drained_.contains(host)) dismiss(rank);
  if (end == spec::AttemptEnd::stopped) {
    give_back(open);
    if (!ended.stop_sent) stop_all(std::string(asked_for));  // of its worker, before it reached us
  } else if (!open.empty()) {
    fail(open, host,
         end == spec::AttemptEnd::failed
             ? message
             : "it ended without a result for " + std::to_string(open.size()) + " of its trials");
  }
  dispatch(now_s);
}

void Scheduler::open(std::span<const TrialIndex> trials, double now_s) {
  std::vector<TrialIndex> runnable;
  for (const TrialIndex trial : trials) {
    if (trials_.at(trial).state == TrialState::skipped) runnable.push_back(trial);
  }
  give_back(runnable);
  dispatch(now_s);
}

void Scheduler::close(double now_s) {
  searching_ = false;
  dispatch(now_s);
}

void Scheduler::tick(double now_s) {
  if (options_.deadline_s && now_s >= *options_.deadline_s - options_.stop_lead_s && !over())
    stop_all("the time is up");
  dispatch(now_s);
}

void Scheduler::stop_asked(double now_s) {
  stop_all(std::string(asked_for));
  dispatch(now_s);
}

// ---- failures and stops ----

void Scheduler::fail(std::span<const TrialIndex> trials, const std::string& host,
                     const std::string& message) {
  std::vector<TrialIndex> bad = failures_.record(trials, host);
  std::vector<TrialIndex> again;
  for (const TrialIndex trial : trials) {
    if (std::find(bad.begin(), bad.end(), trial) == bad.end()) again.push_back(trial);
  }
  give_back(again);
  if (!bad.empty()) {
    for (const TrialIndex trial : bad) set_state(trial, TrialState::ready);
    std::string reason = "failed on " + failures_.hosts(bad.front()) + ": " + message;
    suspended_.emplace_back(std::move(bad), std::move(reason));
    if (failures_.any_success()) quarantine_suspended();
  }
  if (failures_.hopeless(hosts_.size() + drained_.size())) {
    broken_ = true;
    stop_all("many different bundles failed and none succeeded, the last one on " + host + ": " +
             message);
  } else if (failures_.suspects(host) && !drained_.contains(host) && hosts_.size() > 1) {
    drain(host);
  }
}

void Scheduler::quarantine_suspended() {
  const auto suspended = std::exchange(suspended_, {});
  for (const auto& [trials, reason] : suspended) {
    outbox_.quarantine(trials, reason);
    for (const TrialIndex trial : trials) settle(trial, TrialState::quarantined, 0);
  }
}

void Scheduler::drain(const std::string& host) {
  drained_.insert(host);
  hosts_.erase(host);
  outbox_.drain(host, "two different bundles failed on " + host);
  const std::vector<Rank> idle(idle_.begin(), idle_.end());
  for (const Rank rank : idle) {
    if (seats_.at(rank).worker.host == host) dismiss(rank);
  }
}

void Scheduler::stop_all(const std::string& why) {
  if (why_.empty()) why_ = why;
  stopping_ = true;
  for (auto& [rank, seat] : seats_) {
    if (!seat.running || seat.running->stop_sent) continue;
    seat.running->stop_sent = true;
    outbox_.stop(rank);
  }
}

void Scheduler::dismiss(Rank rank) {
  const auto place = seats_.find(rank);
  if (const auto host = hosts_.find(place->second.worker.host);
      host != hosts_.end() && --host->second == 0)
    hosts_.erase(host);
  idle_.erase(rank);
  seats_.erase(place);
  outbox_.dismiss(rank);
}

// ---- dispatch ----

std::size_t Scheduler::lanes_that_fit(const Worker& worker, TrialIndex trial, double now_s) const {
  const CellIndex cell = study_.trials[trial].cell;
  std::size_t most = of_cell_[cell].size();
  if (worker.lanes_together) {
    most = options_.max_lanes;
    if (worker.memory_bytes > 0)
      most = std::min(most, schedule::lanes_that_fit(study_.cells[cell], worker.memory_bytes));
  }
  if (!options_.deadline_s) return most;
  const double left_s = *options_.deadline_s - options_.stop_lead_s - now_s;
  if (study_.run.checkpoint_s <= left_s) return most;
  const double flops = flops_of(trial, saved_step_[trial], -1);
  for (std::size_t lanes = std::min(most, of_cell_[cell].size()); lanes > 0; lanes /= 2) {
    const std::optional<double> rate =
        forecast_.rate_flops_s(worker.device, cell, worker.lanes_together ? lanes : 1);
    if (rate && static_cast<double>(lanes) * flops <= left_s * *rate) return lanes;
  }
  return 0;
}

std::vector<TrialIndex> Scheduler::choose_retry(const Worker& worker, double now_s) {
  for (auto trial = retries_.begin(); trial != retries_.end(); ++trial) {
    const auto is_untried = [&](const auto& host) {
      return !failures_.failed_on(*trial, host.first);
    };
    const bool must_go_elsewhere = failures_.failed_on(*trial, worker.host) &&
                                   std::any_of(hosts_.begin(), hosts_.end(), is_untried);
    if (must_go_elsewhere || lanes_that_fit(worker, *trial, now_s) == 0) continue;
    const std::vector<TrialIndex> alone = {*trial};
    retries_.erase(trial);
    return alone;
  }
  return {};
}

std::vector<TrialIndex> Scheduler::choose_fresh(const Seat& seat, double now_s,
                                                std::set<std::string>& too_late) {
  if (ready_.empty() || too_late.contains(seat.worker.device)) return {};
  const Cut cut{.idle = idle_.size() + awaited_,
                .workers = seats_.size() + awaited_,
                .together = seat.worker.lanes_together,
                .most = options_.max_lanes};
  std::vector<TrialIndex> bundle =
      ready_.take(cut, [&](TrialIndex trial) { return lanes_that_fit(seat.worker, trial, now_s); });
  if (bundle.empty()) too_late.insert(seat.worker.device);
  return bundle;
}

void Scheduler::start(Rank rank, std::vector<TrialIndex> bundle, double now_s) {
  const AttemptId attempt{next_attempt_++};
  for (const TrialIndex trial : bundle) {
    set_state(trial, TrialState::running);
    trials_[trial].attempt = attempt;
  }
  idle_.erase(rank);
  ++attempts_;
  seats_.at(rank).running = Running{.attempt = attempt, .trials = bundle, .start_s = now_s};
  outbox_.assign(rank, {attempt, std::move(bundle)});
}

void Scheduler::dispatch(double now_s) {
  if (idle_.empty()) return;
  if (stopping_ || over()) {
    if (!stopping_ && options_.keep_workers) return;
    const std::vector<Rank> idle(idle_.begin(), idle_.end());
    for (const Rank rank : idle) dismiss(rank);
    return;
  }
  const auto nothing_else = [this] { return ready_.empty() && retries_.empty(); };
  if (nothing_else() && ready_suspects_.empty() && idle()) {
    quarantine_suspended();  // nothing is left that could speak for them
    if (over()) return dispatch(now_s);
  }
  if (nothing_else() && ready_suspects_.empty()) return;
  std::set<std::string> too_late;  // devices for which nothing fits the time left
  const std::vector<Rank> free(idle_.begin(), idle_.end());
  for (const Rank rank : free) {
    if (nothing_else() || suspects_running() > 0) break;
    Seat& seat = seats_.at(rank);
    // While nothing has succeeded, other bundles tell more than the same ones again.
    std::vector<TrialIndex> bundle = failures_.any_success() ? choose_retry(seat.worker, now_s)
                                                             : choose_fresh(seat, now_s, too_late);
    if (bundle.empty())
      bundle = failures_.any_success() ? choose_fresh(seat, now_s, too_late)
                                       : choose_retry(seat.worker, now_s);
    if (!bundle.empty()) start(rank, std::move(bundle), now_s);
  }
  if (nothing_else()) dispatch_suspects(now_s);
  if (idle() && counts_.left > 0) {
    stop_all("nothing that is left fits the time that is left");
    dispatch(now_s);
  }
}

}  // namespace surd::schedule
