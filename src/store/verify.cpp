#include "store/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "store/checkpoint.hpp"
#include "store/compare.hpp"
#include "store/journal.hpp"

namespace surd::store {
namespace {

void verify_checkpoints(const RunFolder& folder, const History& history, Verification& found) {
  std::map<std::string, std::vector<TrialId>> needed;
  for (const auto& [id, saved] : history.checkpoints) needed[saved.file].push_back(id);
  for (const auto& [file, ids] : needed) {
    ++found.checkpoints;
    const auto path = folder.checkpoints() / file;
    const auto damage = verify_checkpoint(path);
    found.damage.insert(found.damage.end(), damage.begin(), damage.end());
    if (!damage.empty()) continue;
    const std::vector<TrialId> held = checkpoint_trials(path);
    for (const TrialId& id : ids) {
      if (std::find(held.begin(), held.end(), id) == held.end()) {
        found.damage.push_back(fmt::format("{}: trial {} is not in it, though the journal says so",
                                           path.string(), id.value));
      }
    }
  }
}

void verify_ids(const History& history, const std::string& where, Verification& found) {
  if (history.opened && history.opened->numerics_version != spec::numerics_version)
    return;  // its ids cannot be computed here
  for (const auto& [id, done] : history.done) {
    if (spec::trial_id(done.trial()) != id)
      found.damage.push_back(
          fmt::format("{}: the settings of trial {} do not have this id", where, id.value));
  }
}

}  // namespace

Verification verify_run(const std::filesystem::path& run) {
  if (std::error_code code; !std::filesystem::exists(RunFolder(run).journal(), code) &&
                            std::filesystem::exists(RunFolder(run).results(), code)) {
    Verification cut;
    cut.damage.push_back(RunFolder(run).journal().string() + ": not there, though results.h5 is");
    return cut;
  }
  const RunFolder folder = RunFolder::existing(run);
  const std::string journal = folder.journal().string();
  Verification found;
  JournalContent content;
  found.damage = verify_journal(folder.journal(), content);
  const bool journal_whole = found.damage.empty();
  if (content.torn_bytes > 0) {
    found.notes.push_back(
        fmt::format("{}: unfinished last line of {} bytes at byte {}, cut off when the run goes on",
                    journal, content.torn_bytes, content.good_bytes));
  }
  const History history = replay(content.records);
  found.records = static_cast<std::int64_t>(content.records.size());
  found.trials_done = static_cast<std::int64_t>(history.done.size());
  for (const std::string& conflict : history.conflicts)
    found.damage.push_back(journal + ": " + conflict);
  if (history.unknown_records > 0)
    found.notes.push_back(fmt::format("{}: {} records of a newer surd were passed over", journal,
                                      history.unknown_records));
  verify_ids(history, journal, found);
  verify_checkpoints(folder, history, found);

  std::error_code code;
  if (!std::filesystem::exists(folder.results(), code)) {
    found.notes.push_back(folder.results().string() +
                          ": not there; `surd results rebuild` makes it");
    return found;
  }
  if (!journal_whole) {
    found.notes.push_back(folder.results().string() +
                          ": not compared, since the journal is damaged");
    return found;
  }
  const Comparison compared = compare_results(folder, history);
  found.damage.insert(found.damage.end(), compared.damage.begin(), compared.damage.end());
  found.notes.insert(found.notes.end(), compared.notes.begin(), compared.notes.end());
  return found;
}

}  // namespace surd::store
