// One writer a run folder. An fcntl lock is freed by the kernel at death; a heartbeat file stands
// in where the file system has no locks.
#pragma once

#include <filesystem>
#include <string>

namespace surd::store {

std::string host_name();

enum class LockKind {
  automatic,
  heartbeat
};  // automatic: a lock, a heartbeat only where locks are not supported

// The file beside a journal that says who writes it.
std::filesystem::path lock_file_of(std::filesystem::path journal);

class WriterLock {
 public:
  // Takes the lock of the open descriptor `fd`, which must outlive this object, and writes host and
  // pid to `side_file`. InputError naming the holder's host and pid where another process has it.
  // Never waits.
  WriterLock(int fd, std::filesystem::path side_file, LockKind kind = LockKind::automatic);
  ~WriterLock();
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

  // To be called at least every 30 s; does nothing where a true lock is held. Error where another
  // process took over meanwhile.
  void beat();

 private:
  std::filesystem::path side_file_;
  std::string content_;
  bool heartbeat_ = false;
};

// A heartbeat older than this is taken for dead.
constexpr double heartbeat_stale_s = 120;

}  // namespace surd::store
