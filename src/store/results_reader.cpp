#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <type_traits>

#include "base/files.hpp"
#include "store/contents.hpp"
#include "store/journal.hpp"
#include "store/range.hpp"
#include "store/results.hpp"
#include "store/run_folder.hpp"
#include "store/snapshot.hpp"

namespace surd::store {
namespace {

// Columns and attributes of a results.h5, by name, each as it was asked for or an Error.
class Table {
 public:
  Table(const std::filesystem::path& path, Contents contents)
      : path_(path), contents_(std::move(contents)) {}

  const std::filesystem::path& path() const { return path_; }
  bool has(const std::string& dataset) const { return contents_.datasets.contains(dataset); }
  // Empty where there is none.
  std::string attribute(const std::string& name, const std::string& group = "/") const {
    const std::string* const found = contents_.attribute(group, name);
    return found == nullptr ? "" : *found;
  }

  const Dataset& dataset(const std::string& name) const {
    const auto found = contents_.datasets.find(name);
    if (found == contents_.datasets.end())
      refuse_damaged(path_, fmt::format("there is no dataset {} that can be read", name));
    if (found->second.shape.size() != 1)
      refuse_damaged(
          path_, fmt::format("{} has {} dimensions, not one", name, found->second.shape.size()));
    return found->second;
  }

  std::size_t rows(const std::string& name) const {
    return std::visit([](const auto& values) { return values.size(); }, dataset(name).values);
  }

  // Gives each value of a column of so many rows to `take(row, value)`, if it is in its range.
  template <typename Value, typename Take>
  void each(const std::string& group, const std::string& name, std::size_t rows,
            const Take& take) const {
    const std::string whole_name = fmt::format("/{}/{}", group, name);
    const Dataset& found = dataset(whole_name);
    const Range range = range_of(name);
    std::visit(
        [&](const auto& values) {
          using Stored = typename std::decay_t<decltype(values)>::value_type;
          if constexpr (is_readable<Stored, Value>) {
            require_rows(rows, values.size(), whole_name);
            for (std::size_t i = 0; i < rows; ++i) {
              check_range(range, values[i], whole_name, i);
              take(i, static_cast<Value>(values[i]));
            }
          } else {
            refuse_damaged(path_, fmt::format("{} has another type than it should", whole_name));
          }
        },
        found.values);
  }

  template <typename Value>
  std::vector<Value> column(const std::string& group, const std::string& name,
                            std::size_t rows) const {
    std::vector<Value> values;
    values.reserve(rows);
    each<Value>(group, name, rows, [&](std::size_t, Value value) { values.push_back(value); });
    return values;
  }

  void require_rows(std::size_t expected, std::size_t got, const std::string& name) const {
    if (expected == got) return;
    refuse_damaged(path_, fmt::format("columns differ in length: {} has {} rows, not {}", name, got,
                                      expected));
  }

 private:
  // Other programs may write 1.0 as 1.
  template <typename Stored, typename Value>
  static constexpr bool is_readable = std::is_same_v<Stored, Value> ||
                                      (std::is_same_v<Stored, std::string_view> &&
                                       std::is_same_v<Value, std::string>) ||
                                      (std::is_same_v<Stored, std::int64_t> &&
                                       std::is_same_v<Value, double>);

  template <typename Stored>
  void check_range(const Range& range, const Stored& value, const std::string& name,
                   std::size_t row) const {
    if constexpr (!std::is_same_v<Stored, std::string_view>) {
      const auto number = static_cast<double>(value);
      if (range.holds(number) || std::isnan(number)) return;
      refuse_damaged(path_, fmt::format("{}[{}] has an impossible value (expected {}, got {})",
                                        name, row, range.words, value));
    }
  }

