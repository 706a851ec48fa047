// The tables of what was fitted, as fit prints them and the page shows them.
#pragma once

#include "analysis/findings/findings.hpp"
#include "analysis/report/columns.hpp"

namespace surd::analysis {

// A row a fit.
ResultTable exponents_table(const Findings& findings);

// A row an architecture against the baseline.
ResultTable differences_table(const Findings& findings, Which which);
// The width ratio at further lengths, a row an architecture and length of Settings::at.
ResultTable width_ratios_table(const Findings& findings);
// Trials that no fit uses, for machines alone.
ResultTable unused_table(const Findings& findings);

}  // namespace surd::analysis
