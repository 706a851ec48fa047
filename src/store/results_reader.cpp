#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/files.hpp"
#include "store/hdf5.hpp"
#include "store/journal.hpp"
#include "store/results.hpp"
#include "store/run_folder.hpp"
#include "store/snapshot.hpp"

namespace surd::store {
namespace {

template <typename Value>
std::vector<Value> read_column(const h5::Handle& group, const std::string& name) {
  if constexpr (std::is_same_v<Value, std::string>) {
    return h5::read_texts(group, name);
  } else if constexpr (std::is_same_v<Value, double>) {
    return h5::read_doubles(group, name);
  } else {
    return h5::read_integers(group, name);
  }
}

void require_rows(std::size_t expected, std::size_t got, const std::string& where) {
  if (expected == got) return;
  throw Error({.what = "columns differ in length",
               .where = where,
               .expected = std::to_string(expected),
               .got = std::to_string(got)});
}

std::vector<Json> read_further(const h5::Handle& group, const std::string& name) {
  std::vector<Json> values;
  const auto take = [&](const auto& column) {
    for (const auto& value : column) values.emplace_back(value);
  };
  switch (h5::type_of(group, name)) {
    case h5::Type::integer: take(h5::read_integers(group, name)); break;
    case h5::Type::real: take(h5::read_doubles(group, name)); break;
    default: take(h5::read_texts(group, name)); break;
  }
  return values;
}

h5::Handle open_results(const std::filesystem::path& path) {
  h5::Handle file = h5::open_file(path);
  if (!h5::has_attribute(file, "format_version")) {
    throw InputError({.what = "HDF5, but no results of surd",
                      .where = path.string(),
                      .expected = "the attribute format_version"});
  }
  require_readable(h5::attribute(file, "format_version"), path.string());
  return file;
}

std::optional<std::int64_t> records_of(const h5::Handle& file) {
  if (!h5::has_attribute(file, "journal_records")) return std::nullopt;
  return std::stoll(h5::attribute(file, "journal_records"));
}

template <typename Row>
void read_columns(const h5::Handle& group, std::span<const ColumnOf<Row>> columns,
                  std::vector<Row>& rows, const std::string& where) {
  for (const ColumnOf<Row>& column : columns) {
    if (column.optional && !h5::exists(group, column.name)) continue;
    std::visit(
        [&]<typename Value>(Value Row::*member) {
          std::vector<Value> values = read_column<Value>(group, column.name);
          require_rows(rows.size(), values.size(), where + column.name);
          for (std::size_t i = 0; i < rows.size(); ++i) rows[i].*member = std::move(values[i]);
        },
        column.member);
  }
}

std::vector<AuditRow> read_audit_rows(const h5::Handle& file, const std::string& where) {
  if (!h5::exists(file, "audit")) return {};
  const h5::Handle group = h5::open_group(file, "audit");
  std::vector<AuditRow> rows(h5::read_integers(group, "audit").size());
  read_columns(group, audit_columns(), rows, where + " /audit/");
  return rows;
}

std::vector<ResultRow> read_rows(const h5::Handle& file, const std::string& where) {
  const h5::Handle group = h5::open_group(file, "trials");
  std::vector<ResultRow> rows(h5::read_integers(group, "trial").size());
  read_columns(group, columns_before_further(), rows, where + " /trials/");
  read_columns(group, columns_after_further(), rows, where + " /trials/");
  const Json axes = Json::parse(h5::attribute(group, "further_axes"), nullptr, false);
  if (!axes.is_array())
    throw Error({.what = "damaged attribute further_axes",
                 .where = where + " /trials",
                 .expected = "a list of names"});
  for (const Json& axis : axes) {
    const auto name = axis.is_string() ? axis.get<std::string>() : axis.dump();
    const std::vector<Json> values = read_further(group, name);
    require_rows(rows.size(), values.size(), where + " /trials/" + name);
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].further.emplace_back(name, values[i]);
  }
  return rows;
}

Curves curves_in(const h5::Handle& file, const std::string& where) {
  const h5::Handle group = h5::open_group(file, "curves");
  Curves curves{.start = h5::read_integers(group, "start"),
                .count = h5::read_integers(group, "count"),
                .step = h5::read_integers(group, "step"),
                .loss_train = h5::read_doubles(group, "loss_train"),
                .loss_validation = h5::read_doubles(group, "loss_validation"),
                .accuracy_validation = h5::read_doubles(group, "accuracy_validation"),
                .gradient_norm = h5::read_doubles(group, "gradient_norm")};
  require_rows(h5::read_integers(h5::open_group(file, "trials"), "trial").size(),
               curves.start.size(), where + " /curves/start");
  require_rows(curves.start.size(), curves.count.size(), where + " /curves/count");
  for (const auto* column : {&curves.loss_train, &curves.loss_validation,
                             &curves.accuracy_validation, &curves.gradient_norm}) {
    require_rows(curves.step.size(), column->size(), where + " /curves");
  }
  const auto points = static_cast<std::int64_t>(curves.step.size());
  for (std::size_t i = 0; i < curves.start.size(); ++i) {
    if (curves.start[i] >= 0 && curves.count[i] >= 0 && curves.start[i] <= points &&
        curves.count[i] <= points - curves.start[i])
      continue;
    throw Error({.what = fmt::format("the curve of trial {} leaves the points", i),
                 .where = where + " /curves",
                 .expected = fmt::format("within {} points", points),
                 .got = fmt::format("start {}, count {}", curves.start[i], curves.count[i])});
  }
  return curves;
}

std::vector<AttemptRow> read_attempt_rows(const h5::Handle& file, const std::string& where) {
  const h5::Handle group = h5::open_group(file, "attempts");
  const std::vector<std::int64_t> numbers = h5::read_integers(group, "attempt");
  std::vector<AttemptRow> rows(numbers.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].attempt = numbers[i];
  read_columns(group, attempt_columns(), rows, where + " /attempts/");
  return rows;
}

Provenance read_origin(const h5::Handle& file) {
  const auto text = [&](const char* name) {
    return h5::has_attribute(file, name) ? h5::attribute(file, name) : std::string();
  };
  Provenance provenance{.program_version = text("program_version"),
                        .revision = text("revision"),
                        .machine = text("machine"),
                        .study_name = text("study_name"),
                        .study = text("study")};
  const std::string numerics = text("numerics_version");
  if (!numerics.empty()) provenance.numerics_version = std::stoll(numerics);
  return provenance;
}

std::optional<grid::FitSettings> read_fit_settings(const h5::Handle& file,
                                                   const std::string& where) {
  if (!h5::has_attribute(file, "fit_tau") || !h5::has_attribute(file, "fit_baseline"))
    return std::nullopt;
  const std::string tau = h5::attribute(file, "fit_tau");
  grid::FitSettings fit{.tau = 0, .baseline = h5::attribute(file, "fit_baseline")};
  const auto [end, error] = std::from_chars(tau.data(), tau.data() + tau.size(), fit.tau);
  if (error != std::errc() || end != tau.data() + tau.size()) {
    throw Error({.what = "the attribute fit_tau is damaged",
                 .where = where,
                 .expected = "a number",
                 .got = tau});
  }
  return fit;
}

// A results.h5 that stays open, so that one that is put in its place does not mix with it.
class FileSnapshot : public Snapshot {
 public:
  FileSnapshot(const std::filesystem::path& path, h5::Handle file)
      : Snapshot(path, read_rows(file, path.string())), handle_(std::move(file)) {}

