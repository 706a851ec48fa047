// The report's figures as SVG files, drawn without a browser: heat maps, thresholds, profiles,
// forest plots.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "analysis/report/figures/figures.hpp"

namespace surd::analysis {

// File name and content of each: TASK-ARCHITECTURE-accuracy.svg a series, TASK-thresholds.svg and
// TASK-profile.svg a group (where a series of it has an exponent), exponents.svg and
// differences.svg. Names that would be the same get a number.
std::vector<std::pair<std::string, std::string>> figure_files(const Figures& figures);

// Makes the folder of them where it is missing. InputError where it cannot.
void make_figure_folder(const std::filesystem::path& folder);
// Writes them into `folder`, made so. Returns their paths.
std::vector<std::filesystem::path> write_figure_files(const std::filesystem::path& folder,
                                                      const Figures& figures);

}  // namespace surd::analysis
