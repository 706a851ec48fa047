// results.h5: derived from the journal, for xarray, pandas, h5dump and surd-fit. Layout:
// docs/results.md. Reading: snapshot.hpp.
#pragma once

#include <filesystem>
#include <span>

#include "grid/study.hpp"
#include "store/history.hpp"
#include "store/snapshot.hpp"

namespace surd::store {

// Makes the file in memory and writes it with write_file_atomically. The deterministic columns
// depend on results and studies alone, not on the order of the journal. Error on any failure; the
// old file then still stands.
void write_results(const std::filesystem::path& path, std::span<const grid::Study> studies,
                   const History& history);
inline void write_results(const std::filesystem::path& path, const grid::Study& study,
                          const History& history) {
  write_results(path, std::span(&study, 1), history);
}

// results.h5 of a run folder from its journal alone, under the journal's lock. InputError where
// another process writes the run, or where results.h5 holds what the journal lacks (see
// require_whole_journal).
void rebuild_results(const std::filesystem::path& run);
// Whether the journal has something that changes the table and is not in these results yet. Errors
// as read_run.
bool is_stale(const Snapshot& results, const std::filesystem::path& journal);

}  // namespace surd::store
