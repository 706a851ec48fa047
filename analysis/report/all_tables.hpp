// Everything that fit found as tidy tables, a CSV file each: for a notebook, R or a spreadsheet.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "analysis/findings/findings.hpp"
#include "analysis/report/table.hpp"

namespace surd::analysis {

// Name of each table (of its file, without ending) and its rows, with the names of JSON as columns:
// exponents, contrasts, width_ratios, budgets, thresholds, cells, laws, offsets, held_out, compute,
// compute_against, sensitivity_tau, sensitivity_rate, audit, unused. All of them, also without
// rows, so that a script finds what it reads.
std::vector<std::pair<std::string, ResultTable>> all_tables(const Findings& findings);

// Writes NAME.csv of each into `folder`, made where it is missing. InputError where it cannot be.
void write_all_tables(const std::filesystem::path& folder, const Findings& findings);

}  // namespace surd::analysis
