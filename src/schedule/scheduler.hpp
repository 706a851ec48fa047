// Who runs what next: a pure state machine. Events come in as calls, messages go out through the
// Outbox, within the call. No MPI, no clock: every event carries the caller's time. One thread.
//
// A trial is waiting (the design may still skip it), ready, running, done, quarantined or skipped.
// Under design boundary all count as skipped until open() makes them ready, and nothing is over
// before close().
// Ready trials are cut into bundles when a worker is idle (ready.hpp), longest forecast first. A
// trial that earlier runs were lost with is a suspect: it runs after all others, alone in its
// bundle, with few other suspects and nothing else beside it. Near the deadline nothing starts that
// neither ends nor reaches a checkpoint in time.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/indexed.hpp"
#include "design/columns.hpp"
#include "grid/study.hpp"
#include "schedule/failures.hpp"
#include "schedule/forecast.hpp"
#include "schedule/outbox.hpp"
#include "schedule/ready.hpp"
#include "spec/attempt_end.hpp"
#include "spec/result.hpp"

namespace surd::schedule {

// A process that trains, or the leader of a team.
struct Worker {
  Rank rank;
  std::string host;
  std::string device;  // its kind, as in the calibration: "cpu", "NVIDIA H100"
  bool lanes_together =
      false;                // a GPU: a bundle's lanes run as one program; else one after the other
  double memory_bytes = 0;  // bounds the lanes trained together; 0: unknown. Waits for GPUs: no
                            // production code sets it yet
};

// What the journal knows of a trial when a run starts.
struct Past {
  enum class Kind { unknown, done, quarantined };
  Kind kind = Kind::unknown;
  double accuracy = 0;                      // done: judged_accuracy
  int saved_step = 0;                       // unknown: steps in its last checkpoint
  std::vector<std::string> failed_hosts{};  // node of each failed attempt, oldest first
  Losses losses{};                          // unknown: not fatal ones
};
Past past_of(const spec::TrialResult& result);

struct Options {
  std::int64_t next_attempt = 1;
  std::optional<double> deadline_s{};  // on the caller's time axis: when the allocation ends
  double stop_lead_s = 20;             // stop is sent so long before it
  std::map<std::string, double>
      calibration{};  // device -> FLOP/s of one rank. Waits for calibrated forecasts: no production
                      // code sets it yet
  std::size_t workers =
      0;  // how many are going to join; those still to come get their share of the first cuts
  bool keep_workers = false;  // once all is done they wait, undismissed, for another scheduler; a
                              // stop dismisses them all the same
  std::size_t max_lanes = std::numeric_limits<std::size_t>::max();
};

enum class TrialState { waiting, ready, running, done, quarantined, skipped };

struct TrialStatus {
  TrialState state = TrialState::waiting;
  AttemptId attempt{};  // running: which; done, quarantined: the last one of this run, 0 where
                        // there was none
  int step = 0;         // running: last reported; else what a checkpoint holds
  double accuracy = 0;  // running: last validation; done: judged_accuracy
};

struct LaneProgress {
  TrialIndex trial;
  int step = 0;
  double accuracy = 0;  // last validation
};

struct SavedLane {
  TrialIndex trial;
  int step = 0;
};

struct Counts {
  std::int64_t total = 0;
  std::int64_t done = 0;
  std::int64_t running = 0;
  std::int64_t failed = 0;  // quarantined
  std::int64_t skipped = 0;
  std::int64_t left = 0;  // ready or waiting
};

class Scheduler {
 public:
  // Keeps references to the study and the outbox, which must outlive it. past: one entry a study
  // trial, or empty for a first run. Sends nothing.
  Scheduler(const grid::Study& study, Indexed<TrialIndex, Past> past, Options options,
            Outbox& outbox);
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Events. Error: an event that contradicts what was assigned (a bug of the caller).
  void worker_joined(const Worker& worker, double now_s);
  void progress(Rank rank, AttemptId attempt, std::span<const LaneProgress> lanes, double now_s);
  void checkpoint_saved(Rank rank, AttemptId attempt, std::span<const SavedLane> lanes);
  void trial_done(Rank rank, AttemptId attempt, TrialIndex trial, const spec::TrialResult& result,
                  double now_s);
  // end: finished, stopped or failed. stopped without having been asked counts as stop_asked: a
  // signal reached the worker first.
  void bundle_ended(Rank rank, AttemptId attempt, spec::AttemptEnd end, const std::string& message,
                    double now_s);
  // A search asks for these; those that have ended are left as they are.
  void open(std::span<const TrialIndex> trials, double now_s);
  // The search asks for nothing more.
  void close(double now_s);
  void tick(double now_s);        // stops everything stop_lead_s before the deadline
  void stop_asked(double now_s);  // running bundles are to checkpoint, nothing new starts; asking
                                  // again changes nothing

