// Finished trials that would leave results.h5 because a study, as it is asked for now, lacks them.
#pragma once

#include <cstdint>
#include <string>

#include "grid/study.hpp"
#include "store/history.hpp"
#include "store/run_folder.hpp"

namespace surd::store {

struct Leaving {
  std::int64_t trials = 0;
  std::string values{};  // that they have and no trial of the study has: "length 48, 64; seed 3"
};

// Of the trials that make the table now, those that are finished and not in `next`.
Leaving leaving_trials(const History& history, const grid::Study& next);

// InputError where some would leave: says how many, which values of the axes, and the commands that
// keep them or let them go.
void require_none_leaves(const RunFolder& folder, const History& history, const grid::Study& next);

// "surd run configs/small.yaml --set 'grid.length=[16, 24]' --out runs/x": the request again, for
// the folder of a study of this name.
std::string command_of(const StudyRequest& request, const RunFolder& folder,
                       const std::string& study_name);

}  // namespace surd::store
