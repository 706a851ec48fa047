#include "store/journal_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/files.hpp"
#include "store/journal_line.hpp"

namespace surd::store {
namespace {

void check_header(const Json& json, const std::string& where) {
  if (required<std::string>(json, "type", where) != "header")
    throw Error({.what = "the first record is no header", .where = where});
  require_readable(required<std::string>(json, "format_version", where), where);
}

void require_seq(const Json& json, std::int64_t seq) {
  if (seq_of(json) != seq)
    throw Error({.what = "sequence number out of order",
                 .expected = std::to_string(seq),
                 .got = std::to_string(seq_of(json))});
}

// What stands behind the last newline.
struct Tail {
  std::optional<FoundLine> whole;  // a record with nothing behind it but one byte where its newline
                                   // should be
  std::size_t lines = 0;           // whole ones in it
};

Tail judge_tail(std::string_view bytes) {
  Tail tail;
  if (bytes.empty()) return tail;
  std::vector<FoundLine> lines = find_journal_lines(bytes);
  tail.lines = lines.size();
  if (lines.size() == 1 && lines[0].begin == 0 && bytes.size() - lines[0].end <= 1)
    tail.whole = std::move(lines[0]);
  return tail;
}

// Reads line by line and stops at the first that is not as it should be.
class StrictReader {
 public:
  StrictReader(const std::filesystem::path& path, std::int64_t first_seq)
      : where_(path.string()), first_seq_(first_seq) {}

  // Error says what is wrong with record seq().
  JournalContent read(std::string_view bytes) {
    std::size_t begin = 0;
    for (std::size_t end; (end = bytes.find('\n', begin)) != std::string_view::npos;
         begin = end + 1) {
      if (seq_ > 0 && seq_ < first_seq_) {
        ++content_.skipped_records;
        ++seq_;
      } else {
        take(parse_journal_line(bytes.substr(begin, end - begin)));
      }
    }
    const Tail tail = judge_tail(bytes.substr(begin));
    if (tail.whole) {
      take(tail.whole->json);
      content_.unended = true;
      begin += tail.whole->end;
    } else if (tail.lines > 0) {  // a crash tears one record, and leaves none whole behind it
      throw Error(fmt::format("the last {} bytes hold {} whole records without line ends",
                              bytes.size() - begin, tail.lines));
    }
    content_.good_bytes = static_cast<std::int64_t>(begin);
    content_.torn_bytes = static_cast<std::int64_t>(bytes.size() - begin);
    return std::move(content_);
  }
  std::int64_t seq() const { return seq_; }

 private:
  void take(const Json& json) {
    require_seq(json, seq_);
    if (seq_ == 0) {
      check_header(json, where_);
    } else if (seq_ < first_seq_) {
      ++content_.skipped_records;
    } else {
      content_.records.push_back(record_from_json(json, cells_));
      if (std::holds_alternative<UnknownRecord>(content_.records.back()))
        ++content_.unknown_records;
    }
    ++seq_;
  }

  std::string where_;
  std::int64_t first_seq_;
  std::int64_t seq_ = 0;  // of the next record
  JournalContent content_;
  CellPool cells_;
};

// Goes on behind each fault.
class Surveyor {
 public:
  Surveyor(std::string_view bytes, const std::filesystem::path& path)
      : bytes_(bytes), where_(path.string()) {}

  JournalSurvey survey() {
    std::size_t begin = 0;
    for (std::size_t end; (end = bytes_.find('\n', begin)) != std::string_view::npos;
         begin = end + 1) {
      ++line_;
      whole_line(begin, end);
    }
    ++line_;
    tail(begin);
    settle_damaged(expected_ + static_cast<std::int64_t>(damaged_lines_.size()));
    name_missing();
    if (survey_.records.empty() && !has_header_ && survey_.faults.empty())
      fault("no complete record");
    return std::move(survey_);
  }

 private:
  void whole_line(std::size_t begin, std::size_t end) {
    std::string what;
    try {
      take(begin, end, parse_journal_line(bytes_.substr(begin, end - begin)));
    } catch (const InputError&) {
      throw;
    } catch (const Error& error) {
      what = error.what();
    }
    if (!what.empty()) damaged_line(begin, end, what);
  }

  void damaged_line(std::size_t begin, std::size_t end, const std::string& what) {
    const auto lines = find_journal_lines(bytes_.substr(begin, end - begin));
    survey_.damaged_bytes.emplace_back(begin, end);
    if (lines.empty()) {
      damaged_lines_.push_back({line_, what});
      return;
    }
    fault(fmt::format("line {}: {} whole records among other bytes, or without line ends", line_,
                      lines.size()));
    take_all(begin, lines);
  }

  void take_all(std::size_t begin, const std::vector<FoundLine>& lines) {
    for (const FoundLine& line : lines) {
      try {
        take(begin + line.begin, begin + line.end, line.json);
      } catch (const InputError&) {
        throw;
      } catch (const Error& error) {
        fault(fmt::format("line {}: {}", line_, error.what()));
      }
    }
  }

