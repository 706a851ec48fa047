// Whether the exponent changes with the length, for people and for machines.
#pragma once

#include <string>
#include <vector>

#include "analysis/findings/findings.hpp"
#include "analysis/report/table.hpp"

namespace surd::analysis {

// Of the exponents' JSON and CSV.
std::vector<TableColumnOf<Finding>> curvature_columns();
// A row a fit that has a curvature, for people alone.
ResultTable curvature_table(const Findings& findings);
// The terminal's, with a sentence a row; empty where there is none.
std::string curvature_text(const Findings& findings);

}  // namespace surd::analysis
