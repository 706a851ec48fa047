#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.hpp"
#include "base/files.hpp"

namespace surd {
namespace {

class Reading {
 public:
  explicit Reading(const std::filesystem::path& path) : fd_(open_to_read(path)) {}
  ~Reading() { ::close(fd_); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

constexpr std::size_t read_bytes = std::size_t{1} << 18U;

// Someone holds its other end: of a FIFO in a folder this is not known.
bool is_unnamed_pipe(int fd) {
  struct statfs system {};
  return ::fstatfs(fd, &system) == 0 && system.f_type == PIPEFS_MAGIC;
}

const char* kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a FIFO";
  return S_ISCHR(mode) || S_ISBLK(mode) ? "a device" : "no regular file";
}

// Appends at most so many bytes; false at the end of the file.
bool read_part(int fd, const std::filesystem::path& path, std::size_t most, std::string& bytes) {
  const std::size_t before = bytes.size();
  bytes.resize(before + most);
  ssize_t got = 0;
  do {
    got = ::read(fd, bytes.data() + before, most);
  } while (got < 0 && errno == EINTR);
  bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got < 0)
    throw InputError({.what = std::string("reading failed half-way: ") + std::strerror(errno),
                      .where = path.string()});
  return got > 0;
}

}  // namespace

int open_to_read(const std::filesystem::path& path) {
  // Without O_NONBLOCK, opening a FIFO that nobody writes does not return.
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0)
    throw InputError(
        {.what = std::string("cannot read: ") + std::strerror(errno), .where = path.string()});
  struct stat status {};
  if (::fstat(fd, &status) == 0 && (S_ISREG(status.st_mode) || is_unnamed_pipe(fd))) {
    ::fcntl(fd, F_SETFL, 0);
    return fd;
  }
  ::close(fd);
  throw InputError({.what = fmt::format("cannot read: it is {}", kind_of(status.st_mode)),
                    .where = path.string(),
                    .expected = "a file"});
}

std::string read_file(const std::filesystem::path& path, std::size_t most) {
  const Reading file(path);
  std::string bytes;
  struct stat status {};
  if (::fstat(file.get(), &status) == 0)
    bytes.reserve(std::min(static_cast<std::size_t>(status.st_size), most) + read_bytes);
  while (bytes.size() < most &&
         read_part(file.get(), path, std::min(read_bytes, most - bytes.size()), bytes)) {
  }
  return bytes;
}

std::string read_start(const std::filesystem::path& path, std::size_t most) {
  std::error_code code;
  return std::filesystem::is_regular_file(path, code) ? read_file(path, most) : "";
}

}  // namespace surd
