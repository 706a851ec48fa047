#include "store/spare_name.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "base/error.hpp"
#include "base/file_calls.hpp"
#include "base/files.hpp"
#include "base/new_file.hpp"

namespace surd::store {

std::filesystem::path spare_name(const std::filesystem::path& path, const std::string& kind) {
  for (int number = 1;; ++number) {
    auto spare = path;
    spare.replace_filename(
        fmt::format("{}.{}-{}{}", path.stem().string(), kind, number, path.extension().string()));
    if (!std::filesystem::exists(std::filesystem::symlink_status(spare))) return spare;
  }
}

std::filesystem::path keep_beside(const std::filesystem::path& path, const std::string& kind) {
  const std::filesystem::path spare = spare_name(path, kind);
  if (file_calls::link(path, spare) == 0) {
    sync_folder_of(spare);
    return spare;
  }
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS && errno != EMLINK)
    throw Error({.what = fmt::format("cannot keep a copy: {}", std::strerror(errno)),
                 .where = spare.string()});
  write_file_atomically(spare, read_file(path));
  return spare;
}

}  // namespace surd::store
