// What a run knows for certain: its journal, what the journal adds up to, and the files of the run
// folder that follow from it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/log.hpp"
#include "grid/study.hpp"
#include "schedule/scheduler.hpp"
#include "store/history.hpp"
#include "store/journal.hpp"
#include "store/run_folder.hpp"

namespace surd::sweep {

// How a run was started, as far as its journal is concerned.
struct Start {
  std::string machine{};  // for provenance
  store::StudyRequest request{};
  bool shrink = false;  // finished trials may leave the study
};

class Ledger {
 public:
  // Takes the run folder's lock and reads the journal; ends the attempts of a run that died, opens
  // the study, writes the frozen study.yaml and tidies up checkpoints/. InputError where another
  // process has the folder, where results.h5 knows more than the journal, or where finished trials
  // would leave the study unasked (nothing is written then); Error where the journal is damaged.
  // study and folder outlive it.
  Ledger(const grid::Study& study, const store::RunFolder& folder, const Start& start);

  const store::History& history() const { return history_; }
  // Trials of the study that this audit and earlier ones drew.
  const std::vector<store::AuditedTrial>& drawn() const { return drawn_; }
  // What the scheduler is to know of the trials of `work`: the study, or its audit.
  Indexed<TrialIndex, schedule::Past> past(const grid::Study& work) const;

  void record(const store::Record& record);
  // A trial of `work` got its result.
  void record_done(const grid::Study& work, const grid::StudyTrial& trial,
                   const spec::TrialResult& result, AttemptId attempt);
  // Quarantines the trials of `work` that processes were lost with too often (schedule::is_fatal).
  void set_aside_fatal(const grid::Study& work);

  // Once in a loop turn. Where something was recorded that a worker, the user or a restart counts
  // on, it is on the disk afterwards, and checkpoints that nobody needs any more are removed: true.
  // Else it is written without fsync.
  bool settle();
  // See store::WriterLock::beat.
  void beat() { journal_.beat(); }

  // Error where the disk refuses.
  void write_results();
  // Whether results changed and were not written for run.results_s.
  bool results_are_due(double now_s) const;
  // Where they are due; a failure is only a warning.
  void renew_results(double now_s);
  // How long it takes to write them, the last time considered.
  double results_forecast_s() const;
  // Writes results.h5 and the end of the run.
  void close(Exit exit, const std::string& sentence);

 private:
  store::StudyRequest whole_request(const store::StudyRequest& request) const;
  void make_durable();
  void remove_unneeded_checkpoints();
  std::vector<store::AuditedTrial> drawn_trials() const;

  const grid::Study& study_;
  const store::RunFolder& folder_;
  store::Journal journal_;
  store::History history_;
  store::CellPool cells_;                   // of the records that this run appends
  std::vector<store::AuditedTrial> drawn_;  // of history_.audits
  std::set<std::string> checkpoint_files_;  // that may lie in the folder
  log::Seldom trouble_;
  bool must_sync_ = false;
  bool results_stale_ = true;
  double results_written_s_ = 0;
  double results_took_s_ = 0;
};

}  // namespace surd::sweep
