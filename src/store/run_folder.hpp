// A run folder: where things lie, and state.json, by which other processes see what a run is doing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"

namespace surd::store {

class RunFolder {
 public:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  // For readers: InputError where there is no run in it.
  static RunFolder existing(const std::filesystem::path& path);
  // Makes the folder with checkpoints/ and log/, or leaves what is there. Error where it cannot.
  void create() const;
  // What a run that died was writing aside; under its lock. Temporaries of checkpoints go by
  // remove_stale_checkpoints.
  void remove_temporaries() const;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path study() const {
    return path_ / "study.yaml";
  }  // frozen, all defaults written out
  std::filesystem::path journal() const { return path_ / "journal.jsonl"; }
  std::filesystem::path results() const { return path_ / "results.h5"; }
  std::filesystem::path state() const { return path_ / "state.json"; }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  std::filesystem::path log() const { return path_ / "log"; }

 private:
  std::filesystem::path path_;
};

struct RankState {
  int rank = 0;
  std::string host;
  std::int64_t pid = 0;
  std::string doing;  // "lookup L=16 hidden=8 linear: 2 of 6 trials done, step 400 of 1000, best
                      // accuracy 0.931"
  bool operator==(const RankState&) const = default;
};

// Trials that a budget audit drew, to be trained anew with twice the steps.
struct AuditState {
  std::int64_t total = 0;
  std::int64_t done = 0;
  std::int64_t running = 0;
  std::int64_t failed = 0;  // quarantined
  std::int64_t solved = 0;  // of those done: now at least fit.tau on the test
  std::int64_t left() const { return total - done - running - failed; }
  bool operator==(const AuditState&) const = default;
};

// A number that a search is after, as the fit would report it now.
struct SoughtState {
  std::string name;             // "alpha linear", "delta alpha linear"
  std::optional<double> value;  // none: see reason
  std::optional<double> low;    // of its 95 % interval; none where it is open at that end
  std::optional<double> high;
  std::int64_t lengths = 0;  // that bracket the threshold
  std::string reason;        // why there is no value
  bool operator==(const SoughtState&) const = default;
};

// The search of a group of curves (design boundary), as of its last round.
struct SearchState {
  std::string group;
  std::int64_t rounds = 0;
  std::int64_t seeds = 0;              // asked for
  double flops = 0;                    // spent, and planned for what runs
  std::optional<double> budget_flops;  // that it may cost; none: no bound
  std::vector<SoughtState> sought;
  std::vector<std::string> open;  // lengths without a bracket: "linear above the widths: L 64"
  bool over = false;
  std::string reason;  // why its last round asked for nothing, or for less than it may
  bool operator==(const SearchState&) const = default;
};

struct RunState {
  std::string study;  // its name
  std::string phase;  // starting, running, stopping; at the end stopped (work is left) or
                      // over (complete)
  std::optional<int> exit_code;  // none before the end
  std::string sentence;          // what the exit code means here, and what to do next
  // Trials.
  std::int64_t total = 0;
  std::int64_t done = 0;
  std::int64_t running = 0;
  std::int64_t failed = 0;  // quarantined
  std::int64_t skipped = 0;
  std::int64_t left = 0;
  std::optional<AuditState>
      audit{};  // none where no trial was drawn; its trials are not among those above
  std::vector<SearchState> search{};  // a group each; empty under other designs
  std::optional<double> left_s;       // forecast; none while unknown
  double started_s = 0;               // since 1970
  double updated_s = 0;
  std::vector<RankState> ranks;
  bool operator==(const RunState&) const = default;
};

Json to_json(const RunState& state);
// Whole or not at all: a reader never sees half of it.
void write_state(const RunFolder& folder, const RunState& state);
// InputError where there is none; Error where it is damaged.
RunState read_state(const RunFolder& folder);

}  // namespace surd::store
