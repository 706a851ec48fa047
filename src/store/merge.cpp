#include "store/merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/device.hpp"
#include "base/files.hpp"
#include "store/journal.hpp"
#include "store/run_folder.hpp"
#include "store/snapshot.hpp"

namespace surd::store {
namespace {

struct Source {
  std::filesystem::path path;
  std::vector<Record> records;
  History history;
};

Source read_source(const std::filesystem::path& path) {
  Source source{path, read_journal(RunFolder::existing(path).journal()).records, {}};
  source.history = replay(source.records);
  if (!source.history.conflicts.empty()) {
    throw Error({.what = "the run contradicts itself: " + source.history.conflicts.front(),
                 .where = path.string(),
                 .advice = "See `surd results verify`"});
  }
  studies_of(source.history, path.string());  // refuses other numerics and an empty journal
  return source;
}

// The device text where all attempts of the trial had one and the same and repeat exactly; empty:
// no promise that another run gives the same bits.
std::string class_of(const Source& source, const TrialId& id) {
  std::set<std::string> devices;
  const auto attempts = source.history.attempts_of.find(id);
  if (attempts == source.history.attempts_of.end()) return "";
  for (const AttemptId attempt : attempts->second)
    devices.insert(source.history.attempts.at(attempt).start.device);
  if (devices.size() != 1) return "";
  const std::string& device = *devices.begin();
  const auto repeats = [](const grid::Study& study) { return study.run.deterministic; };
  if (device_of(device).kind == DeviceKind::cpu) return device;
  const auto studies = studies_of(source.history, source.path.string());
  return std::all_of(studies.begin(), studies.end(), repeats) ? device : "";
}

std::vector<std::string> differing_parts(const spec::TrialResult& a, const spec::TrialResult& b) {
  const Json left = spec::to_json(a);
  const Json right = spec::to_json(b);
  std::vector<std::string> keys;
  for (const auto& [key, value] : left.items()) {
    if (key != "seconds" && right.at(key) != value) keys.push_back(key);
  }
  return keys;
}

class Merger {
 public:
  explicit Merger(std::span<const Source> sources) : sources_(sources) {
    for (const Source& source : sources) {
      for (const auto& [id, done] : source.history.done) done_.insert(id);
    }
  }

  std::vector<Record> merge() {
    for (source_ = sources_.data(); source_ != sources_.data() + sources_.size(); ++source_) {
      for (const Record& record : source_->records) std::visit(*this, record);
      offset_ += source_->history.highest_attempt.value;
      if (!source_->history.checkpoints.empty()) {
        report.notes.push_back(
            fmt::format("{}: checkpoints of {} unfinished trials are left behind",
                        source_->path.string(), source_->history.checkpoints.size()));
      }
    }
    report.trials = static_cast<std::int64_t>(kept_.size());
    return std::move(merged_);
  }

  void operator()(const StudyOpened& record) { merged_.emplace_back(record); }
  void operator()(AttemptStarted record) { add(std::move(record)); }
  void operator()(AttemptEnded record) { add(std::move(record)); }
  void operator()(const TrialDone& record) {
    const auto [place, is_new] = kept_.emplace(record.id, source_);
    if (is_new) {
      add(record);
    } else if (place->second != source_) {
      compare(record, *place->second);
    }
  }
  void operator()(Quarantined record) {
    std::erase_if(record.trials, [&](const TrialId& id) { return done_.contains(id); });
    if (!record.trials.empty()) merged_.emplace_back(std::move(record));
  }
  void operator()(const AuditDrawn& record) { merged_.emplace_back(record); }
  void operator()(const CheckpointWritten&) const {}
  void operator()(const WindowChosen& record) { merged_.emplace_back(record); }
  void operator()(const Proposed&) const {}  // what it found counts, whoever asked for it
  void operator()(const RunEnded&) const {}
  void operator()(const Merged&) const {}
  void operator()(const Salvaged& record) { merged_.emplace_back(record); }
  void operator()(const UnknownRecord& record) {
    report.notes.push_back(fmt::format("{}: a record of unknown type '{}' is left behind",
                                       source_->path.string(), record.type));
  }

  MergeReport report;

 private:
  template <typename OfAttempt>
  void add(OfAttempt record) {
    record.attempt.value += offset_;
    merged_.emplace_back(std::move(record));
  }

  void compare(const TrialDone& record, const Source& first) {
    const spec::TrialResult& kept = first.history.done.at(record.id).result;
    const auto parts = differing_parts(kept, record.result);
    if (parts.empty()) {
      ++report.shared;
      return;
    }
    const std::string first_class = class_of(first, record.id);
    const std::string second_class = class_of(*source_, record.id);
    const std::string sentence =
        fmt::format("trial {} differs in {} between {} and {}", record.id.value,
                    fmt::join(parts, ", "), first.path.string(), source_->path.string());
    if (!first_class.empty() && first_class == second_class) {
      throw InputError({.what = sentence + ", both on " + first_class,
                        .expected = "equal results within one class of devices",
                        .advice = "One of them is damaged or was made by another program: `surd "
                                  "results verify` both"});
    }
    report.notes.push_back(sentence + "; the first is kept");
  }

  std::span<const Source> sources_;
  const Source* source_ = nullptr;
  std::set<TrialId> done_;                           // in any source
  std::unordered_map<TrialId, const Source*> kept_;  // where the result that stands comes from
  std::vector<Record> merged_;
  std::int64_t offset_ = 0;
};

}  // namespace

MergeReport merge_runs(std::span<const std::filesystem::path> runs,
                       const std::filesystem::path& out) {
  const RunFolder folder(out);
  std::error_code code;
  if (std::filesystem::exists(folder.journal(), code) ||
      std::filesystem::exists(folder.results(), code))
    throw InputError(
        {.what = "there is a run already", .where = out.string(), .expected = "a new folder"});
  std::vector<Source> sources;
  std::set<std::filesystem::path> seen;
  for (const auto& run : runs) {
    if (!seen.insert(std::filesystem::weakly_canonical(run)).second)
      throw InputError({.what = "the run is named twice", .where = run.string()});
    sources.push_back(read_source(run));
  }
  Merger merger(sources);
  std::vector<Record> records = merger.merge();

  Merged merged{.studies = {}, .sources = {}, .time_s = unix_time_s()};
  for (const Source& source : sources) {
    merged.sources.push_back(source.path.string());
    for (const std::string& study : source.history.studies) {
      if (std::find(merged.studies.begin(), merged.studies.end(), study) == merged.studies.end())
        merged.studies.push_back(study);
    }
  }
  if (merged.studies.size() > 1) {
    merger.report.notes.push_back(
        "the studies differ: results.h5 has the trials of all of them, study.yaml is the first's");
  }
  const std::string first_study = merged.studies.front();
  records.emplace_back(std::move(merged));

  folder.create();
  {
    Journal journal(folder.journal());
    for (const Record& record : records) journal.append(record);
    journal.sync();
  }
  write_file_atomically(folder.study(), first_study);
  rebuild_results(out);
  return merger.report;
}

}  // namespace surd::store
