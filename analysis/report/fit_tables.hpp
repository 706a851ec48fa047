// The tables of what was fitted, as fit prints them and the page shows them.
#pragma once

#include "analysis/findings/findings.hpp"
#include "analysis/report/table.hpp"

namespace surd::analysis {

// A row a fit.
ResultTable exponents_table(const Findings& findings);

// For people only the rows that have something to show; all of them for machines, with the reason.
enum class Which { shown, all };

// A row an architecture against the baseline.
ResultTable differences_table(const Findings& findings, Which which);
// The width ratio at further lengths, a row an architecture and length of Settings::at.
ResultTable width_ratios_table(const Findings& findings);
// The width that each length needs, a row a length. For people only lengths of fits with an
// exponent.
ResultTable thresholds_table(const Findings& findings, Which which);
// Solved seeds beside the fitted law, a row a cell; for machines alone.
ResultTable cells_table(const Findings& findings);
// Laws without a free exponent by weight, and the additive offset, for people alone.
ResultTable laws_table(const Findings& findings);
// The largest length, predicted by the others.
ResultTable held_out_table(const Findings& findings, Which which);
// FLOPs at the threshold width, for people alone.
ResultTable compute_table(const Findings& findings);
// Trials that no fit uses, for machines alone.
ResultTable unused_table(const Findings& findings);

}  // namespace surd::analysis
