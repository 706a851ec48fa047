// What a journal says, added up: the state from which a run goes on and the tables are made. The
// same whatever the order of finished trials.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "store/record.hpp"

namespace surd::store {

struct DoneTrial {
  std::shared_ptr<const spec::Cell> cell;  // as in the record
  double learning_rate = 0;
  std::uint64_t seed = 0;
  spec::TrialResult result;
  AttemptId attempt;
  spec::Trial trial() const { return {*cell, learning_rate, seed}; }
};

struct Attempt {
  AttemptStarted start;
  std::optional<AttemptEnded> end;  // none: it is running, or its run died
};

// The state of an unfinished trial in its newest checkpoint.
struct Saved {
  std::string file;   // in RUN/checkpoints
  AttemptId attempt;  // that wrote it
  int step = 0;       // that it has done; 0 in journals of earlier programs
  bool operator==(const Saved&) const = default;
};

// A trial's attempts in a row whose process went away before they got anywhere with it (no
// checkpoint of it): it may be what ends the process.
struct Losses {
  std::vector<AttemptId> attempts;
  std::size_t together =
      0;  // unfinished trials that the last one's run lost at once, this one included
};

struct History {
  std::map<TrialId, DoneTrial> done;
  std::map<TrialId, Saved> checkpoints;  // of unfinished trials
  std::map<AttemptId, Attempt> attempts;
  std::map<TrialId, std::vector<AttemptId>> attempts_of;  // every attempt that held the trial
  std::map<TrialId, std::vector<AttemptId>>
      failures;  // those that failed or were lost while the trial was unfinished
  std::map<TrialId, Losses>
      losses;  // of unfinished trials; none where a team's failure ended the run
  std::map<TrialId, std::string> quarantined;  // with the reason
  std::map<TrialId, TrialId> audits;  // drawn by a budget audit -> the trial with twice the steps
  // Rounds of a search, in the journal's order. An empty one, which is no result but a pause, is
  // forgotten once another study was opened: the search goes on then.
  std::vector<Proposed> proposals;
  std::map<TrialId, std::vector<double>> windows;  // pilot trial -> learning rates of its cell
  std::vector<std::string>
      studies;  // frozen texts whose trials make the table: the last study, or those of a merge
  std::vector<StudyRequest>
      requests;  // that opened it, each once, the last one last; none from before a merge
  std::optional<StudyOpened> opened;   // the last
  std::optional<RunEnded> ended;       // none: never ended, or opened again since
  std::vector<std::string> conflicts;  // sentences: a trial done twice with different results (the
                                       // first stands), unknown attempts
  std::int64_t records = 0;            // applied so far
  std::int64_t unknown_records = 0;
  std::vector<Salvaged> salvaged;  // where the journal lost records
  AttemptId highest_attempt;       // that any record names

  // What apply() needs to know of the run that is being replayed.
  std::vector<TrialId> lost;  // without having got anywhere, since the study was last opened
  bool team_failed = false;   // which ends all attempts

  // Adds the next record; a run applies what it appends, so it never has to read its own journal.
  void apply(const Record& record);
  // Attempts without an end: after a crash those whose process went away.
  std::vector<AttemptId> open_attempts() const;
  // The ends of those that failed while the trial was unfinished, oldest first. Lost attempts are
  // none: all that ran went away together.
  std::vector<const AttemptEnded*> failed_attempts(const TrialId& trial) const;
  // One more than the highest so far, those included whose start is lost.
  AttemptId next_attempt() const;
  // Files in RUN/checkpoints that some unfinished trial still needs.
  std::set<std::string> needed_checkpoints() const;
};

History replay(std::span<const Record> records);

}  // namespace surd::store
