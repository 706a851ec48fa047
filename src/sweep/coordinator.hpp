// The coordinator: turns messages of workers into events of the scheduler, the scheduler's wishes
// into messages, and both into records of the ledger. On a complete study a budget audit may
// follow: the same workers, ledger and checkpoints, with a scheduler of its own. Under design
// boundary it lets the search ask for rounds as results come, and the scheduler run them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cluster/transport.hpp"
#include "cluster/watchdog.hpp"
#include "design/search.hpp"
#include "grid/study.hpp"
#include "schedule/scheduler.hpp"
#include "store/run_folder.hpp"
#include "sweep/crew.hpp"
#include "sweep/ledger.hpp"
#include "sweep/message.hpp"
#include "sweep/reporter.hpp"

namespace surd::sweep {

class Coordinator : private schedule::Outbox {
 public:
  struct Settings {
    Start start;                           // for the journal
    int teams = 1;                         // that will join
    std::function<bool()> stop_signalled;  // a stop signal reached this process
    std::optional<double> audit{};     // share of the unsolved seeds that a budget audit draws once
                                       // the study is complete; none: no audit
    std::optional<double> silent_s{};  // after which a rank hangs; none: never
  };

  // Errors as Ledger. study, folder and transport outlive it.
  Coordinator(const grid::Study& study, const store::RunFolder& folder,
              cluster::Transport& transport, Settings settings);

  // Handles everything that has arrived, syncs the journal if a result or a checkpoint is in it,
  // writes state and results when due. False once the study is over and everyone is dismissed.
  // Never waits. Error where a rank hangs: what ran is recorded as lost then, and the job is to
  // end.
  bool turn();
  // Whether the last turn found something to do: callers sleep otherwise.
  bool busy() const { return busy_; }

  // Writes what remains: results.h5, the end of the run, state.json. Returns the exit code.
  Exit finish();
  // The run ends by an error, which is about to be thrown on: tells it in state.json where that can
  // still be written. Throws nothing.
  void give_up(const std::string& why) noexcept;
  std::string closing_words() const { return reporter_.closing_words(standing()); }

 private:
  void assign(Rank rank, const schedule::Assignment& assignment) override;
  void stop(Rank rank) override;
  void dismiss(Rank rank) override;
  void quarantine(std::span<const TrialIndex> trials, const std::string& reason) override;
  void drain(const std::string& host, const std::string& reason) override;

  void hear(Rank from, const Joined& message);
  void hear(Rank from, const Progressed& message);
  void hear(Rank from, const LaneDone& message);
  void hear(Rank from, const CheckpointSaved& message);
  void hear(Rank from, const BundleEnded& message);
  void hear(Rank from, const StopWanted& message);
  void hear(Rank from, const Sign& message);
  template <typename Other>
  void hear(Rank from, const Other&);

  // To all ranks: that this one lives, and what it does for so long from now on.
  void give_sign(const std::string& doing, double piece_s = 0);
  void abandon(const cluster::Silence& silence);
  void start_work(const grid::Study& work, int teams);
  void seat(Rank rank, const Joined& joined);
  TrialIndex trial_of(AttemptId attempt, int lane) const;
  void ended(CellIndex cell);
  bool all_joined() const { return static_cast<int>(crew_.teams().size()) == settings_.teams; }
  void start_search();
  void settle_search(TrialIndex trial, const spec::TrialResult* result);
  void go_on_searching();
  std::vector<TrialId> ids_of(std::span<const TrialIndex> trials) const;
  void record(const design::Window& window);
  void open(std::span<const TrialIndex> trials);
  bool audit_is_due() const;
  void start_audit();
  Exit outcome() const;
  Standing standing() const;

  const grid::Study& study_;
  const store::RunFolder& folder_;
  cluster::Transport& transport_;
  Settings settings_;
  Ledger ledger_;
  Crew crew_;
  cluster::Watchdog watchdog_;  // over all ranks that may get work
  Sign sign_;                   // the last one given
  double signed_s_ = 0;
  Reporter reporter_;
  std::unique_ptr<const grid::Study> audit_;  // its trials with twice the steps, once it has begun
  std::optional<schedule::Counts> study_counts_;  // at its end, once its audit has begun
  const grid::Study* work_;  // what the scheduler hands out: the study, then its audit
  std::unique_ptr<schedule::Scheduler> scheduler_;  // of work_
  std::unique_ptr<design::Search> search_;          // of the study, where its design is boundary
  bool searched_ = false;                           // its end was told to the scheduler
  Indexed<CellIndex, std::size_t> unfinished_;      // trials of work_ without an end
  std::vector<CellIndex> ended_cells_;  // to be reported once the journal is on the disk
  double ticked_s_ = 0;
  bool busy_ = false;
  bool stop_told_ = false;
};

}  // namespace surd::sweep
