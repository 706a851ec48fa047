// The journal: append-only JSON lines, the truth of a run folder. Line 0 is the header with the
// format version, line n record n (journal_line.hpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/journal_reader.hpp"
#include "store/lock.hpp"
#include "store/record.hpp"

namespace surd::store {

class Journal {
 public:
  // Opens for appending, or creates; takes the lock and reads every record. Only a journal that is
  // whole is touched: a torn tail goes to journal.tail beside it, which the log says, and a last
  // record without its newline gets one. InputError: another process writes it, a newer major
  // version, another kind of file. Error: damage, any failed system call.
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
  // failed to reach the disk may be dropped by the kernel. So too where the file was removed,
  // replaced or cut meanwhile: what it held is then in journal.rescued-N.jsonl, which the Error
  // names.
  void sync();
  bool synced() const { return buffer_.empty() && !flushed_; }
  // See WriterLock::beat.
  void beat() { lock_->beat(); }

 private:
  void open_locked(LockKind kind);
  void mend(std::string_view bytes);
  void begin();
  bool is_in_place() const;
  void require_in_place();
  std::string rescue() const;
  [[noreturn]] void fail(const char* action) const;
  [[noreturn]] void fail_for_good(const char* action);
  void require_working() const;

  std::filesystem::path path_;
  int fd_ = -1;
  std::unique_ptr<WriterLock> lock_;
  JournalContent content_;
  std::int64_t next_seq_ = 0;
  std::int64_t size_bytes_ = 0;  // of the file, as far as this process knows
  std::string buffer_;
  bool flushed_ = false;  // something was written since the last fsync
  bool broken_ = false;
};

}  // namespace surd::store
