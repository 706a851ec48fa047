// A file that is made aside and then takes its place as a whole.
#pragma once

#include <filesystem>
#include <string_view>

namespace surd {

// The name under which the next file of this name is made: PATH.tmp.
std::filesystem::path temporary_of(const std::filesystem::path& path);

// Lies at temporary_of(path) until it is committed, and goes where it never is. What lay there
// before, left by a process that died or planted as a link, is removed, never written through.
class NewFile {
 public:
  // Error where it cannot be made.
  explicit NewFile(std::filesystem::path path);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  // Error on any failure, as in commit(): the file that stands at `path` then still does.
  void write(std::string_view bytes);
  // fsync, rename to `path`, fsync of the folder. Error too where another process makes the same
  // file at the same time.
  void commit();
  // For a library or a program that writes by itself. Owned by this object.
  int descriptor() const { return fd_; }

 private:
  bool is_ours() const;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int fd_ = -1;
  bool committed_ = false;
};

// fsync of the folder in which `path` lies, so that its name survives a crash. Error where it
// fails; a file system that cannot is passed over.
void sync_folder_of(const std::filesystem::path& path);

}  // namespace surd
