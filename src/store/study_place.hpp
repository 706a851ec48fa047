// Where a study is read from, and where its run goes. A run folder is a study: its frozen
// study.yaml.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "grid/study.hpp"
#include "store/run_folder.hpp"

namespace surd::store {

// Of a study file, or of a run folder. InputError as grid::load_study, and where the folder is not
// that of a run.
grid::Study load_study(const std::filesystem::path& study,
                       const std::vector<std::string>& overrides = {});

// `out` where it is given; else the run folder that was named as the study; else runs/NAME.
RunFolder folder_of(const grid::Study& study, const std::filesystem::path& named,
                    const std::filesystem::path& out);

}  // namespace surd::store
