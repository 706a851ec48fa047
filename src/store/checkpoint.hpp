// One checkpoint file a bundle attempt, readable trial by trial. What a lane's bytes mean is the
// trainer's business. Layout (little-endian): "SURDCKPT", u32 version, u32 bytes of the index, u64
// checksum of all of that and the index, the index as JSON
// {"lanes": [{"id", "offset", "bytes", "checksum"}]} with offsets from the index's end, then the
// lanes' bytes.
#pragma once

#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/id.hpp"

namespace surd::store {

struct LaneState {
  TrialId id;
  std::string bytes;
};

// "attempt-000012.ckpt": a later checkpoint of the same attempt replaces the earlier one.
std::string checkpoint_name(AttemptId attempt);
// Of "attempt-000012.ckpt" or "attempt-000012-0003.ckpt"; 0 of any other name.
AttemptId attempt_of_checkpoint(const std::string& name);

// Made aside, as a NewFile. Error on any failure, also where an id comes twice; an older file at
// `path` then still stands, and nothing of the new one stays.
void write_checkpoint(const std::filesystem::path& path, std::span<const LaneState> lanes);

// Error naming the file and the damaged part; Error where the trial is not in it; InputError where
// there is no such file or its version is newer.
std::string read_checkpoint(const std::filesystem::path& path, const TrialId& id);

// The trials in it, in the order written; reads only the index.
std::vector<TrialId> checkpoint_trials(const std::filesystem::path& path);

// Everything that is wrong with the file, a sentence each.
std::vector<std::string> verify_checkpoint(const std::filesystem::path& path);

// Removes checkpoint files and left-over temporaries of `folder` whose names are not in `needed`;
// gives the number removed. What cannot be removed is a warning. No process may be writing a
// checkpoint of another name meanwhile.
int remove_stale_checkpoints(const std::filesystem::path& folder,
                             const std::set<std::string>& needed);

}  // namespace surd::store
