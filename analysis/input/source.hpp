// Reads whatever holds results: a run folder, a results.h5 or a CSV file.
#pragma once

#include <filesystem>

#include "analysis/input/input.hpp"
#include "store/snapshot.hpp"

namespace surd::analysis {

// Where no file has this name, it stands for the published Figure 1 of arXiv 2402.13934, which the
// program carries inside (figure1.csv): its numbers as read off the image, one run a cell, at the
// lengths of this program's own tasks; paper_length is the figure's label.
constexpr const char* figure1_word = "figure1";
bool is_figure1(const std::filesystem::path& path);

// The kind is told by the content: a folder is a run, an HDF5 file starts with its signature,
// anything else is CSV. InputError: no such file, a folder without results, what the reader of that
// kind refuses.
Input read_input(const std::filesystem::path& path);
// Of a run that was read before; `path` is what the user called it. InputError where it has no
// trials.
Input input_of(const store::Snapshot& run, const std::filesystem::path& path);
// Whether it is a run folder or a results.h5, which tell where they come from.
bool holds_run(const std::filesystem::path& path);

}  // namespace surd::analysis
