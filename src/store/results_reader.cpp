#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>
#include <unordered_map>

#include "grid/plan.hpp"
#include "store/curves.hpp"
#include "store/hdf5.hpp"
#include "store/journal.hpp"
#include "store/results.hpp"
#include "store/run_folder.hpp"
#include "store/verify.hpp"

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

std::optional<std::int64_t> records_of(const h5::Handle& file) {
  if (!h5::has_attribute(file, "journal_records")) return std::nullopt;
  return std::stoll(h5::attribute(file, "journal_records"));
}

template <typename Row>
void read_columns(const h5::Handle& group, std::span<const ColumnOf<Row>> columns, std::vector<Row>& rows, const std::string& where) {
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
  if (!axes.is_array()) throw Error({.what = "damaged attribute further_axes", .where = where + " /trials", .expected = "a list of names"});
  for (const Json& axis : axes) {
    const auto name = axis.is_string() ? axis.get<std::string>() : axis.dump();
    const std::vector<Json> values = read_further(group, name);
    require_rows(rows.size(), values.size(), where + " /trials/" + name);
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].further.emplace_back(name, values[i]);
  }
  return rows;
}

// The file that a path stands for: of a run folder its results.h5, or its journal where that is newer or the only one.
struct Source {
  std::filesystem::path file;
  bool is_journal = false;
};

Source source_of(const std::filesystem::path& path) {
  std::error_code code;
  if (!std::filesystem::is_directory(path, code)) return {.file = path};
  const RunFolder folder(path);
  const bool has_results = std::filesystem::exists(folder.results(), code);
  if (std::filesystem::exists(folder.journal(), code) && (!has_results || is_stale(folder.results(), folder.journal()))) {
    return {.file = folder.journal(), .is_journal = true};
  }
  if (!has_results) throw InputError({.what = "this is no run folder", .where = path.string(), .expected = "journal.jsonl or results.h5 in it"});
  return {.file = folder.results()};
}

// The studies of a frozen text; those that this program cannot read are left out.
std::vector<grid::Study> studies_in(std::string_view text) {
  constexpr std::string_view between = "\n---\n";  // as the writer joins the studies of a merge
  std::vector<grid::Study> studies;
  while (!text.empty()) {
    const std::size_t end = text.find(between);
    try {
      studies.push_back(grid::parse_study(std::string(text.substr(0, end)), "study"));
    } catch (const InputError&) {
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + between.size());
  }
  return studies;
}

// Fills in the names and questions of the studies; one that this program cannot read asks nothing.
void read_studies(Provenance& provenance) {
  std::vector<std::string> names, questions;
  for (const grid::Study& study : studies_in(provenance.study)) {
    names.push_back(study.name);
    if (!study.question.empty()) questions.push_back(study.question);
  }
  if (provenance.study_name.empty()) provenance.study_name = fmt::format("{}", fmt::join(names, ", "));
  provenance.question = fmt::format("{}", fmt::join(questions, " "));
}

void add_attempt(Provenance& provenance, const std::string& host, const std::string& device, double start_s, double end_s, double seconds) {
  ++provenance.attempts;
  provenance.hosts.insert(host);
  provenance.devices.insert(device);
  if (!provenance.start_s || start_s < *provenance.start_s) provenance.start_s = start_s;
  if (std::isnan(end_s)) return;  // it never ended
  if (!provenance.end_s || end_s > *provenance.end_s) provenance.end_s = end_s;
  provenance.attempts_s += seconds;
}

Provenance provenance_of(const History& history) {
  const StudyOpened opened = history.opened.value_or(StudyOpened{});
  Provenance provenance{.program_version = opened.program_version,
                        .revision = opened.revision,
                        .numerics_version = opened.numerics_version,
                        .machine = opened.machine,
                        .study = fmt::format("{}", fmt::join(history.studies, "---\n"))};
  for (const auto& [id, attempt] : history.attempts) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    add_attempt(provenance, attempt.start.host, attempt.start.device, attempt.start.time_s, attempt.end ? attempt.end->time_s : nan,
                attempt.end ? attempt.end->seconds : nan);
  }
  read_studies(provenance);
  return provenance;
}

