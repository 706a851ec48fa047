#include <fmt/format.h>

#include "base/error.hpp"
#include "store/snapshot.hpp"

namespace surd::store {
namespace {

class JournalSnapshot : public Snapshot {
 public:
  JournalSnapshot(const std::filesystem::path& journal, std::vector<grid::Study> studies,
                  History history, std::vector<std::string> notes)
      : Snapshot(journal, make_rows(studies, history), std::move(notes)),
        studies_(std::move(studies)),
        history_(std::move(history)) {}

  std::optional<std::int64_t> journal_records() const override { return history_.records; }
  std::string study() const override { return joined_studies(history_.studies); }
  Curves curves() const override { return curves_of(rows(), history_); }
  std::vector<AttemptRow> attempts() const override { return make_attempt_rows(history_); }
  std::vector<AuditRow> audit() const override {
    return make_audit_rows(studies_, rows(), history_);
  }
  std::vector<double> planned_flops() const override {
    return store::planned_flops(studies_, rows());
  }
  std::optional<grid::FitSettings> fit_settings() const override { return common_fit(studies_); }

  Provenance provenance() const override {
    const StudyOpened opened = history_.opened.value_or(StudyOpened{});
    return provenance_of({.program_version = opened.program_version,
                          .revision = opened.revision,
                          .numerics_version = opened.numerics_version,
                          .machine = opened.machine,
                          .study = study()},
                         studies_, attempts());
  }

 private:
  std::vector<grid::Study> studies_;
  History history_;
};

}  // namespace

std::vector<grid::Study> studies_of(const History& history, const std::string& where) {
  if (history.studies.empty())
    throw InputError({.what = "the journal names no study yet",
                      .where = where,
                      .advice = "Start the run first: surd run"});
  if (history.opened && history.opened->numerics_version != spec::numerics_version) {
    throw InputError(
        {.what = "the run was made with other numerics, so its trials have other ids here",
         .where = where,
         .expected = fmt::format("numerics_version {}", spec::numerics_version),
         .got = std::to_string(history.opened->numerics_version),
         .advice = "Use surd " + history.opened->program_version});
  }
  std::vector<grid::Study> studies;
  for (const std::string& text : history.studies)
    studies.push_back(grid::parse_study(text, where + " (frozen study)"));
  return studies;
}

std::unique_ptr<const Snapshot> snapshot_of(History history, const std::filesystem::path& journal,
                                            std::vector<std::string> notes) {
  std::vector<grid::Study> studies = studies_of(history, journal.string());
  return std::make_unique<const JournalSnapshot>(journal, std::move(studies), std::move(history),
                                                 std::move(notes));
}

}  // namespace surd::store
