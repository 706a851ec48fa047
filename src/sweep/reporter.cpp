#include "sweep/reporter.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <span>
#include <unordered_set>
#include <utility>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "base/shell.hpp"
#include "design/audit.hpp"
#include "design/columns.hpp"
#include "store/leaving.hpp"
#include "sweep/cell_words.hpp"

namespace surd::sweep {
namespace {

constexpr double told_every_s = 10;
constexpr double state_every_s = 1;

// The trials of a cell; they come cell by cell.
std::span<const grid::StudyTrial> trials_of(const grid::Study& work, CellIndex cell) {
  const auto before = [](const grid::StudyTrial& trial, CellIndex wanted) {
    return trial.cell < wanted;
  };
  const auto first = std::lower_bound(work.trials.begin(), work.trials.end(), cell, before);
  return {first, std::lower_bound(first, work.trials.end(), CellIndex{cell.value + 1}, before)};
}

// "no progress for 45 s, a step; " of a rank that may hang.
std::string silence_words(const Standing& now, Rank rank) {
  for (const cluster::Silence& silence : now.late) {
    if (silence.rank == rank.value)
      return fmt::format("no progress for {}, {}; ", duration_text(silence.seconds), silence.doing);
  }
  return "";
}

// "0.48, 95 % [0.31, 0.66], from 7 lengths", or why there is none.
std::string number_words(const law::Number& number) {
  if (!number.value) return fmt::format("no value yet: {}", number.reason);
  const auto end = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.2f}", *value) : "open";
  };
  return fmt::format("{:.2f}, 95 % [{}, {}], from {} lengths", *number.value,
                     end(number.interval.low), end(number.interval.high), number.lengths);
}

store::SearchState state_of(const design::Progress& group) {
  store::SearchState state{.group = group.group,
                           .rounds = group.rounds,
                           .seeds = static_cast<std::int64_t>(group.seeds),
                           .flops = group.flops,
                           .budget_flops = group.budget_flops,
                           .sought = {},
                           .open = group.open,
                           .over = group.over,
                           .reason = group.reason};
  for (const auto& [name, number] : group.sought) {
    state.sought.push_back({name, number.value, number.interval.low, number.interval.high,
                            static_cast<std::int64_t>(number.lengths), number.reason});
  }
  return state;
}

// How the study was asked for before it was asked for as it is now.
std::string earlier_words(const store::History& history, const store::RunFolder& folder,
                          const std::string& study_name) {
  const auto& requests = history.requests;
  const auto is_other = [&](const auto& request) { return request != history.opened->request; };
  const auto earlier = std::find_if(requests.rbegin(), requests.rend(), is_other);
  return earlier == requests.rend() ? ""
                                    : fmt::format(". The study before this one: {}",
                                                  store::command_of(*earlier, folder, study_name));
}

}  // namespace

Reporter::Reporter(const grid::Study& study, const store::RunFolder& folder, int teams,
                   std::optional<double> audit)
    : study_(study),
      folder_(folder),
      teams_(teams),
      audit_(audit),
      started_s_(steady_time_s()),
      started_unix_s_(unix_time_s()) {}

void Reporter::begin(const Ledger& ledger) {
  const store::History& history = ledger.history();
  std::unordered_set<TrialId> known;
  for (const grid::StudyTrial& trial : study_.trials) {
    known.insert(trial.id);
    if (history.done.contains(trial.id)) ++done_at_start_;
  }
  for (const auto& [original, audit] : history.audits) known.insert(audit);
  const auto is_other = [&](const auto& done) { return !known.contains(done.first); };
  if (const auto others = std::count_if(history.done.begin(), history.done.end(), is_other);
      others > 0) {
    log::info(
        "{} finished trials of this folder are not in this study: they stay in the journal, and "
        "out of results.h5{}",
        others, earlier_words(history, folder_, study_.name));
  }
  const double stop_lead_s = schedule::Options{}.stop_lead_s;
  if (study_.run.time_limit_s && *study_.run.time_limit_s < study_.run.checkpoint_s + stop_lead_s) {
    log::warning(
        "run.time_limit ({}) leaves no time for a checkpoint (run.checkpoint_s: {}) and a stop "
        "({}): hardly anything will start",
        duration_text(*study_.run.time_limit_s), duration_text(study_.run.checkpoint_s),
        duration_text(stop_lead_s));
  }
  if (done_at_start_ > 0)
    log::info("resuming {}: {} of {} trials are done", folder_.path().string(), done_at_start_,
              study_.trials.size());
}

