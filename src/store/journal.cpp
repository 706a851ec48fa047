#include "store/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <system_error>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"

namespace surd::store {
namespace {

// The checksum is the last key of the line, out of the sorted order, so that it is checked on the
// bytes, without parsing and dumping again.
constexpr std::string_view checksum_key = ",\"checksum\":\"";
constexpr std::size_t suffix_bytes = checksum_key.size() + 16 + 2;  // key, digits, "}

std::string line_of(Json json, std::int64_t seq) {
  json["seq"] = seq;
  std::string line =
      json.dump(-1, ' ', false,
                Json::error_handler_t::replace);  // a log cut inside a letter must not stop a run
  const std::string checksum = hex(hash64(line));
  line.pop_back();
  return line.append(checksum_key).append(checksum).append("\"}\n");
}

std::string header_line() {
  return line_of({{"type", "header"}, {"format_version", format_version()}}, 0);
}

// A line without its newline to JSON. Error says what is wrong, not where.
Json parse_line(std::string_view line, std::int64_t seq) {
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
  const auto got = required<std::int64_t>(json, "seq", "");
  if (got != seq)
    throw Error({.what = "sequence number out of order",
                 .expected = std::to_string(seq),
                 .got = std::to_string(got)});
  return json;
}

void check_header(const Json& json, const std::string& where) {
  if (required<std::string>(json, "type", where) != "header")
    throw Error({.what = "the first record is no header", .where = where});
  require_readable(required<std::string>(json, "format_version", where), where);
}

using OnDamage = std::function<void(std::int64_t seq, const std::string& what)>;

// `on_damage` may throw; where it returns, reading goes on after the line.
JournalContent scan(std::string_view bytes, const std::string& where, const OnDamage& on_damage,
                    std::int64_t first_seq = 0) {
  JournalContent content;
  CellPool cells;
  std::int64_t seq = 0;
  std::size_t begin = 0;
  for (std::size_t end; (end = bytes.find('\n', begin)) != std::string_view::npos;
       begin = end + 1, ++seq) {
    if (seq > 0 && seq < first_seq) {
      ++content.skipped_records;
      continue;
    }
    try {
      const Json json = parse_line(bytes.substr(begin, end - begin), seq);
      if (seq == 0) {
        check_header(json, where);
        continue;
      }
      content.records.push_back(record_from_json(json, cells));
      if (std::holds_alternative<UnknownRecord>(content.records.back())) ++content.unknown_records;
    } catch (const InputError&) {
      throw;
    } catch (const Error& error) {
      on_damage(seq, error.what());
    }
  }
  content.good_bytes = static_cast<std::int64_t>(begin);
  content.torn_bytes = static_cast<std::int64_t>(bytes.size() - begin);
  return content;
}

}  // namespace

JournalContent parse_journal(std::string_view bytes, const std::filesystem::path& path,
                             std::int64_t first_seq) {
  const auto stop = [&](std::int64_t seq, const std::string& what) {
    throw Error({.what = fmt::format("record {} (line {}) is damaged: {}", seq, seq + 1, what),
                 .where = path.string(),
                 .advice = fmt::format("`surd results verify {}` shows all that is damaged. To go "
                                       "on with the {} lines before it: "
                                       "keep a copy, then `head -n {}` of it in its place",
                                       path.parent_path().string(), seq, seq)});
  };
  return scan(bytes, path.string(), stop, first_seq);
}

JournalContent read_journal(const std::filesystem::path& path, std::int64_t first_seq) {
  return parse_journal(read_file(path), path, first_seq);
}

std::vector<std::string> verify_journal(const std::filesystem::path& path,
                                        JournalContent& content) {
  std::vector<std::string> findings;
  content = scan(read_file(path), path.string(), [&](std::int64_t seq, const std::string& what) {
    findings.push_back(
        fmt::format("{}: record {} (line {}): {}", path.string(), seq, seq + 1, what));
  });
  if (content.good_bytes == 0) findings.push_back(path.string() + ": no complete record");
  return findings;
}

Journal::Journal(const std::filesystem::path& path, LockKind kind) : path_(path) {
  const auto fail = [&](const char* action) {
    throw Error({.what = std::string("cannot ") + action + ": " + std::strerror(errno),
                 .where = path_.string()});
  };
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd_ < 0) fail("open");
  try {
    auto side_file = path;
    side_file.replace_extension(".lock.json");
    lock_ = std::make_unique<WriterLock>(fd_, side_file, kind);
    const std::string bytes = read_file(path);
    content_ = parse_journal(bytes, path);
    const std::string header = header_line();
    if (content_.good_bytes == 0 &&
        bytes.compare(0, 10, header, 0, std::min<std::size_t>(10, bytes.size())) != 0) {
      throw InputError({.what = "this is no journal",
                        .where = path.string(),
                        .expected = header.substr(0, 24) + "...",
                        .got = bytes.substr(0, 24)});
    }
    if (content_.torn_bytes > 0) {
      if (::ftruncate(fd_, content_.good_bytes) != 0) fail("cut off the torn tail");
      log::warning("{}: cut off an unfinished last line of {} bytes, left by a crash",
                   path.string(), content_.torn_bytes);
    }
    if (content_.good_bytes == 0) {
      buffer_ = header;
      next_seq_ = 1;
      sync();
      // The name must survive a crash too: fsync of the folder, once.
      const int folder = ::open(path.has_parent_path() ? path.parent_path().c_str() : ".",
                                O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (folder < 0) fail("open the folder of");
      const int synced_folder = ::fsync(folder);
      const int code = errno;
      ::close(folder);
      errno = code;
      if (synced_folder != 0 && code != EINVAL) fail("fsync the folder of");
    } else {
      next_seq_ = static_cast<std::int64_t>(content_.records.size()) + 1;
    }
  } catch (...) {
    lock_.reset();
    ::close(fd_);
    throw;
  }
}

Journal::~Journal() {
  lock_.reset();
  ::close(fd_);
}

void Journal::append(const Record& record) {
  if (broken_)
    throw Error({.what = "the journal takes no more records after a failed write",
                 .where = path_.string()});
  buffer_ += line_of(to_json(record), next_seq_);
  ++next_seq_;
}

void Journal::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw std::system_error(errno, std::generic_category(), "write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

template <typename Body>
void Journal::writing(Body body) {
  if (broken_)
    throw Error({.what = "the journal takes no more records after a failed write",
                 .where = path_.string()});
  try {
    body();
  } catch (const std::system_error& error) {
    broken_ = true;
    throw Error({.what = std::string("cannot write the journal: ") + error.what(),
                 .where = path_.string(),
                 .advice = "Nothing that was acknowledged is lost. Make room (df, quota), then "
                           "start the run again: it goes on from here"});
  }
}

void Journal::flush() {
  writing([this] {
    if (buffer_.empty()) return;
    write_all(buffer_);
    buffer_.clear();
    flushed_ = true;
  });
}

void Journal::sync() {
  flush();
  writing([this] {
    if (flushed_ && ::fsync(fd_) != 0)
      throw std::system_error(errno, std::generic_category(), "fsync");
    flushed_ = false;
  });
}

}  // namespace surd::store
