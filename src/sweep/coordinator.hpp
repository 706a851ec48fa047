// The coordinator: turns messages of workers into events of the scheduler, the scheduler's wishes into messages, and both into records.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "cluster/transport.hpp"
#include "grid/study.hpp"
#include "schedule/scheduler.hpp"
#include "store/history.hpp"
#include "store/journal.hpp"
#include "store/run_folder.hpp"
#include "sweep/message.hpp"

namespace surd::sweep {

class Coordinator : private schedule::Outbox {
 public:
  struct Settings {
    std::string machine;                   // for the journal
    int teams = 1;                         // that will join
    std::function<bool()> stop_signalled;  // a stop signal reached this process
    std::optional<double> audit{};         // share of the unsolved seeds that a budget audit draws once the study is complete; none: no audit
  };

  // Takes the run folder's lock, reads the journal, writes the frozen study. InputError where another process has the folder; Error where the journal
  // is damaged. study, folder and transport outlive it.
  Coordinator(const grid::Study& study, const store::RunFolder& folder, cluster::Transport& transport, Settings settings);

  // Handles everything that has arrived, syncs the journal if a result or a checkpoint is in it, writes state and results when due.
  // False once the study is over and everyone is dismissed. Never waits.
  bool turn();
  // Whether the last turn found something to do: callers sleep otherwise.
  bool busy() const { return busy_; }

  // Writes what remains: results.h5, the end of the run, state.json. Returns the exit code.
  Exit finish();
  // The run ends by an error, which is about to be thrown on: tells it in state.json where that can still be written. Throws nothing.
  void give_up(const std::string& why) noexcept;
  // One sentence for the terminal: what was done, in what time, and what to do next.
  std::string closing_words() const;

 private:
  struct Team {
    Joined joined;
    AttemptId attempt{};  // 0: idle
    bool dismissed = false;
  };
  struct Attempt {
    std::vector<std::size_t> trials;  // indices into work_->trials, by lane
    std::string host;
    double start_s = 0;
  };
  struct Completed {  // the study, while its audit runs
    schedule::Counts counts;
    Exit outcome = Exit::complete;
  };

  void assign(Rank rank, const schedule::Assignment& assignment) override;
  void stop(Rank rank) override;
  void dismiss(Rank rank) override;
  void quarantine(std::span<const std::size_t> trials, const std::string& reason) override;
  void drain(const std::string& host, const std::string& reason) override;

  void hear(Rank from, const Joined& message);
  void hear(Rank from, const Progressed& message);
  void hear(Rank from, const LaneDone& message);
  void hear(Rank from, const CheckpointSaved& message);
  void hear(Rank from, const BundleEnded& message);
  void hear(Rank from, const StopWanted& message);
  template <typename Other>
  void hear(Rank from, const Other&);

  void start_work(const grid::Study& work, int teams);
  void set_aside_fatal(const grid::Study& work);
  void seat(Rank rank, const Joined& joined);
  bool audit_is_due() const;
  void start_audit();
  std::vector<store::AuditedTrial> drawn_trials() const;
  std::optional<store::AuditState> audit_state() const;
  std::string audit_words() const;
  Exit outcome() const;

  void record(const store::Record& record);
  void make_durable();
  const Attempt& attempt(AttemptId id) const;
  void report_cell(std::size_t cell);
  void report_progress(bool always);
  void write_state(const std::string& phase, std::optional<Exit> exit = {}, const std::string& sentence = {});
  std::string doing(Rank rank, const Joined& joined) const;
  void write_log(const Attempt& failed, Rank rank, const store::AttemptEnded& end) const;
  void write_results();
  void refresh_results();  // as write_results, but a failure is only a warning
  std::string sentence() const;
  void remove_unneeded_checkpoints();
  std::vector<schedule::Past> past() const;

  const grid::Study& study_;
  const store::RunFolder& folder_;
  cluster::Transport& transport_;
  Settings settings_;
  store::Journal journal_;
  store::History history_;
  store::CellPool cells_;                           // of the records that this run appends
  const grid::Study* work_;                         // what the scheduler hands out: the study, then its audit
  std::unique_ptr<schedule::Scheduler> scheduler_;  // of work_
  std::optional<Completed> completed_;              // the study, once its audit has begun
  std::unique_ptr<const grid::Study> audit_;        // its trials with twice the steps
  std::vector<store::AuditedTrial> drawn_;          // by this audit and earlier ones, as far as they are in the study
  std::map<Rank, Joined> ranks_;                    // that have said that they are here, those that lead no team too
  std::map<Rank, Team> teams_;                      // by first rank
  std::map<AttemptId, Attempt> attempts_;           // running
  std::vector<std::size_t> unfinished_;             // cell of work_ -> trials without an end
  std::vector<std::size_t> ended_cells_;            // to be reported once the journal is on the disk
  double started_s_;
  double started_unix_s_;
  double told_s_ = 0, state_written_s_ = 0, results_written_s_ = 0, ticked_s_ = 0;
  std::size_t done_at_start_ = 0;
  std::int64_t tokens_ = 0;                 // of the trials that ended in this run
  std::set<std::string> checkpoint_files_;  // that may lie in the folder
  bool must_sync_ = false;
  bool results_stale_ = true;
  bool busy_ = false;
  bool stop_told_ = false;
};

}  // namespace surd::sweep
