#include "store/salvage.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/clock.hpp"
#include "base/file_calls.hpp"
#include "base/files.hpp"
#include "base/new_file.hpp"
#include "store/checkpoint.hpp"
#include "store/journal.hpp"
#include "store/journal_line.hpp"
#include "store/results.hpp"
#include "store/run_folder.hpp"
#include "store/snapshot.hpp"
#include "store/spare_name.hpp"

namespace surd::store {
namespace {

constexpr std::size_t id_digits = 32;

// Holds the lock of a journal that cannot be read as a whole.
class LockedFile {
 public:
  explicit LockedFile(const std::filesystem::path& path) : fd_(file_calls::open(path, O_RDWR)) {
    if (fd_ < 0)
      throw Error(
          {.what = fmt::format("cannot open: {}", std::strerror(errno)), .where = path.string()});
    try {
      lock_.emplace(fd_, lock_file_of(path));
    } catch (...) {
      ::close(fd_);
      throw;
    }
  }
  ~LockedFile() {
    lock_.reset();
    ::close(fd_);
  }
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;

 private:
  int fd_;
  std::optional<WriterLock> lock_;
};

// The lines of the new journal and what they add up to.
class NewJournal {
 public:
  NewJournal() : bytes(journal_header()) {}

  void add(const Record& record, Json json) {
    bytes += journal_line(std::move(json), ++seq_);
    history.apply(record);
  }
  void add(const Record& record) { add(record, to_json(record)); }

  std::string bytes;
  History history;

 private:
  std::int64_t seq_ = 0;
};

// The whole records in the order of their numbers, each once, and a word wherever some are lost.
NewJournal whole_records(const JournalSurvey& survey, std::string_view bytes,
                         const std::string& damaged_name, double now_s) {
  std::vector<const SurveyedRecord*> ordered;
  for (const SurveyedRecord& record : survey.records) ordered.push_back(&record);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto* a, const auto* b) { return a->seq < b->seq; });
  NewJournal journal;
  auto gap = survey.missing.begin();
  const auto say_gaps_before = [&](std::int64_t seq) {
    for (; gap != survey.missing.end() && gap->first < seq; ++gap)
      journal.add(Salvaged{damaged_name, {{gap->first, gap->last}}, {}, now_s});
  };
  std::string_view before;
  for (const SurveyedRecord* record : ordered) {
    const std::string_view line = bytes.substr(record->begin, record->end - record->begin);
    if (line == std::exchange(before, line)) continue;  // the same line twice
    say_gaps_before(record->seq);
    journal.add(record->record, parse_journal_line(line));
  }
  say_gaps_before(std::numeric_limits<std::int64_t>::max());
  return journal;
}

// Checkpoints in the folder that are whole and hold unfinished trials whose newest one, as the
// journal has it, is not there: the record of a newer one is lost. Oldest first.
std::vector<CheckpointWritten> unrecorded_checkpoints(const RunFolder& folder,
                                                      const History& history, double now_s) {
  std::set<std::filesystem::path> files;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(folder.checkpoints(), code)) {
    if (entry.path().extension() == ".ckpt") files.insert(entry.path());
  }
  const auto is_wanted = [&](const TrialId& id) {
    if (history.done.contains(id)) return false;
    const auto saved = history.checkpoints.find(id);
    return saved == history.checkpoints.end() ||
           !std::filesystem::exists(folder.checkpoints() / saved->second.file, code);
  };
  std::vector<CheckpointWritten> found;
  for (const auto& file : files) {  // by attempt and number
    if (!verify_checkpoint(file).empty()) continue;
    CheckpointWritten written{
        attempt_of_checkpoint(file.filename().string()), file.filename().string(), {}, now_s, {}};
    for (TrialId& id : checkpoint_trials(file)) {
      if (is_wanted(id)) written.trials.push_back(std::move(id));
    }
    if (!written.trials.empty() && written.attempt != AttemptId{})
      found.push_back(std::move(written));
  }
  return found;
}

std::vector<TrialId> without_checkpoint_file(const RunFolder& folder, const History& history) {
  std::vector<TrialId> ids;
  std::error_code code;
  for (const auto& [id, saved] : history.checkpoints) {
    if (!std::filesystem::exists(folder.checkpoints() / saved.file, code)) ids.push_back(id);
  }
  return ids;
}