  std::optional<std::int64_t> journal_records() const override { return records_of(handle_); }
  Curves curves() const override { return curves_in(handle_, file().string()); }
  std::vector<AttemptRow> attempts() const override {
    return read_attempt_rows(handle_, file().string());
  }
  std::vector<AuditRow> audit() const override { return read_audit_rows(handle_, file().string()); }
  std::vector<double> planned_flops() const override {
    return store::planned_flops(readable_studies(h5::attribute(handle_, "study")), rows());
  }
  Provenance provenance() const override {
    const Provenance origin = read_origin(handle_);
    return provenance_of(origin, readable_studies(origin.study), attempts());
  }
  std::optional<grid::FitSettings> fit_settings() const override {
    return read_fit_settings(handle_, file().string());
  }

 private:
  h5::Handle handle_;
};

bool lags(const h5::Handle& file, std::string_view journal,
          const std::filesystem::path& journal_path) {
  const std::optional<std::int64_t> known = records_of(file);
  if (!known) return true;
  const std::string study = h5::attribute(file, "study");
  const JournalContent newer = parse_journal(journal, journal_path, *known + 1);
  if (newer.skipped_records < *known) return true;  // of another journal
  return std::any_of(newer.records.begin(), newer.records.end(), [&](const Record& record) {
    if (const auto* opened = std::get_if<StudyOpened>(&record)) return opened->study != study;
    return changes_table(record);
  });
}

std::unique_ptr<const Snapshot> read_file_snapshot(const std::filesystem::path& path) {
  return std::make_unique<const FileSnapshot>(path, open_results(path));
}

}  // namespace

std::optional<std::int64_t> known_records(const std::filesystem::path& results) {
  return records_of(open_results(results));
}

bool is_stale(const std::filesystem::path& results, const std::filesystem::path& journal) {
  return lags(open_results(results), read_file(journal), journal);
}

std::unique_ptr<const Snapshot> read_run(const std::filesystem::path& path) {
  std::error_code code;
  if (!std::filesystem::is_directory(path, code)) return read_file_snapshot(path);
  const RunFolder folder(path);
  const bool has_results = std::filesystem::exists(folder.results(), code);
  if (!std::filesystem::exists(folder.journal(), code)) {
    if (has_results) return read_file_snapshot(folder.results());
    throw InputError({.what = "this is no run folder",
                      .where = path.string(),
                      .expected = "journal.jsonl or results.h5 in it"});
  }
  // The table first: a journal that is read after it knows at least as much.
  h5::Handle results = has_results ? open_results(folder.results()) : h5::Handle();
  const std::string journal = read_file(folder.journal());
  if (has_results && !lags(results, journal, folder.journal())) {
    return std::make_unique<const FileSnapshot>(folder.results(), std::move(results));
  }
  return snapshot_of(replay(parse_journal(journal, folder.journal()).records), folder.journal());
}

}  // namespace surd::store
