// The report's figures as SVG files, drawn without a browser: heat maps, thresholds, profiles,
// forest plots, success against width.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "analysis/report/figures/figures.hpp"

namespace surd::analysis {

// File name and content of each: success.svg, exponents.svg and differences.svg; of a series
// TASK-ARCHITECTURE-accuracy.svg; of a group TASK-thresholds.svg and, where a series of it has an
// exponent, TASK-profile.svg. Names that would be the same get a number. There are no titles
// inside. `width_in`: of a column of a paper, in inches; 0: each at its own size in pixels.
std::vector<std::pair<std::string, std::string>> figure_files(const Figures& figures,
                                                              double width_in = 0);

// Makes a folder for files ("the figures") where it is missing. InputError at the flag that named
// it where it cannot.
void make_folder(const std::filesystem::path& folder, const std::string& of,
                 const std::string& flag);
// Writes them into `folder`, made so, and captions.txt, a line a figure. Returns the figures'
// paths.
std::vector<std::filesystem::path> write_figure_files(const std::filesystem::path& folder,
                                                      const Figures& figures, double width_in = 0);

}  // namespace surd::analysis
