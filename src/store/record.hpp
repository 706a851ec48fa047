// The records of a journal: one struct a kind. What is written here is read for ever: keys may be
// added, never renamed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "base/id.hpp"
#include "base/json.hpp"
#include "spec/attempt_end.hpp"
#include "spec/result.hpp"
#include "spec/trial.hpp"

namespace surd::store {

// "MAJOR.MINOR" of journal and results.h5. A newer major is refused; a newer minor only adds.
constexpr int format_major = 1;
constexpr int format_minor = 0;
std::string format_version();
// The major of "1.0"; Error where the text is no version.
int major_of(const std::string& version, const std::string& where);
// A file of a newer major version than this program's.
class NewerFormat : public InputError {
 public:
  using InputError::InputError;
};
// NewerFormat, which names `where`, where it is one.
void require_readable(const std::string& version, const std::string& where);

// How a study was asked for: enough to ask for it again.
struct StudyRequest {
  std::string file{};  // as it was named; empty where it is not known (earlier programs)
  std::vector<std::string> overrides{};  // key=value
  bool operator==(const StudyRequest&) const = default;
};

// A program began (or went on with) the study; the last one says which trials make the table.
struct StudyOpened {
  std::string program_version;
  std::string revision;
  int numerics_version = 0;
  std::string machine;  // processor, instruction set, devices, in words
  std::string host;
  std::string study;  // the frozen study file, whole
  double time_s = 0;  // since 1970, as all times here
  StudyRequest request{};
  bool operator==(const StudyOpened&) const = default;
};

struct AttemptStarted {
  AttemptId attempt;
  std::vector<TrialId> trials;
  std::vector<int> ranks;  // the team
  std::string host;        // of the team's first rank
  std::string device;      // kind and instruction set, e.g. "cpu avx2", "NVIDIA H100 80GB HBM3":
                           // results of one device text must be equal bit for bit
  std::string slurm_job;   // empty: none
  int data_parallel = 1;
  double time_s = 0;
  bool operator==(const AttemptStarted&) const = default;
};

struct CheckpointWritten {
  AttemptId attempt;
  std::string file;             // name inside RUN/checkpoints
  std::vector<TrialId> trials;  // whose state it holds
  double time_s = 0;
  std::vector<int> steps{};  // that each of them has done; empty in journals of earlier programs
  bool operator==(const CheckpointWritten&) const = default;
};

struct TrialDone {
  TrialId id;
  std::shared_ptr<const spec::Cell>
      cell;  // not null; shared with other trials of the cell (CellPool)
  double learning_rate = 0;
  std::uint64_t seed = 0;
  spec::TrialResult result;
  AttemptId attempt;
  spec::Trial trial() const { return {*cell, learning_rate, seed}; }
};
// Of a trial that stands alone: it gets a copy of its cell.
TrialDone trial_done(const spec::Trial& trial, spec::TrialResult result, AttemptId attempt);

// Keeps the settings of each cell once, however many trials name them.
class CellPool {
 public:
  std::shared_ptr<const spec::Cell> share(const spec::Cell& cell);

 private:
  std::unordered_multimap<std::size_t, std::shared_ptr<const spec::Cell>>
      cells_;  // by a hash of what mostly differs
};

struct AttemptEnded {
  AttemptId attempt;
  spec::AttemptEnd cause = spec::AttemptEnd::finished;
  std::string message;
  std::string host;
  double time_s = 0;
  double seconds = 0;  // wall time of the attempt
  bool operator==(const AttemptEnded&) const = default;
};

struct Quarantined {
  std::vector<TrialId> trials;
  std::string reason;
  std::string log;  // the last lines of what went wrong
  double time_s = 0;
  bool operator==(const Quarantined&) const = default;
};

struct AuditedTrial {
  TrialId original;
  TrialId audit;  // the same with twice the steps
  bool operator==(const AuditedTrial&) const = default;
};

// A budget audit drew these trials, to train them anew.
struct AuditDrawn {
  double share = 0;  // of the unsolved seeds
  std::vector<AuditedTrial> trials;
  double time_s = 0;
  bool operator==(const AuditDrawn&) const = default;
};

// A search (design boundary) asked for these trials in a round.
struct Proposed {
  std::string group;            // of curves that are searched together
  int round = 0;                // from 1 within the group
  std::vector<TrialId> trials;  // none: see reason
  std::string reason;           // why it is empty, or smaller than it may be
  double time_s = 0;
  bool operator==(const Proposed&) const = default;
};

// The pilot of a cell chose its learning rates.
struct WindowChosen {
  std::vector<TrialId> pilots;  // its trials, by learning rate
  std::vector<double> rates;    // ascending
  double time_s = 0;
  bool operator==(const WindowChosen&) const = default;
};

struct RunEnded {
  int exit_code = 0;  // as in base/error.hpp
  std::string sentence;
  double time_s = 0;
  bool operator==(const RunEnded&) const = default;
};

// The journal was made from several: the table has the trials of all these studies.
struct Merged {
  std::vector<std::string> studies;  // frozen texts
  std::vector<std::string> sources;  // the run folders, as named
  double time_s = 0;
  bool operator==(const Merged&) const = default;
};

// In a journal that was salvaged: here stood records that are lost. The numbers of those behind it
// are new ones.
struct Salvaged {
  std::string file;  // the damaged journal, in the run folder
  std::vector<std::pair<std::int64_t, std::int64_t>> missing;  // numbers in it, first and last
  std::vector<TrialId> restarted;  // whose checkpoint is gone too: they start from their first step
  double time_s = 0;
  bool operator==(const Salvaged&) const = default;
};

// Of a later minor version: kept in the file, counted, not understood.
struct UnknownRecord {
  std::string type;
  bool operator==(const UnknownRecord&) const = default;
};

using Record = std::variant<StudyOpened, AttemptStarted, CheckpointWritten, TrialDone, AttemptEnded,
                            Quarantined, AuditDrawn, Proposed, WindowChosen, RunEnded, Merged,
                            Salvaged, UnknownRecord>;

// With the key "type", without seq and checksum. Error for an UnknownRecord: nobody writes those.
Json to_json(const Record& record);
Record record_from_json(const Json& json, CellPool& cells);  // Error on damage

// Whether results.h5 is another with it.
bool changes_table(const Record& record);

// Whether two results agree in everything that is deterministic: all but seconds. NaN equals NaN.
bool same_result(const spec::TrialResult& a, const spec::TrialResult& b);

}  // namespace surd::store
