// Reads whatever holds results: a run folder, a results.h5 or a CSV file.
#pragma once

#include <filesystem>

#include "analysis/input.hpp"

namespace surd::analysis {

// The kind is told by the content: a folder is a run, an HDF5 file starts with its signature, anything else is CSV.
// InputError: no such file, a folder without results, what the reader of that kind refuses.
Input read_input(const std::filesystem::path& path);
// Whether it is a run folder or a results.h5, which tell where they come from.
bool holds_run(const std::filesystem::path& path);

}  // namespace surd::analysis
