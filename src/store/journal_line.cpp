#include "store/journal_line.hpp"

#include <algorithm>
#include <optional>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "store/record.hpp"

namespace surd::store {
namespace {

// The checksum is the last key of the line, out of the sorted order, so that it is checked on the
// bytes, without parsing and dumping again.
constexpr std::string_view checksum_key = ",\"checksum\":\"";
constexpr std::size_t suffix_bytes = checksum_key.size() + 16 + 2;  // key, digits, "}
// Places inside one damaged line at which a whole one is looked for: its own objects follow a
// colon, a comma or a bracket and are none.
constexpr int beginnings_most = 64;

// The whole line that ends at `end` and begins somewhere behind `begin`.
std::optional<FoundLine> find_line(std::string_view bytes, std::size_t begin, std::size_t end) {
  for (int tried = 0; tried < beginnings_most; ++begin) {
    begin = bytes.find("{\"", begin);
    if (begin == std::string_view::npos || begin >= end) return std::nullopt;
    if (begin > 0 && std::string_view(":,[").find(bytes[begin - 1]) != std::string_view::npos)
      continue;
    ++tried;
    try {
      return FoundLine{begin, end, parse_journal_line(bytes.substr(begin, end - begin))};
    } catch (const Error&) {  // it begins elsewhere, or is damaged
    }
  }
  return std::nullopt;
}

}  // namespace

std::string journal_line(Json json, std::int64_t seq) {
  json["seq"] = seq;
  std::string line =
      json.dump(-1, ' ', false,
                Json::error_handler_t::replace);  // a log cut inside a letter must not stop a run
  const std::string checksum = hex(hash64(line));
  line.pop_back();
  return line.append(checksum_key).append(checksum).append("\"}\n");
}

std::string journal_header() {
  return journal_line({{"type", "header"}, {"format_version", format_version()}}, 0);
}

Json parse_journal_line(std::string_view line) {
  const std::size_t body_bytes = line.size() < suffix_bytes ? 0 : line.size() - suffix_bytes;
  if (body_bytes == 0 || line.substr(body_bytes, checksum_key.size()) != checksum_key ||
      !line.ends_with("\"}")) {
    throw Error("no checksum at the end of the line");
  }
  const std::string body = std::string(line.substr(0, body_bytes)) + "}";
  const std::string_view written = line.substr(body_bytes + checksum_key.size(), 16);
  const std::string computed = hex(hash64(body));
  if (written != computed)
    throw Error(
        {.what = "the checksum does not match", .expected = computed, .got = std::string(written)});
  Json json = Json::parse(body, nullptr, false);
  if (json.is_discarded()) throw Error("not JSON");
  required<std::int64_t>(json, "seq", "");
  return json;
}

std::int64_t seq_of(const Json& line) { return line.at("seq").get<std::int64_t>(); }

std::vector<FoundLine> find_journal_lines(std::string_view bytes) {
  std::vector<FoundLine> lines;
  std::size_t begin = 0;
  for (std::size_t key = 0; (key = bytes.find(checksum_key, key)) != std::string_view::npos;
       ++key) {
    const std::size_t end = key + suffix_bytes;
    if (end > bytes.size()) break;
    if (auto line = find_line(bytes, begin, end)) lines.push_back(std::move(*line));
    begin = end;  // no line has another's checksum inside
  }
  return lines;
}

}  // namespace surd::store
