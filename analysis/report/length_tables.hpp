// The tables of each length and each cell that was fitted.
#pragma once

#include "analysis/findings/findings.hpp"
#include "analysis/report/columns.hpp"

namespace surd::analysis {

// The width that each length needs, a row a length. For people only lengths of fits with an
// exponent.
ResultTable thresholds_table(const Findings& findings, Which which);
// Solved seeds beside the fitted law, a row a cell; for machines alone.
ResultTable cells_table(const Findings& findings);

}  // namespace surd::analysis
