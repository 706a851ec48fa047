// The system calls that change files, as POSIX has them: -1 and errno. All that a program writes
// goes through these, so that a test can make each one fail. Interrupted ones are begun again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

namespace surd::file_calls {

enum class Call { open, write, fsync, rename, link, truncate, unlink };

// The line that called; the compiler fills it in.
struct Site {
  const char* file = "";
  int line = 0;
};

// What goes wrong with a call, for tests.
struct Fault {
  int error = 0;          // errno; the call then does nothing. EINTR: an interruption
  bool is_short = false;  // a write takes a part of its bytes
};
// Asked before each call, each attempt of an interrupted one and each part of a write.
using Plan = std::function<Fault(Call, const Site&)>;

// While it lives, calls of this process go as `plan` says. One at a time, and no other thread may
// write files meanwhile.
class Planned {
 public:
  explicit Planned(Plan plan);
  ~Planned();
  Planned(const Planned&) = delete;
  Planned& operator=(const Planned&) = delete;
};

// Closed at exec; made with the usual rights (0644 less umask).
int open(const std::filesystem::path& path, int flags,
         Site site = {__builtin_FILE(), __builtin_LINE()});
// All bytes, in as many parts as it takes.
int write(int fd, std::string_view bytes, Site site = {__builtin_FILE(), __builtin_LINE()});
int fsync(int fd, Site site = {__builtin_FILE(), __builtin_LINE()});
int rename(const std::filesystem::path& from, const std::filesystem::path& to,
           Site site = {__builtin_FILE(), __builtin_LINE()});
int link(const std::filesystem::path& from, const std::filesystem::path& to,
         Site site = {__builtin_FILE(), __builtin_LINE()});
int truncate(int fd, std::int64_t size_bytes, Site site = {__builtin_FILE(), __builtin_LINE()});
int unlink(const std::filesystem::path& path, Site site = {__builtin_FILE(), __builtin_LINE()});

}  // namespace surd::file_calls
