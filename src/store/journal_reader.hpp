// Reads a journal: whole, or what is left of a damaged one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/record.hpp"

namespace surd::store {

struct JournalContent {
  std::vector<Record> records;  // without the header
  std::int64_t skipped_records =
      0;  // that were asked to be left out; records[i] has seq skipped_records + i + 1
  std::int64_t good_bytes = 0;  // of all whole records
  std::int64_t torn_bytes = 0;  // behind them, of an unfinished last line
  bool unended = false;         // the last record is whole, its newline is missing or another byte
  std::int64_t unknown_records = 0;
};

// Reads without a lock, also while another process appends: an unfinished last line is left out.
// Records before `first_seq` are passed over unread.
// InputError: no such file, a newer major version. Error: damage, with the record's number and with
// what each way to go on would lose.
JournalContent read_journal(const std::filesystem::path& path, std::int64_t first_seq = 0);
// The same of its bytes, read before; `path` names them in messages.
JournalContent parse_journal(std::string_view bytes, const std::filesystem::path& path,
                             std::int64_t first_seq = 0);

// Sequence numbers, both included.
struct SeqRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
  bool operator==(const SeqRange&) const = default;
};

// "record 7", "records 7 to 9".
std::string to_string(const SeqRange& range);

// A record that is whole, and where it stands.
struct SurveyedRecord {
  std::int64_t seq = 0;
  std::size_t begin = 0;  // its bytes, without newline
  std::size_t end = 0;
  Record record;
};

// A journal as far as it can be read.
struct JournalSurvey {
  std::vector<SurveyedRecord> records;  // without the header, as they stand in the file
  std::vector<std::string> faults;      // a sentence each; none: it is whole
  std::vector<SeqRange> missing;        // numbers that no whole record has, in order
  std::vector<std::pair<std::size_t, std::size_t>> damaged_bytes;  // of lines that are not whole
  std::int64_t good_lines = 0;                                     // before the first fault
  std::int64_t good_bytes = 0, torn_bytes = 0;                     // as in JournalContent
};
// InputError: a newer major version.
JournalSurvey survey_journal(std::string_view bytes, const std::filesystem::path& path);
// What salvaging would lose, and what cutting the journal before its first fault would.
std::string ways_on(const JournalSurvey& survey, const std::filesystem::path& path);

}  // namespace surd::store
