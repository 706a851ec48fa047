#include "store/journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/file_calls.hpp"
#include "base/files.hpp"
#include "base/log.hpp"
#include "base/new_file.hpp"
#include "base/shell.hpp"
#include "store/journal_line.hpp"
#include "store/spare_name.hpp"

namespace surd::store {
namespace {

// What was cut off earlier is in it too.
void append_to_tail_file(const std::filesystem::path& path, std::string_view bytes) {
  const int fd = file_calls::open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK);
  const bool kept = fd >= 0 && file_calls::write(fd, bytes) == 0 &&
                    file_calls::write(fd, "\n") == 0 && file_calls::fsync(fd) == 0;
  const int code = errno;
  if (fd >= 0) ::close(fd);
  if (!kept)
    throw Error(
        {.what = fmt::format("cannot keep the torn end of the journal: {}", std::strerror(code)),
         .where = path.string(),
         .advice = "Nothing was cut. Make room, or move this file away"});
}

// An existing file, or a new one, never through a link that leads to none. -1 and errno.
int open_journal(const std::filesystem::path& path) {
  constexpr int flags = O_RDWR | O_APPEND | O_NONBLOCK;
  int fd = file_calls::open(path, flags);
  if (fd < 0 && errno == ENOENT) fd = file_calls::open(path, flags | O_CREAT | O_EXCL);
  if (fd < 0 && errno == EEXIST) fd = file_calls::open(path, flags);  // made by another meanwhile
  return fd;
}

// A journal that no record follows yet: a header cut short by a crash, or nothing.
void require_torn_header(std::string_view bytes, const std::filesystem::path& path) {
  const std::string header = journal_header();
  constexpr std::size_t same = 10;
  if (bytes.size() <= 2 * header.size() &&
      bytes.substr(0, same) == std::string_view(header).substr(0, std::min(same, bytes.size())))
    return;
  throw InputError({.what = "this is no journal",
                    .where = path.string(),
                    .expected = header.substr(0, 24) + "...",
                    .got = std::string(bytes.substr(0, 24))});
}

bool is_same_file(const struct stat& one, const struct stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace

Journal::Journal(const std::filesystem::path& path, LockKind kind) : path_(path) {
  try {
    open_locked(kind);
    const std::string bytes = read_file(path_);
    content_ = parse_journal(bytes, path_);
    if (content_.good_bytes == 0) require_torn_header(bytes, path_);
    mend(bytes);
    next_seq_ = static_cast<std::int64_t>(content_.records.size()) + 1;
    if (content_.good_bytes == 0) begin();
  } catch (...) {
    lock_.reset();
    if (fd_ >= 0) ::close(fd_);
    throw;
  }
}

Journal::~Journal() {
  lock_.reset();
  ::close(fd_);
}

void Journal::open_locked(LockKind kind) {
  constexpr int tries = 3;
  for (int i = 0; i < tries; ++i) {
    fd_ = open_journal(path_);
    if (fd_ < 0) fail("open");
    lock_ = std::make_unique<WriterLock>(fd_, lock_file_of(path_), kind);
    if (is_in_place()) return;
    lock_.reset();  // another file came in its place before it was locked
    ::close(std::exchange(fd_, -1));
  }
  throw Error({.what = "another process keeps replacing the journal", .where = path_.string()});
}

// The end of a journal that is whole but for it.
void Journal::mend(std::string_view bytes) {
  size_bytes_ = content_.good_bytes;
  if (content_.torn_bytes > 0) {
    auto tail_file = path_;
    tail_file.replace_extension(".tail");
    append_to_tail_file(tail_file, bytes.substr(static_cast<std::size_t>(size_bytes_)));
    if (file_calls::truncate(fd_, size_bytes_) != 0) fail("cut off the torn tail");
    flushed_ = true;
    log::warning("{}: cut off an unfinished last line of {} bytes, left by a crash; it is in {}",
                 path_.string(), content_.torn_bytes, tail_file.string());
  }
  if (content_.unended) {
    log::warning("{}: the last record is whole, and its line gets the end that it lacks",
                 path_.string());
    buffer_.assign(1, '\n');
    sync();
  }
}

void Journal::begin() {
  buffer_ = journal_header();
  sync();
  sync_folder_of(path_);  // the name must survive a crash too
}

void Journal::fail(const char* action) const {
  throw Error({.what = fmt::format("cannot {}: {}", action, std::strerror(errno)),
               .where = path_.string()});
}

void Journal::fail_for_good(const char* action) {
  broken_ = true;
  throw Error(
      {.what = fmt::format("cannot write the journal: {}: {}", action, std::strerror(errno)),
       .where = path_.string(),
       .advice = "Nothing that was acknowledged is lost. Make room (df, quota), then "
                 "start the run again: it goes on from here"});
}

void Journal::require_working() const {
  if (broken_)
    throw Error({.what = "the journal takes no more records after a failed write",
                 .where = path_.string()});
}

void Journal::append(const Record& record) {
  require_working();
  buffer_ += journal_line(to_json(record), next_seq_);
  ++next_seq_;
}

void Journal::flush() {
  require_working();
  if (buffer_.empty()) return;
  if (file_calls::write(fd_, buffer_) != 0) fail_for_good("write");
  size_bytes_ += static_cast<std::int64_t>(buffer_.size());
  buffer_.clear();
  flushed_ = true;
}

void Journal::sync() {
  flush();
  if (flushed_ && file_calls::fsync(fd_) != 0) fail_for_good("fsync");
  require_in_place();
  flushed_ = false;
}

bool Journal::is_in_place() const {
  struct stat mine {};
  struct stat there {};
  return ::fstat(fd_, &mine) == 0 && ::stat(path_.c_str(), &there) == 0 &&
         is_same_file(mine, there);
}

// A journal that no restart will find is none: nothing may be acknowledged any more.
void Journal::require_in_place() {
  struct stat mine {};
  struct stat there {};
  if (::fstat(fd_, &mine) != 0) fail_for_good("look at it");
  const bool is_gone = ::stat(path_.c_str(), &there) != 0;
  if (is_gone && errno != ENOENT && errno != ENOTDIR) return;  // not known: nothing was said
  const bool is_ours = !is_gone && is_same_file(mine, there);
  if (is_ours && mine.st_size == size_bytes_) return;
  broken_ = true;
  if (is_ours)
    throw Error({.what = "the journal was changed by another program while the run went on",
                 .where = path_.string(),
                 .expected = fmt::format("{} bytes", size_bytes_),
                 .got = std::to_string(mine.st_size),
                 .advice = fmt::format("`surd results verify {}` shows what it holds now",
                                       path_.parent_path().string())});
  throw Error({.what = fmt::format("the journal was {} while the run went on",
                                   is_gone ? "removed" : "replaced by another file"),
               .where = path_.string(),
               .advice = rescue()});
}

// Writes what the open file holds to a new one; what to do with it, in words.
std::string Journal::rescue() const {
  try {
    std::filesystem::create_directories(path_.parent_path());
    std::string bytes(static_cast<std::size_t>(size_bytes_), '\0');
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t got =
          ::pread(fd_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
      if (got == 0 || (got < 0 && errno != EINTR)) fail("read");
      if (got > 0) done += static_cast<std::size_t>(got);
    }
    const std::filesystem::path rescued = spare_name(path_, "rescued");
    write_file_atomically(rescued, bytes);
    return fmt::format(
        "All that the run had recorded is in {}: `mv {} {}` puts it back, then start the run again",
        rescued.string(), shell_word(rescued.string()), shell_word(path_.string()));
  } catch (const std::exception& error) {
    return fmt::format("What the run had recorded could not be saved: {}", error.what());
  }
}

}  // namespace surd::store
