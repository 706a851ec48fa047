// Several run folders into one: the union of their finished trials.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "store/results.hpp"

namespace surd::store {

struct MergeReport {
  std::int64_t trials = 0;         // finished ones in the new folder
  std::int64_t shared = 0;         // that several runs had, with equal results
  std::vector<std::string> notes;  // results that differ between classes (the first is kept), and
                                   // what was left behind, a sentence each
};

// Makes `out` with a journal of all attempts and finished trials and a results.h5 with the trials
// of all studies; checkpoints are left behind. Results of one trial must be equal within a class:
// the same device text throughout, deterministic. InputError where they differ there, where `out`
// holds a run already, where the runs have different numerics, or where a folder is named twice.
// Nothing is made then.
MergeReport merge_runs(std::span<const std::filesystem::path> runs,
                       const std::filesystem::path& out);

}  // namespace surd::store