  Counts counts() const;
  const Indexed<TrialIndex, TrialStatus>& trials() const { return trials_; }
  bool idle() const {
    return attempts_ == 0;
  }  // no bundle runs; one whose trials are all done runs until bundle_ended
  bool over() const { return idle() && (stopping_ || (counts_.left == 0 && !searching_)); }
  // complete, quarantined, stopped (work left) or error (many early failures); once over().
  Exit outcome() const;
  const std::string& why() const {
    return why_;
  }  // why nothing new started, where a stop was sent; else empty
  // Whether somebody wanted that stop.
  bool stop_was_asked() const { return why_ == asked_for; }
  // Seconds until the study ends, roughly; nothing while no worker has a known rate. Running and
  // ready trials count with the share of their steps that trials of their task and architecture
  // have needed so far, the k-th waiting width of a column with q^k of that, where q is the share
  // of decisions so far that opened a width (Laplace's rule); all shared evenly by the workers, and
  // no shorter than the longest running bundle. Of a search: until all that it has asked for ends.
  std::optional<double> forecast_left_s(double now_s) const;

 private:
  struct Running {
    AttemptId attempt;
    std::vector<TrialIndex> trials;
    double start_s = 0;
    double flops_done = 0;  // by all lanes, as far as reported
    bool stop_sent = false;
  };
  struct Seat {
    Worker worker;
    std::optional<Running> running;
  };
  Seat& seat(Rank rank, AttemptId attempt);
  TrialStatus& own(const Seat& seat, TrialIndex trial);
  void set_state(TrialIndex trial, TrialState state);
  void apply(const design::Columns::Change& change);
  void settle(TrialIndex trial, TrialState state, double accuracy);
  void give_back(std::span<const TrialIndex> trials);  // ready again, from their last checkpoint
  void fail(std::span<const TrialIndex> trials, const std::string& host,
            const std::string& message);
  void quarantine_suspended();
  void drain(const std::string& host);
  void stop_all(const std::string& why);
  void dispatch(double now_s);
  void dismiss(Rank rank);
  void start(Rank rank, std::vector<TrialIndex> bundle, double now_s);
  void dispatch_suspects(double now_s);
  std::size_t suspects_running() const;
  std::vector<TrialIndex> choose_fresh(const Seat& seat, double now_s,
                                       std::set<std::string>& too_late);
  std::vector<TrialIndex> choose_retry(const Worker& worker, double now_s);
  std::size_t lanes_that_fit(const Worker& worker, TrialIndex trial, double now_s) const;
  double flops_of(TrialIndex trial, int from_step,
                  int to_step) const;  // to_step < 0: to the last one

  const grid::Study& study_;
  Options options_;
  Outbox& outbox_;
  Forecast forecast_;
  design::Columns columns_;
  Failures failures_;
  Indexed<TrialIndex, TrialStatus> trials_;
  Indexed<TrialIndex, int> saved_step_;
  Indexed<CellIndex, std::vector<TrialIndex>> of_cell_;
  Ready ready_;
  std::vector<TrialIndex> retries_;             // failed trials, to be tried alone; few
  std::map<TrialIndex, std::size_t> suspects_;  // how many may run at once
  std::set<std::pair<std::size_t, TrialIndex>>
      ready_suspects_;  // (that number, trial): the largest number goes first
  std::vector<std::pair<std::vector<TrialIndex>, std::string>>
      suspended_;               // to be quarantined once something has shown that others succeed
  std::map<Rank, Seat> seats_;  // not those dismissed
  std::set<Rank> idle_;
  std::map<std::string, std::size_t> hosts_;  // with workers, not drained -> how many
  std::set<std::string> drained_;
  std::int64_t next_attempt_;
  std::size_t awaited_ = 0;    // workers still to join
  std::int64_t attempts_ = 0;  // that run
  Counts counts_;
  bool searching_;  // trials may still be opened
  bool stopping_ = false;
  bool broken_ = false;
  static constexpr std::string_view asked_for = "a stop was asked for";
  std::string why_;
};

}  // namespace surd::schedule