Provenance provenance_of(const h5::Handle& file) {
  const auto text = [&](const char* name) { return h5::has_attribute(file, name) ? h5::attribute(file, name) : std::string(); };
  Provenance provenance{.program_version = text("program_version"),
                        .revision = text("revision"),
                        .machine = text("machine"),
                        .study_name = text("study_name"),
                        .study = text("study")};
  if (const std::string numerics = text("numerics_version"); !numerics.empty()) provenance.numerics_version = std::stoll(numerics);
  const h5::Handle group = h5::open_group(file, "attempts");
  const auto hosts = h5::read_texts(group, "host");
  const auto devices = h5::read_texts(group, "device");
  const auto starts = h5::read_doubles(group, "start");
  const auto ends = h5::read_doubles(group, "end");
  const auto seconds = h5::read_doubles(group, "seconds");
  for (const std::size_t size : {devices.size(), starts.size(), ends.size(), seconds.size()}) require_rows(hosts.size(), size, "/attempts");
  for (std::size_t i = 0; i < hosts.size(); ++i) add_attempt(provenance, hosts[i], devices[i], starts[i], ends[i], seconds[i]);
  read_studies(provenance);
  return provenance;
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
  require_rows(h5::read_integers(h5::open_group(file, "trials"), "trial").size(), curves.start.size(), where + " /curves/start");
  require_rows(curves.start.size(), curves.count.size(), where + " /curves/count");
  for (const auto* column : {&curves.loss_train, &curves.loss_validation, &curves.accuracy_validation, &curves.gradient_norm}) {
    require_rows(curves.step.size(), column->size(), where + " /curves");
  }
  const auto points = static_cast<std::int64_t>(curves.step.size());
  for (std::size_t i = 0; i < curves.start.size(); ++i) {
    if (curves.start[i] >= 0 && curves.count[i] >= 0 && curves.start[i] <= points && curves.count[i] <= points - curves.start[i]) continue;
    throw Error({.what = fmt::format("the curve of trial {} leaves the points", i),
                 .where = where + " /curves",
                 .expected = fmt::format("within {} points", points),
                 .got = fmt::format("start {}, count {}", curves.start[i], curves.count[i])});
  }
  return curves;
}

}  // namespace

