// Whether a run folder is whole: its journal, its checkpoints, and results.h5 against the journal.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "store/results.hpp"
#include "store/run_folder.hpp"

namespace surd::store {

struct Verification {
  std::vector<std::string> damage;  // a sentence each; empty: the folder is whole
  std::vector<std::string> notes;   // nothing wrong, but worth knowing: an unfinished last line,
                                    // results.h5 older than the journal
  std::int64_t records = 0;
  std::int64_t trials_done = 0;
  std::int64_t checkpoints = 0;  // files that unfinished trials need
};

// Reads without a lock, also while a run goes on. InputError where there is no run.
Verification verify_run(const std::filesystem::path& run);

}  // namespace surd::store
