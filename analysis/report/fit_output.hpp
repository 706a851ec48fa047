// The findings as text for a terminal, as JSON and as CSV.
#pragma once

#include <string>

#include "analysis/findings/findings.hpp"
#include "base/json.hpp"

namespace surd::analysis {

// What most want: exponents, differences from the baseline, verdicts and notes; or all there is.
enum class Detail { main, all };

// Lines of at most terminal_columns characters.
std::string to_text(const Findings& findings, Detail detail);
// What each column of that, of JSON and of CSV means: see explain.hpp.
std::string explain_fit();
// {"format_version": 1, "fits": [...], "contrasts": [...], "unused": [...], "notes": [...], "laws":
// [...], "held_out": [...], "compute": [...], "width_ratios": [...], "thresholds": [...], "cells":
// [...]}; null where there is no number, then with "reason".
// "sensitivity": see sensitivity_output.hpp; where there was a budget audit also {"audit": {...}}.
Json to_json(const Findings& findings);
// The tables of Detail::main for a paper: tabulars of LaTeX's booktabs.
std::string to_latex(const Findings& findings);
// One row a fit, the keys of the JSON as columns.
std::string to_csv(const Findings& findings);

}  // namespace surd::analysis
