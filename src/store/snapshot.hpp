// A run as it stood at one moment: read once, consistent in itself, whatever a run that goes on
// writes meanwhile.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/attempts.hpp"
#include "store/audit.hpp"
#include "store/curves.hpp"
#include "store/provenance.hpp"
#include "store/table.hpp"

namespace surd::store {

// Its file is read (or its journal replayed) once, by read_run; parts that few need are made when
// asked for. What a damaged file gives is an Error, from any of these.
class Snapshot {
 public:
  virtual ~Snapshot() = default;

  // results.h5, or the journal where that was newer or the only one.
  const std::filesystem::path& file() const { return file_; }
  // What a user should know of how it was read, a sentence each.
  const std::vector<std::string>& notes() const { return notes_; }
  // /trials.
  const std::vector<ResultRow>& rows() const { return rows_; }
  // Of the journal that it was made from; nothing in a file that does not say.
  virtual std::optional<std::int64_t> journal_records() const = 0;
  // The frozen studies, joined (provenance.hpp).
  virtual std::string study() const = 0;
  // A curve a row; Error where start and count point outside the arrays.
  virtual Curves curves() const = 0;
  virtual std::vector<AttemptRow> attempts() const = 0;
  // Empty where there was no budget audit.
  virtual std::vector<AuditRow> audit() const = 0;
  // Training FLOPs of each row on its full budget, as its study plans them: what ResultRow::flops
  // would be had it run to its last step. NaN where the study is not read by this program.
  virtual std::vector<double> planned_flops() const = 0;
  virtual Provenance provenance() const = 0;
  // How the study asks to be fitted; nothing where merged studies disagree, or in a file that does
  // not say.
  virtual std::optional<grid::FitSettings> fit_settings() const = 0;

 protected:
  Snapshot(std::filesystem::path file, std::vector<ResultRow> rows, std::vector<std::string> notes)
      : file_(std::move(file)), rows_(std::move(rows)), notes_(std::move(notes)) {}

 private:
  std::filesystem::path file_;
  std::vector<ResultRow> rows_;
  std::vector<std::string> notes_;
};

// Of a results.h5, or of a run folder: from its results.h5, or from its journal where that is newer
// or the file is not there or damaged, which is noted. A table from before there were digests is
// noted too.
// InputError: no such file, not HDF5, a newer major format_version, in a journal what studies_of
// refuses. Error: damage, which ranges (range.hpp) and digests tell.
std::unique_ptr<const Snapshot> read_run(const std::filesystem::path& path);
// The studies that a journal's table is made of, parsed from their frozen texts. InputError where
// there is none, or where their trials have other ids in this program because numerics_version was
// raised since. `where` names the journal in messages.
std::vector<grid::Study> studies_of(const History& history, const std::string& where);
// What a journal alone gives; `journal` names it in messages. InputError as studies_of.
std::unique_ptr<const Snapshot> snapshot_of(History history, const std::filesystem::path& journal,
                                            std::vector<std::string> notes = {});

}  // namespace surd::store