void Reporter::cell_ended(const Standing& now, CellIndex cell) const {
  std::map<std::uint64_t, std::optional<SeedResult>> seeds;
  const auto& done_trials = now.ledger.history().done;
  for (const grid::StudyTrial& trial : trials_of(now.work, cell)) {
    const TrialIndex index{static_cast<std::size_t>(&trial - now.work.trials.data())};
    const schedule::TrialState state = now.scheduler.trials()[index].state;
    // A search may never ask for it, or has just done so.
    if (state != schedule::TrialState::done && state != schedule::TrialState::quarantined) continue;
    std::optional<SeedResult>& best = seeds[trial.seed];
    const auto done = done_trials.find(trial.id);
    if (done == done_trials.end()) continue;
    const spec::TrialResult& result = done->second.result;
    const law::Rate rate{design::judged_accuracy(result), trial.learning_rate};
    if (best && !law::better(rate, best->rate)) continue;
    best = {rate, design::judged_test_accuracy(result)};
  }
  std::vector<std::optional<SeedResult>> results;
  for (const auto& [number, result] : seeds) results.push_back(result);
  log::info("{}{}: {}", now.is_audit() ? "audit of " : "", grid::describe(now.work.cells[cell]),
            cell_words(results, study_.fit.tau));
}

void Reporter::searched(std::vector<design::Progress> groups) {
  const auto before = std::exchange(search_, std::move(groups));
  for (std::size_t i = 0; i < search_.size(); ++i) {
    const design::Progress& group = search_[i];
    if (i < before.size() && before[i].rounds == group.rounds) continue;
    const std::size_t seeds = group.seeds - (i < before.size() ? before[i].seeds : 0);
    log::info("search of {}: round {}, {} more seed{}{}", group.group, group.rounds, seeds,
              seeds == 1 ? "" : "s",
              group.reason.empty() ? "" : fmt::format(" ({})", group.reason));
    for (const design::Sought& sought : group.sought)
      log::info("  {}: {}", sought.name, number_words(sought.number));
    if (!group.open.empty()) log::info("  open: {}", fmt::join(group.open, "; "));
  }
}

void Reporter::attempt_failed(const Standing& now, const Attempt& failed, Rank rank,
                              const store::AttemptEnded& end) const {
  const Joined& team = now.crew.teams().at(rank).joined;
  const grid::Study& work = now.work;
  std::string text = fmt::format(
      "attempt {} failed after {}, at {}\n{}, {} trials\nrank {} (process {}) on {}, {}, a team of "
      "{}\n\n{}\n\ntrials:\n",
      end.attempt.value, duration_text(end.seconds), iso_time(end.time_s),
      grid::describe(work.cells[work.trials[failed.trials.front()].cell]), failed.trials.size(),
      rank.value, team.pid, team.host, to_string(team.device), team.ranks.size(), end.message);
  for (const TrialIndex index : failed.trials) {
    const grid::StudyTrial& trial = work.trials[index];
    text += fmt::format("{} learning rate {} seed {}\n", trial.id.value, trial.learning_rate,
                        trial.seed);
  }
  const std::filesystem::path path =
      folder_.log() / fmt::format("attempt-{:06}.log", end.attempt.value);
  log::warning("attempt {} failed: {} ({})", end.attempt.value, end.message, path.string());
  try {
    write_file_atomically(path, text);
  } catch (const Error& error) {
    log::warning("{}", error.what());
  }
}