  std::filesystem::path path_;
  Contents contents_;
};

template <typename Row>
void read_columns(const Table& table, const std::string& group,
                  std::span<const ColumnOf<Row>> columns, std::vector<Row>& rows) {
  for (const ColumnOf<Row>& column : columns) {
    if (column.optional && !table.has(fmt::format("/{}/{}", group, column.name))) continue;
    std::visit(
        [&]<typename Value>(Value Row::*member) {
          table.each<Value>(group, column.name, rows.size(), [&](std::size_t i, Value value) {
            rows[i].*member = std::move(value);
          });
        },
        column.member);
  }
}

std::vector<AuditRow> read_audit_rows(const Table& table) {
  if (!table.has("/audit/audit")) return {};
  std::vector<AuditRow> rows(table.rows("/audit/audit"));
  read_columns(table, "audit", audit_columns(), rows);
  return rows;
}

std::vector<Json> read_further(const Table& table, const std::string& name) {
  std::vector<Json> values;
  std::visit([&](const auto& column) { values.assign(column.begin(), column.end()); },
             table.dataset("/trials/" + name).values);
  return values;
}

void require_accuracies(const Table& table, const std::vector<ResultRow>& rows) {
  for (const ResultRow& row : rows) {
    if (row.status != "finished" ||
        (!std::isnan(row.accuracy_validation) && !std::isnan(row.accuracy_test)))
      continue;
    refuse_damaged(table.path(), fmt::format("trial {} is finished and has no accuracy", row.id));
  }
}

std::vector<ResultRow> read_rows(const Table& table) {
  std::vector<ResultRow> rows(table.rows("/trials/trial"));
  read_columns(table, "trials", columns_before_further(), rows);
  read_columns(table, "trials", columns_after_further(), rows);
  const Json axes = Json::parse(table.attribute("further_axes", "/trials"), nullptr, false);
  if (!axes.is_array())
    refuse_damaged(table.path(), "the attribute further_axes of /trials is no list of names");
  for (const Json& axis : axes) {
    const auto name = axis.is_string() ? axis.get<std::string>() : axis.dump();
    std::vector<Json> values = read_further(table, name);
    table.require_rows(rows.size(), values.size(), "/trials/" + name);
    for (std::size_t i = 0; i < rows.size(); ++i)
      rows[i].further.emplace_back(name, std::move(values[i]));
  }
  require_accuracies(table, rows);
  return rows;
}

Curves read_curves(const Table& table, std::size_t rows) {
  const std::size_t count = table.rows("/curves/step");
  const auto numbers = [&](const char* name) {
    return table.column<double>("curves", name, count);
  };
  Curves curves{.start = table.column<std::int64_t>("curves", "start", rows),
                .count = table.column<std::int64_t>("curves", "count", rows),
                .step = table.column<std::int64_t>("curves", "step", count),
                .loss_train = numbers("loss_train"),
                .loss_validation = numbers("loss_validation"),
                .accuracy_validation = numbers("accuracy_validation"),
                .gradient_norm = numbers("gradient_norm")};
  const auto points = static_cast<std::int64_t>(count);
  for (std::size_t i = 0; i < curves.start.size(); ++i) {
    if (curves.start[i] >= 0 && curves.count[i] >= 0 && curves.start[i] <= points &&
        curves.count[i] <= points - curves.start[i])
      continue;
    refuse_damaged(
        table.path(),
        fmt::format("the curve of trial {} leaves the points of /curves (expected within "
                    "{} points, got start {}, count {})",
                    i, points, curves.start[i], curves.count[i]));
  }
  return curves;
}

std::vector<AttemptRow> read_attempt_rows(const Table& table) {
  std::vector<AttemptRow> rows(table.rows("/attempts/attempt"));
  table.each<std::int64_t>("attempts", "attempt", rows.size(),
                           [&](std::size_t i, std::int64_t number) { rows[i].attempt = number; });
  read_columns(table, "attempts", attempt_columns(), rows);
  return rows;
}

template <typename Number>
Number number_in(const Table& table, const std::string& name) {
  const std::string text = table.attribute(name);
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    refuse_damaged(table.path(), fmt::format("the attribute {} is no number: {}", name, text));
  return number;
}

Provenance read_origin(const Table& table) {
  Provenance provenance{.program_version = table.attribute("program_version"),
                        .revision = table.attribute("revision"),
                        .machine = table.attribute("machine"),
                        .study_name = table.attribute("study_name"),
                        .study = table.attribute("study")};
  if (!table.attribute("numerics_version").empty())
    provenance.numerics_version = number_in<std::int64_t>(table, "numerics_version");
  return provenance;
}

std::vector<std::string> notes_of(bool has_digests, const std::filesystem::path& path) {
  if (has_digests) return {};
  return {
      fmt::format("{}: has no digests, since an older surd wrote it or another program changed "
                  "it: damage may go unseen. `surd results rebuild` makes it anew",
                  path.string())};
}

class FileSnapshot : public Snapshot {
 public:
  FileSnapshot(Table table, bool has_digests)
      : Snapshot(table.path(), read_rows(table), notes_of(has_digests, table.path())),
        table_(std::move(table)) {}