// Why it is known that trials without a result once had one.
std::map<TrialId, std::string> lost_results(const RunFolder& folder, const JournalSurvey& survey,
                                            std::string_view bytes, const History& history) {
  std::map<TrialId, std::string> lost;
  const auto note = [&](const TrialId& id, const std::string& why) {
    if (!history.done.contains(id)) lost.emplace(id, why);
  };
  try {
    if (std::filesystem::exists(folder.results())) {
      const auto snapshot = read_run(folder.results());
      for (const ResultRow& row : snapshot->rows()) {
        if (row.status == "finished" || row.status == "diverged")
          note({row.id}, "results.h5 has it");
      }
      for (const AuditRow& row : snapshot->audit()) {
        if (row.status == "finished" || row.status == "diverged")
          note({row.audit_id}, "results.h5 has it");
      }
    }
  } catch (const std::exception&) {  // damaged too: the journal alone tells
  }
  constexpr std::string_view id_key = "\"id\":\"";
  for (const auto& [begin, end] : survey.damaged_bytes) {
    const std::string_view line = bytes.substr(begin, end - begin);
    for (std::size_t at = 0; (at = line.find(id_key, at)) != std::string_view::npos;) {
      at += id_key.size();
      const std::size_t digits =
          std::min(line.find_first_not_of("0123456789abcdef", at), line.size()) - at;
      if (digits == id_digits)
        note({std::string(line.substr(at, digits))}, "its record is damaged");
    }
  }
  for (const auto& [id, attempt] : history.attempts) {
    if (!attempt.end || attempt.end->cause != spec::AttemptEnd::finished) continue;
    for (const TrialId& trial : attempt.start.trials)
      note(trial, fmt::format("attempt {} ended with it", id.value));
  }
  return lost;
}

// The studies that the journal still names, else the frozen one of the folder; none where that is
// not to be read either.
std::vector<grid::Study> known_studies(const RunFolder& folder, const History& history,
                                       std::vector<std::string>& notes) {
  try {
    if (!history.studies.empty()) return studies_of(history, folder.journal().string());
    notes.push_back(fmt::format(
        "the record of the study is lost, so results.h5 is not made: `surd run {}` goes on with "
        "its study.yaml and makes it",
        folder.path().string()));
    return {grid::parse_study(read_file(folder.study()), folder.study().string())};
  } catch (const Error& error) {
    notes.push_back(error.what());
    return {};
  }
}

std::string describe_lost(const std::vector<grid::Study>& studies, const TrialId& id,
                          const std::string& why, const History& history) {
  std::string words = fmt::format("trial {}", id.value);
  for (const grid::Study& study : studies) {
    const auto trial = std::find_if(study.trials.begin(), study.trials.end(),
                                    [&](const auto& candidate) { return candidate.id == id; });
    if (trial == study.trials.end()) continue;
    words +=
        fmt::format(" ({}, learning rate {}, seed {})", grid::describe(study.cells[trial->cell]),
                    trial->learning_rate, trial->seed);
    break;
  }
  const auto saved = history.checkpoints.find(id);
  return fmt::format("{}: {}; {}", words, why,
                     saved == history.checkpoints.end() ? "it is trained again"
                                                        : "it goes on from its checkpoint");
}

void write_table(const RunFolder& folder, SalvageReport& report) {
  try {
    Journal journal(folder.journal());
    const History history = replay(journal.take_records());
    write_results(folder.results(), studies_of(history, folder.journal().string()), history);
  } catch (const InputError& error) {  // another process goes on with the run already, or no study
    report.notes.push_back(fmt::format("results.h5 is not made: {}", error.what()));
  }
}

}  // namespace

SalvageReport salvage_run(const std::filesystem::path& run) {
  const RunFolder folder = RunFolder::existing(run);
  SalvageReport report;
  std::optional<LockedFile> locked(folder.journal());
  const std::string bytes = read_file(folder.journal());
  const JournalSurvey survey = survey_journal(bytes, folder.journal());
  report.faults = survey.faults;
  report.kept = static_cast<std::int64_t>(survey.records.size());
  report.missing = survey.missing;
  if (survey.faults.empty()) return report;

  const double now_s = unix_time_s();
  report.damaged = keep_beside(folder.journal(), "damaged");
  const std::string damaged_name = report.damaged.filename().string();
  NewJournal journal = whole_records(survey, bytes, damaged_name, now_s);
  for (const CheckpointWritten& found : unrecorded_checkpoints(folder, journal.history, now_s))
    journal.add(found);
  const std::vector<TrialId> restarted = without_checkpoint_file(folder, journal.history);
  if (!restarted.empty() || survey.missing.empty())
    journal.add(Salvaged{damaged_name, {}, restarted, now_s});

  const std::vector<grid::Study> studies = known_studies(folder, journal.history, report.notes);
  for (const auto& [id, why] : lost_results(folder, survey, bytes, journal.history))
    report.trials.push_back(describe_lost(studies, id, why, journal.history));
  if (std::filesystem::exists(folder.results()))
    report.notes.push_back(
        fmt::format("the table as it was: {}", keep_beside(folder.results(), "damaged").string()));
  write_file_atomically(folder.journal(), journal.bytes);
  locked.reset();
  if (!journal.history.studies.empty()) write_table(folder, report);
  return report;
}

}  // namespace surd::store