void Reporter::turn(const Standing& now) {
  const double now_s = steady_time_s();
  if (now_s - state_written_s_ >= state_every_s)
    write_state(now, now.scheduler.why().empty() ? "running" : "stopping");
  if (now_s - told_s_ < told_every_s) return;
  told_s_ = now_s;
  const schedule::Counts counts = now.scheduler.counts();
  log::info("{}{} of {} trials done, {} running, {} skipped, {} failed, {} open; {} gone, {}",
            now.is_audit() ? "audit: " : "", counts.done, counts.total, counts.running,
            counts.skipped, counts.failed, counts.left, duration_text(now_s - started_s_),
            left_words(now, now_s));
}

// How long it will take; where a rank does not get on, that, since no forecast holds then.
std::string Reporter::left_words(const Standing& now, double now_s) const {
  if (now.late.empty()) {
    const auto left_s = now.scheduler.forecast_left_s(now_s);
    return fmt::format("about {} left", left_s ? duration_text(*left_s) : "an unknown time");
  }
  std::vector<std::string> ranks;
  for (const cluster::Silence& silence : now.late)
    ranks.push_back(fmt::format("rank {} for {}, {}", silence.rank, duration_text(silence.seconds),
                                silence.doing));
  return fmt::format("no progress of {}", fmt::join(ranks, "; "));
}

void Reporter::write_state(const Standing& now, const std::string& phase, std::optional<Exit> exit,
                           const std::string& sentence) {
  const double now_s = steady_time_s();
  state_written_s_ = now_s;
  store::RunState state;
  state.study = study_.name;
  state.phase = phase;
  const schedule::Counts counts = now.study_counts();
  state.total = counts.total;
  state.done = counts.done;
  state.running = counts.running;
  state.failed = counts.failed;
  state.skipped = counts.skipped;
  state.left = counts.left;
  state.audit = audit_state(now);
  for (const design::Progress& group : search_) state.search.push_back(state_of(group));
  if (now.late.empty()) state.left_s = now.scheduler.forecast_left_s(now_s);
  state.started_s = started_unix_s_;
  state.updated_s = unix_time_s();
  state.ranks.push_back({0, store::host_name(), ::getpid(), "coordinator"});
  for (const auto& [rank, joined] : now.crew.ranks())
    state.ranks.push_back(
        {rank.value, joined.host, joined.pid, silence_words(now, rank) + doing(now, rank, joined)});
  if (exit) state.exit_code = static_cast<int>(*exit);
  state.sentence = sentence;
  try {
    store::write_state(folder_, state);
  } catch (const Error& error) {  // it informs others; the run does not live by it
    trouble_.warning("state.json was not renewed: {}", error.what());
  }
}

std::string Reporter::doing(const Standing& now, Rank rank, const Joined& joined) const {
  if (joined.ranks.empty()) return "nothing: too few ranks are left over for a team";
  if (!joined.leads) return fmt::format("in the team of rank {}", joined.ranks.front());
  const Team& team = now.crew.teams().at(rank);
  if (team.attempt == AttemptId{}) return team.dismissed ? "dismissed" : "idle";
  const std::vector<TrialIndex>& trials = now.crew.attempt(team.attempt).trials;
  const grid::Cell& cell = now.work.cells[now.work.trials[trials.front()].cell];
  std::size_t done = trials.size();
  int step = cell.recipe.steps;
  double accuracy = 0;
  for (const TrialIndex index : trials) {
    const schedule::TrialStatus& status = now.scheduler.trials()[index];
    if (status.state != schedule::TrialState::running) continue;
    --done;
    step = std::min(step, status.step);
    accuracy = std::max(accuracy, status.accuracy);
  }
  return fmt::format("{}{}: {} of {} trials done, step {} of {}, best accuracy {:.3f}",
                     now.is_audit() ? "audit of " : "", grid::describe(cell), done, trials.size(),
                     step, cell.recipe.steps, accuracy);
}

