#include "analysis/report/figure_files.hpp"

#include <fmt/format.h>

#include <set>

#include "analysis/report/figure_svg.hpp"
#include "base/error.hpp"
#include "base/files.hpp"

namespace surd::analysis {
std::vector<std::pair<std::string, std::string>> figure_files(const Figures& figures) {
  std::vector<std::pair<std::string, std::string>> files;
  std::set<std::string> taken;
  const auto add = [&](const Figure& figure) {
    if (figure.empty()) return;
    std::string name = figure.file;
    for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}-{}", figure.file, i);
    files.emplace_back(name + ".svg", to_svg(figure));
  };
  add(figures.exponents);
  add(figures.differences);
  for (const Figures::OfGroup& group : figures.groups) {
    for (const Figure& map : group.maps) add(map);
    add(group.thresholds);
    add(group.profile);
    for (const Figure& state : group.states) add(state);
  }
  return files;
}

void make_figure_folder(const std::filesystem::path& folder) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (!code && std::filesystem::is_directory(folder)) return;
  throw InputError({.what = "cannot make the folder of the figures",
                    .where = folder.string(),
                    .got = code ? code.message() : "a file",
                    .advice = "Name another with --figures"});
}

std::vector<std::filesystem::path> write_figure_files(const std::filesystem::path& folder,
                                                      const Figures& figures) {
  make_figure_folder(folder);
  std::vector<std::filesystem::path> paths;
  for (const auto& [name, content] : figure_files(figures)) {
    paths.push_back(folder / name);
    write_file_atomically(paths.back(), content);
  }
  return paths;
}

}  // namespace surd::analysis
