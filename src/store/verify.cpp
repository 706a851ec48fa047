#include "store/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/files.hpp"
#include "store/checkpoint.hpp"
#include "store/compare.hpp"
#include "store/journal.hpp"

namespace surd::store {
namespace {

void verify_checkpoints(const RunFolder& folder, const History& history, Verification& found) {
  std::map<std::string, std::vector<TrialId>> needed;
  for (const auto& [id, saved] : history.checkpoints) needed[saved.file].push_back(id);
  const bool journal_whole = found.damage.empty();
  for (const auto& [file, ids] : needed) {
    ++found.checkpoints;
    const auto path = folder.checkpoints() / file;
    std::error_code code;
    if (!journal_whole && !std::filesystem::exists(path, code))
      continue;  // the record by which it went may be the one that the journal lacks
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

std::string salvaged_words(const History& history, const std::string& where) {
  std::int64_t missing = 0;
  for (const Salvaged& gap : history.salvaged) {
    for (const auto& [first, last] : gap.missing) missing += last - first + 1;
  }
  return fmt::format("{}: salvaged from {}, which lacked {} records", where,
                     history.salvaged.back().file, missing);
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
  const JournalSurvey survey = survey_journal(read_file(folder.journal()), folder.journal());
  found.damage = survey.faults;
  const bool journal_whole = found.damage.empty();
  if (survey.torn_bytes > 0 && journal_whole) {
    found.notes.push_back(fmt::format(
        "{}: unfinished last line of {} bytes at byte {}, which goes to journal.tail when the run "
        "goes on",
        journal, survey.torn_bytes, survey.good_bytes));
  }
  if (!journal_whole) found.notes.push_back(ways_on(survey, folder.journal()));
  History history;
  for (const SurveyedRecord& record : survey.records) history.apply(record.record);
  found.records = static_cast<std::int64_t>(survey.records.size());
  found.trials_done = static_cast<std::int64_t>(history.done.size());
  if (journal_whole) {  // else they follow from what is not there
    for (const std::string& conflict : history.conflicts)
      found.damage.push_back(journal + ": " + conflict);
  }
  if (!history.salvaged.empty()) found.notes.push_back(salvaged_words(history, journal));
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
