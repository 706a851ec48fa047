// The tables of what stands beside the exponents.
#pragma once

#include "analysis/findings/findings.hpp"
#include "analysis/report/columns.hpp"

namespace surd::analysis {

// Laws without a free exponent by weight, and the additive offset, for people alone.
ResultTable laws_table(const Findings& findings);
// The largest length, predicted by the others.
ResultTable held_out_table(const Findings& findings, Which which);
// FLOPs at the threshold width, for people alone.
ResultTable compute_table(const Findings& findings);

}  // namespace surd::analysis
