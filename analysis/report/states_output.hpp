// Accuracy against state size: the numbers behind its figure.
#pragma once

#include <span>

#include "analysis/findings/states.hpp"
#include "analysis/report/table.hpp"

namespace surd::analysis {

// A row a cell, for machines alone.
ResultTable states_table(std::span<const StateCell> cells);

}  // namespace surd::analysis
