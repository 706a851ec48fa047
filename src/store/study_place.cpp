#include "store/study_place.hpp"

#include <fmt/format.h>

namespace surd::store {
namespace {

bool is_folder(const std::filesystem::path& path) {
  std::error_code code;
  return std::filesystem::is_directory(path, code);
}

}  // namespace

grid::Study load_study(const std::filesystem::path& study,
                       const std::vector<std::string>& overrides) {
  if (!is_folder(study)) return grid::load_study(study, overrides);
  const RunFolder folder(study);
  std::error_code code;
  for (const auto& file : {folder.journal(), folder.study()}) {
    if (std::filesystem::exists(file, code)) continue;
    throw InputError({.what = "this folder is no study",
                      .where = study.string(),
                      .expected = fmt::format("a study file (YAML), or a run folder, with a file "
                                              "{} in it",
                                              file.filename().string())});
  }
  return grid::load_study(folder.study(), overrides);
}

RunFolder folder_of(const grid::Study& study, const std::filesystem::path& named,
                    const std::filesystem::path& out) {
  if (!out.empty()) return RunFolder(out);
  if (is_folder(named)) return RunFolder(named);
  return RunFolder(std::filesystem::path("runs") / study.name);
}

}  // namespace surd::store