std::optional<store::AuditState> Reporter::audit_state(const Standing& now) const {
  const std::vector<store::AuditedTrial>& drawn = now.ledger.drawn();
  if (drawn.empty()) return std::nullopt;
  const store::History& history = now.ledger.history();
  store::AuditState state;
  state.total = static_cast<std::int64_t>(drawn.size());
  for (const store::AuditedTrial& trial : drawn) {
    const auto done = history.done.find(trial.audit);
    if (done == history.done.end()) {
      state.failed += history.quarantined.contains(trial.audit) ? 1 : 0;
      continue;
    }
    ++state.done;
    state.solved += design::is_solved(done->second.result, study_.fit.tau) ? 1 : 0;
  }
  if (now.is_audit()) state.running = now.scheduler.counts().running;
  return state;
}

// What follows on the sentence of a complete study.
std::string Reporter::audit_words(const Standing& now) const {
  const std::optional<store::AuditState> state = audit_state(now);
  if (!state)
    return now.is_audit() ? "; budget audit: no seed is unsolved, so there is nothing to train anew"
                          : "";
  std::string words =
      fmt::format("; budget audit: with twice the steps {} of {} unsolved trials are solved",
                  state->solved, state->done);
  if (state->left() > 0)
    words += fmt::format(" ({} are left; --audit goes on with it)", state->left());
  return words;
}

// What the search of a complete study ended with.
std::string Reporter::search_words() const {
  std::string words;
  for (const design::Progress& group : search_)
    words += fmt::format("; search of {}: {} rounds, {}", group.group, group.rounds, group.reason);
  return words;
}

// What a shell reads to go on with this run.
std::string Reporter::command_to_go_on() const {
  std::vector<std::string> words = {"surd", "run", folder_.path().string()};
  if (audit_) {
    words.emplace_back("--audit");
    words.push_back(fmt::format("{}", *audit_));
  }
  return shell_line(words);
}

std::string Reporter::sentence(const Standing& now) const {
  const schedule::Counts counts = now.study_counts();
  switch (now.outcome) {
    case Exit::complete:
      return fmt::format("complete: {} trials done, {} skipped by the design{}{}", counts.done,
                         counts.skipped, search_words(), audit_words(now));
    case Exit::quarantined: {
      const std::int64_t failed =
          counts.failed + (now.is_audit() ? now.scheduler.counts().failed : 0);
      const store::History& history = now.ledger.history();
      const auto is_saved = [&](const auto& aside) {
        return history.checkpoints.contains(aside.first);
      };
      const bool any_saved =
          std::any_of(history.quarantined.begin(), history.quarantined.end(), is_saved);
      return fmt::format("complete, but {} of {} trials failed and were set aside; see {}{}{}",
                         failed, counts.total, folder_.log().string(),
                         any_saved ? fmt::format(", and {} for their last checkpoints",
                                                 folder_.checkpoints().string())
                                   : "",
                         audit_words(now));
    }
    case Exit::stopped: {
      const std::int64_t left = now.scheduler.counts().left;
      const std::string why =
          now.scheduler.stop_was_asked() ? "" : fmt::format(", as {}", now.scheduler.why());
      const std::string what = now.is_audit() ? fmt::format("{} trials of the budget audit", left)
                               : !search_.empty() ? fmt::format("the search and {} trials", left)
                               : left == 0        ? "the budget audit"
                                                  : fmt::format("{} trials", left);
      return fmt::format("stopped{}: {} left; go on with: {}", why, what, command_to_go_on());
    }
    default:
      return fmt::format("stopped after failures: {}; mend the cause, then go on with: {}",
                         now.scheduler.why(), command_to_go_on());
  }
}

std::string Reporter::closing_words(const Standing& now) const {
  const double seconds = steady_time_s() - started_s_;
  const double million_tokens = 1e-6 * static_cast<double>(tokens_);
  const std::string figures = fmt::format(
      "{} ({} trials were done before; {:.1f} M training tokens, {:.2f} M/s a team). Results: {}",
      duration_text(seconds), done_at_start_, million_tokens,
      million_tokens / std::max(1e-3, seconds) / teams_, folder_.results().string());
  // The way to go on comes last, where it is seen.
  return is_complete(now.outcome) ? fmt::format("{} in {}", sentence(now), figures)
                                  : fmt::format("trained for {}\n{}", figures, sentence(now));
}

}  // namespace surd::sweep