  void tail(std::size_t begin) {
    const Tail tail = judge_tail(bytes_.substr(begin));
    survey_.good_bytes = static_cast<std::int64_t>(begin);
    if (tail.whole) {
      take_all(begin, {*tail.whole});
      survey_.good_bytes += static_cast<std::int64_t>(tail.whole->end);
    } else if (tail.lines > 0) {
      damaged_line(begin, bytes_.size(), "");
      survey_.good_bytes = static_cast<std::int64_t>(bytes_.size());
    }
    survey_.torn_bytes = static_cast<std::int64_t>(bytes_.size()) - survey_.good_bytes;
  }

  void take(std::size_t begin, std::size_t end, const Json& json) {
    const std::int64_t seq = seq_of(json);
    if (seq == 0) {
      check_header(json, where_);
      has_header_ = true;
    } else {
      survey_.records.push_back({seq, begin, end, record_from_json(json, cells_)});
    }
    if (seq < expected_) {
      fault(fmt::format("line {}: record {} stands behind record {}", line_, seq, expected_ - 1));
    } else {
      settle_damaged(seq);
      expected_ = seq + 1;
    }
    if (survey_.faults.empty()) ++survey_.good_lines;
  }

  // The record `next` was found: what stands in the place of those before it?
  void settle_damaged(std::int64_t next) {
    for (std::size_t i = 0; i < damaged_lines_.size(); ++i) {
      const auto& [line, what] = damaged_lines_[i];
      const bool is_last = i + 1 == damaged_lines_.size();
      const SeqRange range{expected_, is_last ? next - 1 : expected_};
      if (expected_ >= next) {  // another part of a record, or bytes between two
        if (i == 0) fault(fmt::format("line {}: between two records: {}", line, what));
        continue;
      }
      fault(fmt::format("{} (line {}): {}", to_string(range), line, what));
      expected_ = range.last + 1;
    }
    damaged_lines_.clear();
    if (expected_ < next)
      fault(fmt::format("{} (before line {}): missing", to_string(SeqRange{expected_, next - 1}),
                        line_));
    expected_ = std::max(expected_, next);
  }

  // By all numbers that were found, wherever they stand.
  void name_missing() {
    std::set<std::int64_t> found;
    for (const SurveyedRecord& record : survey_.records) found.insert(record.seq);
    std::int64_t next = 1;
    found.insert(std::max<std::int64_t>(expected_, 1));  // one behind the last
    for (const std::int64_t seq : found) {
      if (seq > next) survey_.missing.push_back({next, seq - 1});
      next = seq + 1;
    }
  }

  void fault(const std::string& what) {
    survey_.faults.push_back(fmt::format("{}: {}", where_, what));
  }

  std::string_view bytes_;
  std::string where_;
  JournalSurvey survey_;
  CellPool cells_;
  std::int64_t expected_ = 0;  // number of the next record
  std::int64_t line_ = 0;      // counted from 1
  bool has_header_ = false;
  std::vector<std::pair<std::int64_t, std::string>> damaged_lines_;  // since the last whole record
};

std::size_t trials_done(const JournalSurvey& survey, std::int64_t first_seq) {
  std::set<TrialId> before;
  std::set<TrialId> behind;
  for (const SurveyedRecord& record : survey.records) {
    if (const auto* done = std::get_if<TrialDone>(&record.record))
      (record.seq < first_seq ? before : behind).insert(done->id);
  }
  std::erase_if(behind, [&](const TrialId& id) { return before.contains(id); });
  return behind.size();
}

}  // namespace

std::string to_string(const SeqRange& range) {
  return range.first == range.last ? fmt::format("record {}", range.first)
                                   : fmt::format("records {} to {}", range.first, range.last);
}

JournalContent parse_journal(std::string_view bytes, const std::filesystem::path& path,
                             std::int64_t first_seq) {
  StrictReader reader(path, first_seq);
  try {
    return reader.read(bytes);
  } catch (const InputError&) {
    throw;
  } catch (const Error& error) {
    throw Error({.what = fmt::format("record {} (line {}) is damaged: {}", reader.seq(),
                                     reader.seq() + 1, error.what()),
                 .where = path.string(),
                 .advice = fmt::format("`surd results verify {}` shows all that is damaged. {}",
                                       path.parent_path().string(),
                                       ways_on(survey_journal(bytes, path), path))});
  }
}

JournalContent read_journal(const std::filesystem::path& path, std::int64_t first_seq) {
  return parse_journal(read_file(path), path, first_seq);
}

JournalSurvey survey_journal(std::string_view bytes, const std::filesystem::path& path) {
  return Surveyor(bytes, path).survey();
}

std::string ways_on(const JournalSurvey& survey, const std::filesystem::path& path) {
  std::int64_t missing = 0;
  for (const SeqRange& range : survey.missing) missing += range.last - range.first + 1;
  std::string words = fmt::format(
      "`surd results rebuild --salvage {}` keeps {} records and loses {}",
      path.parent_path().string(), survey.records.size(),
      missing == 0 ? "none" : fmt::format("{}, each a finished trial at most", missing));
  if (survey.good_lines == 0) return words;
  const auto behind = static_cast<std::int64_t>(survey.records.size()) - (survey.good_lines - 1);
  return words + fmt::format(
                     "; to cut it there, by `head -n {}` of it in its place, would lose {} more "
                     "records, {} finished trials among them, to be trained again",
                     survey.good_lines, behind, trials_done(survey, survey.good_lines));
}

}  // namespace surd::store
