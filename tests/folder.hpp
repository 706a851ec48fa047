// A folder of a test's own, removed with all that is in it when the test ends.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace surd::test {

class Folder {
 public:
  // The name has a blank and an apostrophe, which paths may have.
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "surd test's XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for a test: " + name);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  // For a shell.
  std::string quoted(const std::string& name) const { return fmt::format("\"{}\"", (path_ / name).string()); }

 private:
  std::filesystem::path path_;
};

}  // namespace surd::test
