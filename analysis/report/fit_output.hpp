// The findings as a table for a terminal, as JSON and as CSV.
#pragma once

#include <string>

#include "analysis/findings/findings.hpp"
#include "base/json.hpp"

namespace surd::analysis {

std::string table(const Findings& findings);
// {"format_version": 1, "fits": [...], "contrasts": [...], "unused": [...], "notes": [...], "laws":
// [...], "held_out": [...], "compute": [...]}; null where there is no number, then with "reason".
// "sensitivity": see sensitivity_output.hpp; where there was a budget audit also {"audit": {...}}.
Json to_json(const Findings& findings);
// One row a fit, the keys of the JSON as columns.
std::string to_csv(const Findings& findings);

}  // namespace surd::analysis
