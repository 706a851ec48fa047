#include "sweep/coordinator.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "cluster/world.hpp"
#include "design/audit.hpp"
#include "sweep/line.hpp"

namespace surd::sweep {
namespace {

constexpr double tick_every_s = 0.2;

}  // namespace

Coordinator::Coordinator(const grid::Study& study, const store::RunFolder& folder,
                         cluster::Transport& transport, Settings settings)
    : study_(study),
      folder_(folder),
      transport_(transport),
      settings_(std::move(settings)),
      ledger_(study, folder, settings_.start),
      watchdog_({.silent_s = settings_.silent_s}),
      reporter_(study, folder, settings_.teams, settings_.audit),
      work_(&study) {
  reporter_.begin(ledger_);
  start_work(study, settings_.teams);
  if (study.run.design == grid::Design::boundary) start_search();
  for (int rank = 1; rank < transport.size(); ++rank)
    watchdog_.expect(rank, "starting", steady_time_s());
  reporter_.write_state(standing(), "starting");
}

void Coordinator::start_work(const grid::Study& work, int teams) {
  work_ = &work;
  ledger_.set_aside_fatal(work);
  unfinished_.assign(work.cells.size(), 0);
  const store::History& history = ledger_.history();
  const bool searches = work.run.design == grid::Design::boundary;
  for (const grid::StudyTrial& trial : work.trials) {
    if (searches) break;  // open() counts what it asks for
    if (!history.done.contains(trial.id) && !history.quarantined.contains(trial.id))
      ++unfinished_[trial.cell];
  }
  schedule::Options options;
  options.next_attempt = history.next_attempt().value;
  options.workers = static_cast<std::size_t>(teams);
  options.keep_workers = settings_.audit && &work == &study_;
  if (study_.run.time_limit_s)
    options.deadline_s = reporter_.started_s() + *study_.run.time_limit_s;
  schedule::Outbox& outbox = *this;
  scheduler_ = std::make_unique<schedule::Scheduler>(work, ledger_.past(work), options, outbox);
}

bool Coordinator::turn() {
  busy_ = false;
  while (const auto received = transport_.poll()) {
    busy_ = true;
    const Message message = unpack(received->bytes);
    if (!std::holds_alternative<Sign>(message)) watchdog_.heard(received->from, steady_time_s());
    std::visit([&](const auto& kind) { hear(Rank{received->from}, kind); }, message);
  }
  const double now_s = steady_time_s();
  if (now_s - signed_s_ >= sign_every_s(settings_.silent_s)) give_sign("coordinating");
  if (settings_.stop_signalled() && !stop_told_) hear(Rank{0}, StopWanted{});
  if (now_s - ticked_s_ >= tick_every_s) {
    ticked_s_ = now_s;
    scheduler_->tick(now_s);
    ledger_.beat();
    if (const auto silence = watchdog_.hanging(now_s)) abandon(*silence);
  }
  go_on_searching();
  if (ledger_.settle()) {
    for (const CellIndex cell : std::exchange(ended_cells_, {}))
      reporter_.cell_ended(standing(), cell);
  }
  if (audit_is_due()) {
    start_audit();
    ledger_.settle();
    give_sign("coordinating");  // drawing may take long, what follows may not
  }
  reporter_.turn(standing());
  if (ledger_.results_are_due(now_s)) give_sign("writing results.h5", ledger_.results_forecast_s());
  ledger_.renew_results(now_s);
  return !(scheduler_->over() && all_joined() && crew_.all_dismissed());
}

Standing Coordinator::standing() const {
  return {.work = *work_,
          .scheduler = *scheduler_,
          .ledger = ledger_,
          .crew = crew_,
          .late = watchdog_.late(),
          .study = study_counts_,
          .outcome = outcome()};
}

// --- ranks that hang

void Coordinator::give_sign(const std::string& doing, double piece_s) {
  signed_s_ = steady_time_s();
  sign_ = {.doing = doing, .count = sign_.count + 1, .piece_s = piece_s};
  for (int rank = 1; rank < transport_.size(); ++rank) transport_.send(rank, pack(sign_));
}

// The job is about to end with all its processes: nothing that runs will be heard of any more.
void Coordinator::abandon(const cluster::Silence& silence) {
  const auto joined = crew_.ranks().find(Rank{silence.rank});
  const std::string who = joined == crew_.ranks().end()
                              ? fmt::format("rank {}", silence.rank)
                              : fmt::format("rank {} (process {} on {})", silence.rank,
                                            joined->second.pid, joined->second.host);
  const std::string what = fmt::format("{} hangs: no progress for {}, {}", who,
                                       duration_text(silence.seconds), silence.doing);
  const double now_s = steady_time_s();
  for (const auto& [id, attempt] : crew_.attempts()) {
    ledger_.record(store::AttemptEnded{id, spec::AttemptEnd::lost, what, attempt.host,
                                       unix_time_s(), now_s - attempt.start_s});
  }
  ledger_.settle();
  throw Error({.what = what,
               .advice = "The run ends so that it can be started again: it goes on from the last "
                         "checkpoints"});
}

// --- the search

void Coordinator::start_search() {
  search_ = std::make_unique<design::Search>(study_);
  const store::History& history = ledger_.history();
  std::unordered_map<TrialId, TrialIndex> places;
  for (const TrialIndex trial : study_.trials.places()) {
    const TrialId& id = study_.trials[trial].id;
    places.emplace(id, trial);
    const auto done = history.done.find(id);
    if (done != history.done.end()) {
      search_->settle(trial, &done->second.result);
    } else if (history.quarantined.contains(id)) {
      search_->settle(trial, nullptr);
    }
  }
  for (const store::Proposed& proposed : history.proposals) {
    design::Round round{proposed.group, proposed.round, {}, proposed.reason};
    for (const TrialId& id : proposed.trials) {
      const auto place = places.find(id);
      if (place != places.end()) round.trials.push_back(place->second);
    }
    search_->remember(round);
  }
  go_on_searching();
  reporter_.searched(search_->progress());
}

std::vector<TrialId> Coordinator::ids_of(std::span<const TrialIndex> trials) const {
  std::vector<TrialId> ids;
  for (const TrialIndex trial : trials) ids.push_back(study_.trials[trial].id);
  return ids;
}

// After a restart it is chosen again, the same.
void Coordinator::record(const design::Window& window) {
  const store::WindowChosen chosen{ids_of(window.pilots), window.rates, unix_time_s()};
  const auto& known = ledger_.history().windows;
  if (const auto found = known.find(chosen.pilots.front());
      found != known.end() && found->second == chosen.rates)
    return;
  log::info("{}: its pilot chose learning rates {}", grid::describe(study_.cells[window.cell]),
            fmt::join(window.rates, ", "));
  ledger_.record(chosen);
}

void Coordinator::open(std::span<const TrialIndex> trials) {
  for (const TrialIndex trial : trials) {
    if (scheduler_->trials()[trial].state == schedule::TrialState::skipped)
      ++unfinished_[study_.trials[trial].cell];
  }
  scheduler_->open(trials, steady_time_s());
}

void Coordinator::settle_search(TrialIndex trial, const spec::TrialResult* result) {
  if (search_ && work_ == &study_) search_->settle(trial, result);
}

void Coordinator::go_on_searching() {
  if (!search_ || searched_ || stop_told_) return;
  if (search_->is_due()) {
    constexpr double proposing_s = 60;  // it fits the curves so far
    give_sign("proposing a round of the search", proposing_s);
    const design::Search::Step step = search_->go_on();
    for (const design::Window& window : step.windows) record(window);
    for (const design::Round& round : step.rounds) {
      ledger_.record(store::Proposed{round.group, round.number, ids_of(round.trials), round.reason,
                                     unix_time_s()});
    }
    open(step.run);
    reporter_.searched(search_->progress());
    give_sign("coordinating");
  }
  if (!search_->over()) return;
  searched_ = true;
  scheduler_->close(steady_time_s());
}

// --- the budget audit

bool Coordinator::audit_is_due() const {
  if (!settings_.audit || audit_ || stop_told_ || !scheduler_->over()) return false;
  return is_complete(scheduler_->outcome()) && all_joined();
}

void Coordinator::start_audit() {
  constexpr double drawing_s = 60;  // it fits the study's curves
  give_sign("drawing the budget audit", drawing_s);
  const store::History& history = ledger_.history();
  Indexed<TrialIndex, const spec::TrialResult*> results;
  std::vector<TrialIndex> before;  // drawn by earlier audits, or by this one before a restart
  for (const TrialIndex index : study_.trials.places()) {
    const TrialId& id = study_.trials[index].id;
    const auto done = history.done.find(id);
    results.push_back(done == history.done.end() ? nullptr : &done->second.result);
    if (history.audits.contains(id)) before.push_back(index);
  }
  const design::AuditDraw draw = design::draw_audit(study_, results, *settings_.audit, before);
  audit_ = std::make_unique<const grid::Study>(design::audit_study(study_, draw.trials));
  study_counts_ = scheduler_->counts();

  store::AuditDrawn drawn{*settings_.audit, {}, unix_time_s()};
  for (std::size_t i = 0; i < draw.trials.size(); ++i)
    drawn.trials.push_back({study_.trials[draw.trials[i]].id, audit_->trials[i].id});
  const auto is_known = [&](const store::AuditedTrial& trial) {
    return history.audits.contains(trial.original);
  };
  if (!std::all_of(drawn.trials.begin(), drawn.trials.end(), is_known)) ledger_.record(drawn);
  log::info(
      "budget audit: {} of {} unsolved seeds, {} of {} near the threshold, are trained anew with "
      "twice the steps, {} trials",
      draw.seeds, draw.unsolved, draw.near, draw.unsolved_near, draw.trials.size());

  std::vector<std::pair<Rank, Joined>> waiting;
  for (const auto& [rank, team] : crew_.teams()) {
    if (!team.dismissed) waiting.emplace_back(rank, team.joined);
  }
  start_work(*audit_, static_cast<int>(waiting.size()));
  for (const auto& [rank, joined] : waiting) seat(rank, joined);
}

// --- how it ends

Exit Coordinator::outcome() const {
  const Exit exit = scheduler_->outcome();
  if (audit_) return exit == Exit::complete && study_counts_->failed > 0 ? Exit::quarantined : exit;
  return settings_.audit && is_complete(exit)
             ? Exit::stopped
             : exit;  // a stop came between the study and its audit
}

Exit Coordinator::finish() {
  const Standing now = standing();
  const std::string sentence = reporter_.sentence(now);
  give_sign("writing what remains", ledger_.results_forecast_s());
  ledger_.close(now.outcome, sentence);
  reporter_.write_state(now, is_complete(now.outcome) ? "over" : "stopped", now.outcome, sentence);
  return now.outcome;
}

void Coordinator::give_up(const std::string& why) noexcept {
  try {
    reporter_.write_state(standing(), "stopped", Exit::error,
                          fmt::format("ended by an error: {}", why));
  } catch (const std::exception&) {  // the error itself is on its way to the user
  }
}

// --- what workers say

void Coordinator::hear(Rank from, const Joined& message) {
  crew_.join(from, message);
  if (message.ranks.empty()) watchdog_.forget(from.value);  // it gets no work
  watchdog_.join(message.ranks);
  if (message.leads) seat(from, message);
}

void Coordinator::seat(Rank rank, const Joined& joined) {
  scheduler_->worker_joined({.rank = rank,
                             .host = joined.host,
                             .device = speed_class(joined.device),
                             .lanes_together = joined.device.kind == DeviceKind::cuda},
                            steady_time_s());
}

TrialIndex Coordinator::trial_of(AttemptId attempt, int lane) const {
  return crew_.attempt(attempt).trials.at(static_cast<std::size_t>(lane));
}

void Coordinator::hear(Rank from, const Progressed& message) {
  std::vector<schedule::LaneProgress> lanes;
  for (const LaneStatus& lane : message.lanes)
    lanes.push_back({trial_of(message.attempt, lane.lane), lane.step, lane.accuracy_validation});
  scheduler_->progress(from, message.attempt, lanes, steady_time_s());
}

void Coordinator::hear(Rank from, const LaneDone& message) {
  const TrialIndex index = trial_of(message.attempt, message.lane);
  const grid::StudyTrial& trial = work_->trials[index];
  ledger_.record_done(*work_, trial, message.result, message.attempt);
  reporter_.trained(message.result.tokens);
  settle_search(index, &message.result);
  scheduler_->trial_done(from, message.attempt, index, message.result, steady_time_s());
  ended(trial.cell);
}

// One more trial of the cell has its end.
void Coordinator::ended(CellIndex cell) {
  if (--unfinished_[cell] == 0) ended_cells_.push_back(cell);
}

void Coordinator::hear(Rank from, const CheckpointSaved& message) {
  store::CheckpointWritten written{message.attempt, message.file, {}, unix_time_s()};
  std::vector<schedule::SavedLane> lanes;
  for (const SavedLane& saved : message.lanes) {
    lanes.push_back({trial_of(message.attempt, saved.lane), saved.step});
    written.trials.push_back(work_->trials[lanes.back().trial].id);
    written.steps.push_back(saved.step);
  }
  ledger_.record(written);
  scheduler_->checkpoint_saved(from, message.attempt, lanes);
}

void Coordinator::hear(Rank from, const BundleEnded& message) {
  const Attempt attempt = crew_.end(from, message.attempt);
  const double now_s = steady_time_s();
  const store::AttemptEnded end{message.attempt, message.end,   message.message,
                                attempt.host,    unix_time_s(), now_s - attempt.start_s};
  ledger_.record(end);
  if (message.end == spec::AttemptEnd::failed)
    reporter_.attempt_failed(standing(), attempt, from, end);
  scheduler_->bundle_ended(from, message.attempt, message.end, message.message, now_s);
}

void Coordinator::hear(Rank, const StopWanted&) {
  if (stop_told_) return;
  stop_told_ = true;
  watchdog_.stop_asked(steady_time_s());
  log::info("stop asked: saving checkpoints");
  scheduler_->stop_asked(steady_time_s());
}

void Coordinator::hear(Rank from, const Sign& message) {
  watchdog_.heard(from.value, message, steady_time_s());
}

template <typename Other>
void Coordinator::hear(Rank from, const Other& message) {
  throw Error({.what = "a worker sent what only the coordinator sends",
               .where = fmt::format("rank {}", from.value),
               .got = pack(message)});
}

// --- what the scheduler says

void Coordinator::assign(Rank rank, const schedule::Assignment& assignment) {
  const Joined& team = crew_.teams().at(rank).joined;
  store::AttemptStarted started{.attempt = assignment.attempt,
                                .trials = {},
                                .ranks = team.ranks,
                                .host = team.host,
                                .device = to_string(team.device),
                                .slurm_job = cluster::slurm_job().id,
                                .data_parallel = static_cast<int>(team.ranks.size()),
                                .time_s = unix_time_s()};
  Assigned message{assignment.attempt,
                   {},
                   std::filesystem::absolute(folder_.checkpoints()).string(),
                   study_.run.checkpoint_s};
  const auto& checkpoints = ledger_.history().checkpoints;
  for (const TrialIndex index : assignment.trials) {
    const grid::StudyTrial& trial = work_->trials[index];
    started.trials.push_back(trial.id);
    const auto saved = checkpoints.find(trial.id);
    message.lanes.push_back({grid::whole_trial(*work_, trial),
                             saved == checkpoints.end() ? std::string() : saved->second.file});
  }
  ledger_.record(started);
  crew_.start(rank, assignment.attempt, assignment.trials, steady_time_s());
  transport_.send(rank.value, pack(message));
}

void Coordinator::stop(Rank rank) { transport_.send(rank.value, pack(Stop{})); }

void Coordinator::dismiss(Rank rank) {
  crew_.dismiss(rank);
  for (const int member : crew_.teams().at(rank).joined.ranks) watchdog_.forget(member);
  transport_.send(rank.value, pack(Dismissed{}));
}

void Coordinator::quarantine(std::span<const TrialIndex> trials, const std::string& reason) {
  store::Quarantined aside{{}, reason, {}, unix_time_s()};
  for (const TrialIndex index : trials) {
    aside.trials.push_back(work_->trials[index].id);
    settle_search(index, nullptr);
    ended(work_->trials[index].cell);
  }
  for (const store::AttemptEnded* failed :
       ledger_.history().failed_attempts(aside.trials.front())) {
    aside.log +=
        fmt::format("attempt {} on {}: {}\n", failed->attempt.value, failed->host, failed->message);
  }
  log::warning("quarantined {} trials of {}: {}", trials.size(),
               grid::describe(work_->cells[work_->trials[trials.front()].cell]), reason);
  ledger_.record(aside);
}

void Coordinator::drain(const std::string& host, const std::string& reason) {
  log::warning("no more work for node {}: {}", host, reason);
}

}  // namespace surd::sweep
