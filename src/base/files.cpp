#include "base/files.hpp"

#include "base/error.hpp"
#include "base/new_file.hpp"

namespace surd {

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  std::error_code code;
  if (std::filesystem::exists(path, code) &&
      !std::filesystem::is_regular_file(path, code)) {  // a rename would replace a device too
    throw Error({.what = "cannot write: it exists and is no regular file",
                 .where = path.string(),
                 .expected = "the name of a file"});
  }
  NewFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace surd
