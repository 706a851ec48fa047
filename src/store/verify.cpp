#include "store/verify.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <sstream>

#include "store/checkpoint.hpp"
#include "store/journal.hpp"
#include "store/snapshot.hpp"

namespace surd::store {
namespace {

// Lines that `body` gives in a process of its own: HDF5 may crash on a damaged file, which is then
// the finding.
template <typename Body>
std::vector<std::string> lines_of_child(const std::string& subject, Body body) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0)
    throw Error(std::string("cannot make a pipe: ") + std::strerror(errno));
  const pid_t child = ::fork();
  if (child < 0) throw Error(std::string("cannot fork: ") + std::strerror(errno));
  if (child == 0) {
    ::close(ends[0]);
    for (const int fault : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV}) ::signal(fault, SIG_DFL);
    if (std::freopen("/dev/null", "w", stderr) == nullptr)
      ::_exit(1);  // the crash is reported below, in words
    std::string text;
    for (const std::string& line : body()) text += line + "\n";
    for (std::string_view rest = text; !rest.empty();) {
      const ssize_t written = ::write(ends[1], rest.data(), rest.size());
      if (written < 0 && errno != EINTR) ::_exit(1);
      if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t got; (got = ::read(ends[0], part.data(), part.size())) != 0;) {
    if (got < 0 && errno != EINTR) break;
    if (got > 0) text.append(part.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    lines.push_back(subject + ": damaged so that HDF5 crashes on it");
  return lines;
}

struct Table {
  std::vector<ResultRow> rows;
  std::vector<AuditRow> audit;
  std::int64_t known_records = 0;
};

Table read_table(const RunFolder& folder) {
  const auto snapshot = read_run(folder.results());
  return {snapshot->rows(), snapshot->audit(), snapshot->journal_records().value_or(0)};
}

std::vector<std::string> beyond_journal(const Table& table, const History& history) {
  std::vector<std::string> lacking;
  for (const ResultRow& row : table.rows) {
    if ((row.status == "finished" || row.status == "diverged") && !history.done.contains({row.id}))
      lacking.push_back(row.id);
  }
  for (const AuditRow& row : table.audit) {
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
  if (table.known_records > history.records) {
    lines.push_back(fmt::format("results.h5 was made from {} records of the journal, which has {}",
                                table.known_records, history.records));
  }
  return lines;
}

constexpr std::string_view note_mark =
    "note: ";  // before a line of compare_results that is no damage

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

std::vector<std::string> compare_table(const RunFolder& folder, const Table& table,
                                       const History& history) {
  std::vector<std::string> lines = beyond_journal(table, history);
  for (std::string& line : lines) line = folder.path().string() + ": " + line;
  if (!lines.empty()) return lines;
  const std::string where = folder.results().string();
  Table expected;
  try {
    const std::vector<grid::Study> studies = studies_of(history, folder.journal().string());
    expected.rows = make_rows(studies, history);
    expected.audit = make_audit_rows(studies, expected.rows, history);
  } catch (const InputError& error) {
    return {fmt::format("{}{}: not compared: {}", note_mark, where, error.what())};
  }
  if (is_stale(folder.results(), folder.journal())) {
    return {fmt::format("{}{}: older than the journal; `surd results rebuild` makes it new",
                        note_mark, where)};
  }
  compare_rows<ResultRow>(table.rows, expected.rows, where, "trial", lines);
  compare_rows<AuditRow>(table.audit, expected.audit, where, "audited trial", lines);
  return lines;
}

std::vector<std::string> compare_results(const RunFolder& folder, History history) {
  constexpr int rounds = 5;
  try {
    // A run that goes on renews both meanwhile: a difference counts only where the journal was read
    // after a table that then still stands.
    for (int round = 0; round < rounds; ++round) {
      const Table table = read_table(folder);
      if (round > 0) history = replay(read_journal(folder.journal()).records);
      auto lines = compare_table(folder, table, history);
      const bool stands = known_records(folder.results()).value_or(0) == table.known_records;
      if (lines.empty() || (round > 0 && stands)) return lines;
    }
    return {fmt::format("{}{}: not compared: it was renewed each time that it was read", note_mark,
                        folder.results().string())};
  } catch (const std::exception& error) {
    return {error.what()};
  }
}

void verify_checkpoints(const RunFolder& folder, const History& history, Verification& found) {
  std::map<std::string, std::vector<TrialId>> needed;
  for (const auto& [id, saved] : history.checkpoints) needed[saved.file].push_back(id);
  for (const auto& [file, ids] : needed) {
    ++found.checkpoints;
    const auto path = folder.checkpoints() / file;
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

}  // namespace

std::vector<std::string> results_beyond_journal(const RunFolder& folder, const History& history) {
  std::error_code code;
  if (!std::filesystem::exists(folder.results(), code)) return {};
  const std::string crash = "crash";
  std::vector<std::string> lines = lines_of_child(crash, [&]() -> std::vector<std::string> {
    try {
      return beyond_journal(read_table(folder), history);
    } catch (const std::exception&) {
      return {};
    }
  });
  std::erase_if(lines, [&](const std::string& line) { return line.starts_with(crash); });
  return lines;
}

void require_whole_journal(const RunFolder& folder, const History& history) {
  const std::vector<std::string> beyond = results_beyond_journal(folder, history);
  if (beyond.empty()) return;
  throw InputError({.what = beyond.front(),
                    .where = folder.path().string(),
                    .expected = "the journal that results.h5 was made from",
                    .advice = "Put the whole journal back. Move results.h5 away first if the table "
                              "of this journal is wanted all the same"});
}

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
  JournalContent content;
  found.damage = verify_journal(folder.journal(), content);
  const bool journal_whole = found.damage.empty();
  if (content.torn_bytes > 0) {
    found.notes.push_back(
        fmt::format("{}: unfinished last line of {} bytes at byte {}, cut off when the run goes on",
                    journal, content.torn_bytes, content.good_bytes));
  }
  const History history = replay(content.records);
  found.records = static_cast<std::int64_t>(content.records.size());
  found.trials_done = static_cast<std::int64_t>(history.done.size());
  for (const std::string& conflict : history.conflicts)
    found.damage.push_back(journal + ": " + conflict);
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
  for (const std::string& line : lines_of_child(folder.results().string(),
                                                [&] { return compare_results(folder, history); })) {
    if (line.starts_with(note_mark)) {
      found.notes.push_back(line.substr(note_mark.size()));
    } else {
      found.damage.push_back(line);
    }
  }
  return found;
}

}  // namespace surd::store
