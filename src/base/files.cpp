#include "base/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.hpp"

namespace surd {
namespace {

[[noreturn]] void fail(const char* action, const std::filesystem::path& path) {
  throw Error({.what = std::string("cannot ") + action + ": " + std::strerror(errno),
               .where = path.string()});
}

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (fd_ < 0) fail("open", path);
  }
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

void sync_folder(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const Descriptor descriptor(folder, O_RDONLY | O_DIRECTORY);
  if (::fsync(descriptor.get()) != 0 && errno != EINVAL) fail("fsync the folder", folder);
}

}  // namespace

void commit_file(const std::filesystem::path& temporary, const std::filesystem::path& path) {
  {
    const Descriptor descriptor(temporary, O_RDONLY);
    if (::fsync(descriptor.get()) != 0) fail("fsync", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) fail("rename", temporary);
  sync_folder(path);
}

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  std::error_code code;
  if (std::filesystem::exists(path, code) &&
      !std::filesystem::is_regular_file(path, code)) {  // a rename would replace a device too
    throw Error({.what = "cannot write: it exists and is no regular file",
                 .where = path.string(),
                 .expected = "the name of a file"});
  }
  auto temporary = path;
  temporary += ".tmp";
  {
    const Descriptor descriptor(temporary, O_WRONLY | O_CREAT | O_TRUNC);
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        const int reason = errno;
        ::unlink(temporary.c_str());  // half a file helps nobody, least of all a full disk
        errno = reason;
        fail("write", temporary);
      }
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  commit_file(temporary, path);
}

}  // namespace surd
