#include <fmt/format.h>

#include <algorithm>

#include "store/hdf5.hpp"
#include "store/journal.hpp"
#include "store/results.hpp"
#include "store/run_folder.hpp"

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
  throw Error({.what = "columns differ in length", .where = where, .expected = std::to_string(expected), .got = std::to_string(got)});
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
    throw InputError({.what = "HDF5, but no results of surd", .where = path.string(), .expected = "the attribute format_version"});
  }
  require_readable(h5::attribute(file, "format_version"), path.string());
  return file;
}

std::vector<ResultRow> read_rows(const h5::Handle& file, const std::string& where) {
  const h5::Handle group = h5::open_group(file, "trials");
  std::vector<ResultRow> rows(h5::read_integers(group, "trial").size());
  const auto take = [&](const Column& column) {
    std::visit(
        [&]<typename Value>(Value ResultRow::* member) {
          std::vector<Value> values = read_column<Value>(group, column.name);
          require_rows(rows.size(), values.size(), where + " /trials/" + column.name);
          for (std::size_t i = 0; i < rows.size(); ++i) rows[i].*member = std::move(values[i]);
        },
        column.member);
  };
  for (const Column& column : columns_before_further()) take(column);
  for (const Column& column : columns_after_further()) take(column);
  const Json axes = Json::parse(h5::attribute(group, "further_axes"), nullptr, false);
  if (!axes.is_array()) throw Error({.what = "damaged attribute further_axes", .where = where + " /trials", .expected = "a list of names"});
  for (const Json& axis : axes) {
    const auto name = axis.is_string() ? axis.get<std::string>() : axis.dump();
    const std::vector<Json> values = read_further(group, name);
    require_rows(rows.size(), values.size(), where + " /trials/" + name);
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].further.emplace_back(name, values[i]);
  }
  return rows;
}

std::vector<StudyPart> parts_of(const std::vector<grid::Study>& studies, const History& history, const SkipRule& rule) {
  std::vector<StudyPart> parts;
  for (const grid::Study& study : studies) parts.push_back({&study, rule ? rule(study, history) : std::vector<bool>{}});
  return parts;
}

}  // namespace

std::vector<grid::Study> studies_of(const History& history, const std::string& where) {
  if (history.studies.empty()) throw InputError({.what = "the journal names no study yet", .where = where, .advice = "Start the run with surd-run first"});
  if (history.opened && history.opened->numerics_version != spec::numerics_version) {
    throw InputError({.what = "the run was made with other numerics, so its trials have other ids here",
                      .where = where,
                      .expected = fmt::format("numerics_version {}", spec::numerics_version),
                      .got = std::to_string(history.opened->numerics_version),
                      .advice = "Use surd " + history.opened->program_version});
  }
  std::vector<grid::Study> studies;
  for (const std::string& text : history.studies) studies.push_back(grid::parse_study(text, where + " (frozen study)"));
  return studies;
}

void rebuild_results(const std::filesystem::path& run, const SkipRule& rule) {
  const RunFolder folder = RunFolder::existing(run);
  const History history = replay(read_journal(folder.journal()).records);
  const std::vector<grid::Study> studies = studies_of(history, folder.journal().string());
  write_results(folder.results(), parts_of(studies, history, rule), history);
}

std::vector<ResultRow> rows_of(const History& history, const std::string& where, const SkipRule& rule) {
  const std::vector<grid::Study> studies = studies_of(history, where);
  return make_rows(parts_of(studies, history, rule), history);
}

bool is_stale(const std::filesystem::path& results, const std::filesystem::path& journal) {
  const h5::Handle file = open_results(results);
  if (!h5::has_attribute(file, "journal_records")) return true;
  const std::int64_t known = std::stoll(h5::attribute(file, "journal_records"));
  const std::string study = h5::attribute(file, "study");
  const JournalContent newer = read_journal(journal, known + 1);
  if (newer.skipped_records < known) return true;  // of another journal
  return std::any_of(newer.records.begin(), newer.records.end(), [&](const Record& record) {
    if (const auto* opened = std::get_if<StudyOpened>(&record)) return opened->study != study;
    return std::holds_alternative<TrialDone>(record) || std::holds_alternative<Quarantined>(record) || std::holds_alternative<Merged>(record);
  });
}

std::vector<ResultRow> read_results(const std::filesystem::path& path, const SkipRule& rule) {
  std::filesystem::path file = path;
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) {
    const RunFolder folder(path);
    file = folder.results();
    const bool has_results = std::filesystem::exists(file, code);
    if (std::filesystem::exists(folder.journal(), code) && (!has_results || is_stale(file, folder.journal()))) {
      return rows_of(replay(read_journal(folder.journal()).records), folder.journal().string(), rule);
    }
    if (!has_results) throw InputError({.what = "this is no run folder", .where = path.string(), .expected = "journal.jsonl or results.h5 in it"});
  }
  return read_rows(open_results(file), file.string());
}

}  // namespace surd::store
