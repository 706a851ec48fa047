// From what a study file says to cells and trials.
#pragma once

#include "grid/source.hpp"

namespace surd::grid {

// Fills axes, cells, columns, trials and rule counts of `study`. InputError where a cell is
// impossible, two are the same, or there are too many.
void expand(const Source& source, Study& study);

}  // namespace surd::grid
