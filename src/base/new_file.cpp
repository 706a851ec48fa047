#include "base/new_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.hpp"
#include "base/file_calls.hpp"

namespace surd {
namespace {

[[noreturn]] void fail_at(const char* action, const std::filesystem::path& path, int code = errno) {
  throw Error(
      {.what = fmt::format("cannot {}: {}", action, std::strerror(code)), .where = path.string()});
}

}  // namespace

std::filesystem::path temporary_of(const std::filesystem::path& path) {
  auto temporary = path;
  return temporary += ".tmp";
}

NewFile::NewFile(std::filesystem::path path)
    : path_(std::move(path)), temporary_(temporary_of(path_)) {
  if (file_calls::unlink(temporary_) != 0 && errno != ENOENT)
    fail_at("remove what is left of an earlier try", temporary_);
  fd_ = file_calls::open(temporary_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  if (fd_ < 0) fail_at("open", temporary_);
}

NewFile::~NewFile() {
  ::close(fd_);
  // Half a file helps nobody, least of all a full disk.
  if (!committed_) file_calls::unlink(temporary_);
}

void NewFile::write(std::string_view bytes) {
  if (file_calls::write(fd_, bytes) != 0) fail_at("write", temporary_);
}

bool NewFile::is_ours() const {
  struct stat mine {};
  struct stat there {};
  return ::fstat(fd_, &mine) == 0 && ::lstat(temporary_.c_str(), &there) == 0 &&
         mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

void NewFile::commit() {
  if (file_calls::fsync(fd_) != 0) fail_at("fsync", temporary_);
  if (!is_ours())
    throw Error({.what = "another process writes the same file", .where = path_.string()});
  if (file_calls::rename(temporary_, path_) != 0) fail_at("rename", temporary_);
  committed_ = true;
  sync_folder_of(path_);
}

void sync_folder_of(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const int fd = file_calls::open(folder, O_RDONLY | O_DIRECTORY);
  if (fd < 0) fail_at("open the folder", folder);
  const int synced = file_calls::fsync(fd);
  const int code = errno;
  ::close(fd);
  if (synced != 0 && code != EINVAL) fail_at("fsync the folder", folder, code);
}

}  // namespace surd