std::vector<grid::Study> studies_of(const History& history, const std::string& where) {
  if (history.studies.empty())
    throw InputError({.what = "the journal names no study yet", .where = where, .advice = "Start the run with surd-run first"});
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

void rebuild_results(const std::filesystem::path& run) {
  const RunFolder folder = RunFolder::existing(run);
  Journal journal(folder.journal());  // a run that goes on writes results.h5 itself
  const History history = replay(journal.take_records());
  require_whole_journal(folder, history);
  write_results(folder.results(), studies_of(history, folder.journal().string()), history);
}

std::vector<ResultRow> rows_of(const History& history, const std::string& where) { return make_rows(studies_of(history, where), history); }

std::vector<AuditRow> audit_rows_of(const History& history, const std::string& where) {
  if (history.audits.empty()) return {};
  const std::vector<grid::Study> studies = studies_of(history, where);
  return make_audit_rows(studies, make_rows(studies, history), history);
}

std::optional<std::int64_t> known_records(const std::filesystem::path& results) { return records_of(open_results(results)); }

bool is_stale(const std::filesystem::path& results, const std::filesystem::path& journal) {
  const h5::Handle file = open_results(results);
  const std::optional<std::int64_t> known = records_of(file);
  if (!known) return true;
  const std::string study = h5::attribute(file, "study");
  const JournalContent newer = read_journal(journal, *known + 1);
  if (newer.skipped_records < *known) return true;  // of another journal
  return std::any_of(newer.records.begin(), newer.records.end(), [&](const Record& record) {
    if (const auto* opened = std::get_if<StudyOpened>(&record)) return opened->study != study;
    return std::holds_alternative<TrialDone>(record) || std::holds_alternative<Quarantined>(record) || std::holds_alternative<AuditDrawn>(record) ||
           std::holds_alternative<Merged>(record);
  });
}

std::vector<ResultRow> read_results(const std::filesystem::path& path) {
  const Source source = source_of(path);
  if (source.is_journal) return rows_of(replay(read_journal(source.file).records), source.file.string());
  return read_rows(open_results(source.file), source.file.string());
}

std::vector<AuditRow> read_audit(const std::filesystem::path& path) {
  const Source source = source_of(path);
  if (source.is_journal) return audit_rows_of(replay(read_journal(source.file).records), source.file.string());
  return read_audit_rows(open_results(source.file), source.file.string());
}

std::optional<grid::FitSettings> read_fit_settings(const std::filesystem::path& path) {
  const Source source = source_of(path);
  if (source.is_journal) {
    const std::vector<grid::Study> studies = studies_of(replay(read_journal(source.file).records), source.file.string());
    const bool same = std::all_of(studies.begin(), studies.end(), [&](const grid::Study& study) { return study.fit == studies.front().fit; });
    return same ? std::optional(studies.front().fit) : std::nullopt;
  }
  const h5::Handle file = open_results(source.file);
  if (!h5::has_attribute(file, "fit_tau") || !h5::has_attribute(file, "fit_baseline")) return std::nullopt;
  const std::string tau = h5::attribute(file, "fit_tau");
  grid::FitSettings fit{.tau = 0, .baseline = h5::attribute(file, "fit_baseline")};
  const auto [end, error] = std::from_chars(tau.data(), tau.data() + tau.size(), fit.tau);
  if (error != std::errc() || end != tau.data() + tau.size()) {
    throw Error({.what = "the attribute fit_tau is damaged", .where = source.file.string(), .expected = "a number", .got = tau});
  }
  return fit;
}

Provenance read_provenance(const std::filesystem::path& path) {
  const Source source = source_of(path);
  return source.is_journal ? provenance_of(replay(read_journal(source.file).records)) : provenance_of(open_results(source.file));
}

Curves read_curves(const std::filesystem::path& path) {
  const Source source = source_of(path);
  if (!source.is_journal) return curves_in(open_results(source.file), source.file.string());
  const History history = replay(read_journal(source.file).records);
  return curves_of(rows_of(history, source.file.string()), history);
}

std::vector<double> read_planned_flops(const std::filesystem::path& path) {
  const Source source = source_of(path);
  std::vector<std::string> ids;
  std::vector<grid::Study> studies;
  if (source.is_journal) {
    const History history = replay(read_journal(source.file).records);
    studies = studies_of(history, source.file.string());
    for (const ResultRow& row : rows_of(history, source.file.string())) ids.push_back(row.id);
  } else {
    const h5::Handle file = open_results(source.file);
    ids = h5::read_texts(h5::open_group(file, "trials"), "id");
    studies = studies_in(h5::attribute(file, "study"));
  }
  std::unordered_map<std::string, double> planned;
  for (const grid::Study& study : studies) {
    std::vector<double> of_cell;
    for (const grid::Cell& cell : study.cells) of_cell.push_back(grid::trial_cost(cell).training_flops);
    for (const grid::StudyTrial& trial : study.trials) planned[trial.id.value] = of_cell[trial.cell];
  }
  std::vector<double> flops;
  for (const std::string& id : ids) {
    const auto found = planned.find(id);
    flops.push_back(found == planned.end() ? std::numeric_limits<double>::quiet_NaN() : found->second);
  }
  return flops;
}

}  // namespace surd::store
