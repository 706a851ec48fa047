#include "analysis/report/figure_files.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "analysis/report/figure_svg.hpp"
#include "base/error.hpp"
#include "base/files.hpp"

namespace surd::analysis {
namespace {

// Those that show something, each with the name of its file, without ending.
std::vector<std::pair<std::string, const Figure*>> named_figures(const Figures& figures) {
  std::vector<std::pair<std::string, const Figure*>> all;
  std::set<std::string> taken;
  const auto add = [&](const Figure& figure) {
    if (figure.empty()) return;
    std::string name = figure.file;
    for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}-{}", figure.file, i);
    all.emplace_back(std::move(name), &figure);
  };
  add(figures.exponents);
  add(figures.differences);
  add(figures.success);
  for (const Figure& budget : figures.budgets) add(budget);
  for (const Figures::OfGroup& group : figures.groups) {
    for (const Figure& map : group.maps) add(map);
    add(group.thresholds);
    add(group.profile);
    for (const Figure& state : group.states) add(state);
  }
  return all;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> figure_files(const Figures& figures,
                                                              double width_in) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& [name, figure] : named_figures(figures)) {
    files.emplace_back(name + ".svg", to_svg(*figure, {.titled = false, .width_in = width_in}));
  }
  return files;
}

void make_folder(const std::filesystem::path& folder, const std::string& of,
                 const std::string& flag) {
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (!code && std::filesystem::is_directory(folder)) return;
  throw InputError({.what = fmt::format("cannot make the folder of {}", of),
                    .where = folder.string(),
                    .got = code ? code.message() : "a file",
                    .advice = fmt::format("Name another with {}", flag)});
}

std::vector<std::filesystem::path> write_figure_files(const std::filesystem::path& folder,
                                                      const Figures& figures, double width_in) {
  make_folder(folder, "the figures", "--figures");
  std::vector<std::filesystem::path> paths;
  for (const auto& [name, content] : figure_files(figures, width_in)) {
    paths.push_back(folder / name);
    write_file_atomically(paths.back(), content);
  }
  std::string captions;
  for (const auto& [name, figure] : named_figures(figures))
    captions += fmt::format("{}: {}\n", name, caption_of(*figure));
  write_file_atomically(folder / "captions.txt", captions);
  return paths;
}

}  // namespace surd::analysis
