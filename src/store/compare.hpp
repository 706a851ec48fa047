// results.h5 against the journal that it was made from.
#pragma once

#include <string>
#include <vector>

#include "store/history.hpp"
#include "store/run_folder.hpp"

namespace surd::store {

// For whoever is about to write results.h5 anew, under the journal's lock. InputError where the one
// that is there cannot come from this journal, which was then cut or exchanged, where a newer surd
// wrote it, and where it is no file. One that cannot be read for damage is moved to
// results.h5.damaged, which is logged: nothing is lost, and nobody has to read what he replaces.
void require_whole_journal(const RunFolder& folder, const History& history);

struct Comparison {
  std::vector<std::string> damage;  // a sentence each
  std::vector<std::string> notes;
};
// Reads without a lock, also while a run goes on. `history` is what the journal gave before.
Comparison compare_results(const RunFolder& folder, History history);

}  // namespace surd::store
