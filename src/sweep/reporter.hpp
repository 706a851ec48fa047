// What the user sees of a run: progress lines, logs of failures, state.json, the last sentence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/id.hpp"
#include "base/log.hpp"
#include "cluster/watchdog.hpp"
#include "design/search.hpp"
#include "grid/study.hpp"
#include "schedule/scheduler.hpp"
#include "store/run_folder.hpp"
#include "sweep/crew.hpp"
#include "sweep/ledger.hpp"

namespace surd::sweep {

// Whether nothing is left to do, be it that some trials were set aside.
constexpr bool is_complete(Exit exit) {
  return exit == Exit::complete || exit == Exit::quarantined;
}

// A run as it stands: what there is to tell.
struct Standing {
  const grid::Study& work;               // what is handed out: the study, or its audit
  const schedule::Scheduler& scheduler;  // of work
  const Ledger& ledger;
  const Crew& crew;
  std::vector<cluster::Silence> late{};     // ranks that may hang
  std::optional<schedule::Counts> study{};  // its counts at its end, while its audit runs
  Exit outcome = Exit::complete;            // once the scheduler is over

  bool is_audit() const { return study.has_value(); }
  schedule::Counts study_counts() const { return study ? *study : scheduler.counts(); }
};

class Reporter {
 public:
  // The run of so many teams begins now; `audit` as in Coordinator::Settings. study and folder
  // outlive it.
  Reporter(const grid::Study& study, const store::RunFolder& folder, int teams,
           std::optional<double> audit = {});

  // What is there already, and what the settings make impossible.
  void begin(const Ledger& ledger);
  void trained(std::int64_t tokens) { tokens_ += tokens; }
  // All trials of a cell of the work have ended.
  void cell_ended(const Standing& now, CellIndex cell) const;
  // The search asked for further rounds, or looked at what it has.
  void searched(std::vector<design::Progress> groups);
  // Writes log/attempt-NNNNNN.log; where it cannot, that is a warning, since the journal has the
  // message too.
  void attempt_failed(const Standing& now, const Attempt& failed, Rank rank,
                      const store::AttemptEnded& end) const;
  // Once in a loop turn: state.json every second, a line every ten.
  void turn(const Standing& now);
  // phase: see store::RunState. exit and sentence at the end. Where it cannot be written that is a
  // warning, one a minute.
  void write_state(const Standing& now, const std::string& phase, std::optional<Exit> exit = {},
                   const std::string& sentence = {});

  // What the exit code means here, and what to do next.
  std::string sentence(const Standing& now) const;
  // One sentence for the terminal: what was done, in what time, and what to do next.
  std::string closing_words(const Standing& now) const;
  double started_s() const { return started_s_; }  // steady clock

 private:
  std::string left_words(const Standing& now, double now_s) const;
  std::string doing(const Standing& now, Rank rank, const Joined& joined) const;
  std::optional<store::AuditState> audit_state(const Standing& now) const;
  std::string audit_words(const Standing& now) const;
  std::string search_words() const;
  std::string command_to_go_on() const;

  const grid::Study& study_;
  const store::RunFolder& folder_;
  int teams_;
  std::optional<double> audit_;
  double started_s_;
  double started_unix_s_;
  double told_s_ = 0, state_written_s_ = 0;
  std::size_t done_at_start_ = 0;
  log::Seldom trouble_;
  std::vector<design::Progress> search_;  // empty without one
  std::int64_t tokens_ = 0;               // of the trials that ended in this run
};

}  // namespace surd::sweep
