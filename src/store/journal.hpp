// The journal: append-only JSON lines, the truth of a run folder. Line n holds {"seq": n, "type":
// ..., ..., "checksum": ...}, where the checksum is XXH3-64 (16 hexadecimal digits) of the line's
// canonical dump (sorted keys, no spaces) without it. Line 0 is the header with the format version.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/lock.hpp"
#include "store/record.hpp"

namespace surd::store {

struct JournalContent {
  std::vector<Record> records;  // without the header
  std::int64_t skipped_records =
      0;  // that were asked to be left out; records[i] has seq skipped_records + i + 1
  std::int64_t good_bytes = 0;  // length of all complete lines
  std::int64_t torn_bytes = 0;  // of an unfinished last line
  std::int64_t unknown_records = 0;
};

// Reads without a lock, also while another process appends: an unfinished last line is left out.
// Records before `first_seq` are passed over unread.
// InputError: no such file, a newer major version. Error: damage, with the record's number.
JournalContent read_journal(const std::filesystem::path& path, std::int64_t first_seq = 0);
// The same of its bytes, read before; `path` names them in messages.
JournalContent parse_journal(std::string_view bytes, const std::filesystem::path& path,
                             std::int64_t first_seq = 0);

// Everything that is wrong with a journal, a sentence each: damaged lines, gaps in seq. Good
// records go to `content`; an unfinished last line is no damage, content.torn_bytes says it.
std::vector<std::string> verify_journal(const std::filesystem::path& path, JournalContent& content);

class Journal {
 public:
  // Opens for appending, or creates; takes the lock, reads every record, cuts off a torn tail (and
  // logs how many bytes). InputError: another process writes it, a newer major version. Error: a
  // damaged middle, any failed system call.
  explicit Journal(const std::filesystem::path& path, LockKind kind = LockKind::automatic);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // What was found at opening; to be called once.
  std::vector<Record> take_records() { return std::move(content_.records); }
  std::int64_t cut_bytes() const { return content_.torn_bytes; }
  std::int64_t unknown_records() const { return content_.unknown_records; }

  // Into memory only. What is neither flushed nor synced when the object ends is lost, as in a
  // crash: nobody was told that it is safe.
  void append(const Record& record);
  // Writes what was appended, without fsync: enough for a restart to know it after this process is
  // killed, not after the machine went down. Errors as sync().
  void flush();
  // Writes what was appended and fsyncs, once for all. Only after this may a result or a checkpoint
  // be acknowledged. Error (disk full, ...): the journal takes no more records, since a page that
  // failed to reach the disk may be dropped by the kernel.
  void sync();
  bool synced() const { return buffer_.empty() && !flushed_; }
  // See WriterLock::beat.
  void beat() { lock_->beat(); }

 private:
  void write_all(std::string_view bytes);
  template <typename Body>
  void writing(Body body);

  std::filesystem::path path_;
  int fd_ = -1;
  std::unique_ptr<WriterLock> lock_;
  JournalContent content_;
  std::int64_t next_seq_ = 0;
  std::string buffer_;
  bool flushed_ = false;  // something was written since the last fsync
  bool broken_ = false;
};

}  // namespace surd::store
