// surd-fit fit: the findings as a table for a terminal, as JSON and as CSV.
#pragma once

#include <string>

#include "analysis/findings/findings.hpp"
#include "base/json.hpp"

namespace CLI {
class App;
}

namespace surd::analysis {

std::string table(const Findings& findings);
// {"format_version": 1, "fits": [...], "contrasts": [...], "unused": [...], "notes": [...], "laws": [...], "held_out": [...],
// "compute": [...]}; null where there is no number, then with "reason".
// "sensitivity": see sensitivity.hpp; where there was a budget audit also {"audit": {...}}.
Json to_json(const Findings& findings);
// One row a fit, the keys of the JSON as columns.
std::string to_csv(const Findings& findings);

// --no-penalties and --no-lapse, for every subcommand that fits.
void add_fit_options(CLI::App& command, law::Options& options);
// The flags of Choices, these two among them.
void add_choices(CLI::App& command, Choices& choices);
// Adds the subcommand; it runs while `app` parses.
void add_fit(CLI::App& app);

}  // namespace surd::analysis
