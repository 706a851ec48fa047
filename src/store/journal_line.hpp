// A line of the journal: {"seq": n, "type": ..., ..., "checksum": ...} and a newline. The checksum
// is XXH3-64 (16 hexadecimal digits) of the canonical dump (sorted keys, no spaces) without it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace surd::store {

// With checksum and newline; what `json` holds as "seq" is replaced.
std::string journal_line(Json json, std::int64_t seq);
// Line 0, which holds the format version.
std::string journal_header();

// A line without its newline. Error says what is wrong, not where: no checksum, another one, no
// JSON, no sequence number.
Json parse_journal_line(std::string_view line);
std::int64_t seq_of(const Json& line);  // of what parse_journal_line gave

// What of `bytes` is a whole line, whatever stands around it.
struct FoundLine {
  std::size_t begin = 0;
  std::size_t end = 0;  // behind its last }
  Json json;
};
std::vector<FoundLine> find_journal_lines(std::string_view bytes);

}  // namespace surd::store
