#include "store/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/file_calls.hpp"
#include "base/log.hpp"
#include "store/journal.hpp"
#include "store/results.hpp"
#include "store/snapshot.hpp"

namespace surd::store {
namespace {

std::vector<std::string> beyond_journal(const Snapshot& table, const History& history) {
  std::vector<std::string> lacking;
  for (const ResultRow& row : table.rows()) {
    if ((row.status == "finished" || row.status == "diverged") && !history.done.contains({row.id}))
      lacking.push_back(row.id);
  }
  for (const AuditRow& row : table.audit()) {
    if ((row.status == "finished" || row.status == "diverged") &&
        !history.done.contains({row.audit_id}))
      lacking.push_back(row.audit_id);
  }
  std::vector<std::string> lines;
  if (!lacking.empty()) {
    const std::size_t shown = std::min<std::size_t>(lacking.size(), 3);
    lines.push_back(fmt::format(
        "results.h5 holds {} finished trials that the journal lacks: {}{}", lacking.size(),
        fmt::join(lacking.begin(), lacking.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
        shown < lacking.size() ? ", ..." : ""));
  }
  if (const auto known = table.journal_records().value_or(0); known > history.records) {
    lines.push_back(fmt::format("results.h5 was made from {} records of the journal, which has {}",
                                known, history.records));
  }
  return lines;
}

template <typename Row>
void compare_rows(std::span<const Row> rows, std::span<const Row> expected,
                  const std::string& where, const char* what, std::vector<std::string>& lines) {
  if (rows.size() != expected.size()) {
    lines.push_back(fmt::format("{}: {} {}s where the journal gives {}", where, rows.size(), what,
                                expected.size()));
    return;
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto columns = differing_columns(rows[i], expected[i]);
    if (columns.empty()) continue;
    lines.push_back(fmt::format("{}: {} {} (id {}) differs from the journal in {}", where, what, i,
                                expected[i].id, fmt::join(columns, ", ")));
  }
}

Comparison compare_table(const RunFolder& folder, const Snapshot& table, const History& history) {
  Comparison found{.damage = beyond_journal(table, history), .notes = table.notes()};
  for (std::string& line : found.damage) line = fmt::format("{}: {}", folder.path().string(), line);
  if (!found.damage.empty()) return found;
  const std::string where = folder.results().string();
  std::vector<ResultRow> rows;
  std::vector<AuditRow> audit;
  try {
    const std::vector<grid::Study> studies = studies_of(history, folder.journal().string());
    rows = make_rows(studies, history);
    audit = make_audit_rows(studies, rows, history);
  } catch (const InputError& error) {
    found.notes.push_back(fmt::format("{}: not compared: {}", where, error.what()));
    return found;
  }
  if (is_stale(table, folder.journal())) {
    found.notes.push_back(
        fmt::format("{}: older than the journal; `surd results rebuild` makes it new", where));
    return found;
  }
  compare_rows<ResultRow>(table.rows(), rows, where, "trial", found.damage);
  compare_rows<AuditRow>(table.audit(), audit, where, "audited trial", found.damage);
  return found;
}

// Where there is none yet of this name.
std::filesystem::path place_aside(const std::filesystem::path& results) {
  auto aside = results;
  aside += ".damaged";
  std::error_code code;
  for (int i = 2; std::filesystem::exists(std::filesystem::symlink_status(aside, code)); ++i) {
    aside = results;
    aside += fmt::format(".damaged-{}", i);
  }
  return aside;
}

void set_aside(const std::filesystem::path& results, const std::string& why) {
  const auto aside = place_aside(results);
  if (file_calls::rename(results, aside) != 0) {
    throw Error({.what = fmt::format("cannot rename to {}: {}", aside.filename().string(),
                                     std::strerror(errno)),
                 .where = results.string()});
  }
  log::warning("{}. It is {} now, and is made anew from the journal", why, aside.string());
}

// Null where there is none, or none that can be read, which is then set aside.
std::unique_ptr<const Snapshot> table_to_replace(const std::filesystem::path& results) {
  const auto status = std::filesystem::status(results);
  if (!std::filesystem::exists(status)) return nullptr;
  if (!std::filesystem::is_regular_file(status)) {
    throw InputError({.what = "this is no file, and results.h5 would take its place",
                      .where = results.string(),
                      .advice = "Move it away"});
  }
  try {
    return read_run(results);
  } catch (const NewerFormat&) {
    throw;
  } catch (const Error& error) {
    Report report = error.report();
    report.advice.clear();  // what it says is being done
    set_aside(results, to_string(report));
    return nullptr;
  }
}

}  // namespace

void require_whole_journal(const RunFolder& folder, const History& history) {
  const auto table = table_to_replace(folder.results());
  if (table == nullptr) return;
  const std::vector<std::string> beyond = beyond_journal(*table, history);
  if (beyond.empty()) return;
  throw InputError({.what = beyond.front(),
                    .where = folder.path().string(),
                    .expected = "the journal that results.h5 was made from",
                    .advice = "Put the whole journal back. Move results.h5 away first if the table "
                              "of this journal is wanted all the same"});
}

Comparison compare_results(const RunFolder& folder, History history) {
  constexpr int rounds = 5;
  try {
    // A run that goes on renews both meanwhile: a difference counts only where the journal was read
    // after a table that then still stands.
    for (int round = 0; round < rounds; ++round) {
      const auto table = read_run(folder.results());
      if (round > 0) history = replay(read_journal(folder.journal()).records);
      Comparison found = compare_table(folder, *table, history);
      if (found.damage.empty()) return found;
      if (round > 0 && read_run(folder.results())->journal_records() == table->journal_records())
        return found;
    }
    return {.damage = {},
            .notes = {fmt::format("{}: not compared: it was renewed each time that it was read",
                                  folder.results().string())}};
  } catch (const Error& error) {
    return {.damage = {error.what()}, .notes = {}};
  }
}

}  // namespace surd::store
