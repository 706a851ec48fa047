// A folder of a test's own, which nobody else has, removed with all that is in it when the test
// ends.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace surd::test {

// Makes one whose name begins so.
inline std::filesystem::path new_folder(const std::string& prefix) {
  std::string name = (std::filesystem::temp_directory_path() / (prefix + "XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for a test: " + name);
  return name;
}

class Folder {
 public:
  // `name` begins its name.
  explicit Folder(const std::string& name = "surd-test-") : path_(new_folder(name)) {}
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  // For a shell.
  std::string quoted(const std::string& name) const {
    return fmt::format("\"{}\"", (path_ / name).string());
  }

 private:
  std::filesystem::path path_;
};

}  // namespace surd::test
