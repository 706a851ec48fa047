// results.h5: derived from the journal, for xarray, pandas, h5dump and surd-fit. Layout: design document, "results.h5".
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "store/audit.hpp"
#include "store/history.hpp"
#include "store/table.hpp"

namespace surd::store {

// Makes the file in memory and writes it with write_file_atomically. The deterministic columns depend on results and studies alone, not on the order
// of the journal. Error on any failure; the old file then still stands.
void write_results(const std::filesystem::path& path, std::span<const grid::Study> studies, const History& history);
inline void write_results(const std::filesystem::path& path, const grid::Study& study, const History& history) {
  write_results(path, std::span(&study, 1), history);
}

// The studies that a journal's table is made of, parsed from their frozen texts. InputError where there is none, or where their trials have other ids
// in this program because numerics_version was raised since.
std::vector<grid::Study> studies_of(const History& history, const std::string& where);
// The table that a journal alone gives. `where` names the journal in messages.
std::vector<ResultRow> rows_of(const History& history, const std::string& where);
// The same for the audit's table.
std::vector<AuditRow> audit_rows_of(const History& history, const std::string& where);
// results.h5 of a run folder from its journal alone, under the journal's lock. InputError where another process writes the run, or where results.h5
// holds what the journal lacks (see require_whole_journal).
void rebuild_results(const std::filesystem::path& run);
// How many records of its journal a results.h5 was made from; nothing where it does not say. Errors as read_results.
std::optional<std::int64_t> known_records(const std::filesystem::path& results);
// Whether the journal has something that changes the table and is not in results.h5 yet. Errors as read_results.
bool is_stale(const std::filesystem::path& results, const std::filesystem::path& journal);

// The rows of a results.h5, or of a run folder: from its results.h5, or from its journal where that is newer or the file is not there.
// InputError: no such file, not HDF5, a newer major format_version. Error: damage.
std::vector<ResultRow> read_results(const std::filesystem::path& path);
// The audit's table, of what read_results reads; empty where there was no audit. The same errors.
std::vector<AuditRow> read_audit(const std::filesystem::path& path);

// Where results come from: what a report says about them.
struct Provenance {
  std::string program_version{};  // of the program that trained
  std::string revision{};
  std::int64_t numerics_version = 0;
  std::string machine{};
  std::string study_name{};  // several of a merge are separated by commas
  std::string question{};    // of the study; empty where it asks none or is not read by this program
  std::string study{};       // frozen text, whole
  std::int64_t attempts = 0;
  double attempts_s = 0;  // wall time of all finished attempts together
  std::set<std::string> hosts{};
  std::set<std::string> devices{};
  std::optional<double> start_s{};  // of the first attempt, since 1970
  std::optional<double> end_s{};    // of the last that ended
};
// Of what read_results reads at the same path; the same errors.
Provenance read_provenance(const std::filesystem::path& path);
// How the study asks to be fitted; nothing where merged studies disagree, or in a file that does not say. The same errors.
std::optional<grid::FitSettings> read_fit_settings(const std::filesystem::path& path);

}  // namespace surd::store