  std::optional<std::int64_t> journal_records() const override {
    if (table_.attribute("journal_records").empty()) return std::nullopt;
    return number_in<std::int64_t>(table_, "journal_records");
  }
  std::string study() const override { return table_.attribute("study"); }
  Curves curves() const override { return read_curves(table_, rows().size()); }
  std::vector<AttemptRow> attempts() const override { return read_attempt_rows(table_); }
  std::vector<AuditRow> audit() const override { return read_audit_rows(table_); }
  std::vector<double> planned_flops() const override {
    return store::planned_flops(readable_studies(study()), rows());
  }
  Provenance provenance() const override {
    const Provenance origin = read_origin(table_);
    return provenance_of(origin, readable_studies(origin.study), attempts());
  }
  std::optional<grid::FitSettings> fit_settings() const override {
    if (table_.attribute("fit_tau").empty() || table_.attribute("fit_baseline").empty())
      return std::nullopt;
    return grid::FitSettings{.tau = number_in<double>(table_, "fit_tau"),
                             .baseline = table_.attribute("fit_baseline")};
  }

 private:
  Table table_;
};

std::unique_ptr<const Snapshot> read_table(const std::filesystem::path& path) {
  Contents contents = read_contents(path);
  const bool has_digests = check_digests(contents, path);
  Table table(path, std::move(contents));
  const std::string format = table.attribute("format_version");
  if (format.empty()) {
    throw InputError({.what = "HDF5, but no results of surd",
                      .where = path.string(),
                      .expected = "the attribute format_version"});
  }
  require_readable(format, path.string());
  return std::make_unique<const FileSnapshot>(std::move(table), has_digests);
}

bool lags(const Snapshot& table, std::string_view journal,
          const std::filesystem::path& journal_path) {
  const std::optional<std::int64_t> known = table.journal_records();
  if (!known) return true;
  const std::string study = table.study();
  const JournalContent newer = parse_journal(journal, journal_path, *known + 1);
  if (newer.skipped_records < *known) return true;  // of another journal
  return std::any_of(newer.records.begin(), newer.records.end(), [&](const Record& record) {
    if (const auto* opened = std::get_if<StudyOpened>(&record)) return opened->study != study;
    return changes_table(record);
  });
}

}  // namespace

bool is_stale(const Snapshot& results, const std::filesystem::path& journal) {
  return lags(results, read_file(journal), journal);
}

std::unique_ptr<const Snapshot> read_run(const std::filesystem::path& path) {
  std::error_code code;
  if (!std::filesystem::is_directory(path, code)) return read_table(path);
  const RunFolder folder(path);
  const bool has_results = std::filesystem::exists(folder.results(), code);
  if (!std::filesystem::exists(folder.journal(), code)) {
    if (has_results) return read_table(folder.results());
    throw InputError({.what = "this is no run folder",
                      .where = path.string(),
                      .expected = "journal.jsonl or results.h5 in it"});
  }
  // The table first: a journal that is read after it knows at least as much.
  std::unique_ptr<const Snapshot> table;
  std::vector<std::string> notes;
  try {
    if (has_results) table = read_table(folder.results());
  } catch (const Error& error) {
    notes.push_back(fmt::format("{}; read from the journal meanwhile", error.what()));
  }
  const std::string journal = read_file(folder.journal());
  if (table && !lags(*table, journal, folder.journal())) return table;
  return snapshot_of(replay(parse_journal(journal, folder.journal()).records), folder.journal(),
                     std::move(notes));
}

}  // namespace surd::store
