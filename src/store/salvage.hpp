// A damaged journal: keeps what of it is whole, so that its run goes on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "store/journal_reader.hpp"

namespace surd::store {

struct SalvageReport {
  std::vector<std::string> faults;  // of the damaged journal; none: it is whole, nothing was done
  std::int64_t kept = 0;            // records
  std::vector<SeqRange> missing;    // numbers of those that are lost
  std::filesystem::path damaged;    // where the old journal lies now
  std::vector<std::string> trials;  // that had a result and have none any more, a sentence each
  std::vector<std::string> notes;   // what else is another, a sentence each
};

// Writes a new journal in the place of a damaged one, from all records whose checksum holds, with
// a Salvaged record wherever some are lost, and results.h5 from it. The old journal stays beside it
// as journal.damaged-N.jsonl, the old table as results.damaged-N.h5. Where the record of a trial's
// newest checkpoint is lost and the file is there, the trial goes on from that.
// InputError: another process writes the run, no run, a newer major version. Error on any failed
// system call: the damaged journal then still stands in its place.
SalvageReport salvage_run(const std::filesystem::path& run);

}  // namespace surd::store
