// Flags that several subcommands share, and how they say their notes.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "analysis/findings/planned.hpp"
#include "analysis/findings/settings.hpp"
#include "base/error.hpp"

namespace CLI {
class App;
}

namespace surd::analysis {

// What is fitted, shown or compared.
void add_input(CLI::App& command, const std::string& name, std::string& input);
// Says after the output why there is no exponent, if so. Error where it could not be written.
void end_undetermined(const std::optional<Report>& why, int& exit_code);
// On stderr, where they disturb no output.
void print_notes(std::span<const std::string> notes);
// --no-penalties and --no-lapse, for every subcommand that fits.
void add_fit_options(CLI::App& command, law::Options& options);
// The flags of Choices, these two among them.
void add_choices(CLI::App& command, Choices& choices);
// --scale: see in_scale.
void add_scale(CLI::App& command, SizeScale& scale);
// --at, of those that compare widths with the baseline's.
void add_at(CLI::App& command, Choices& choices);
// --explain: prints what these words are, and the program ends with 0, whatever else is missing.
void add_explain(CLI::App& command, std::string (*words)());
// The grid of a planned study and the guesses at its truth. `pilot` names results to take both
// from; empty: none.
void add_planned_flags(CLI::App& command, std::string& pilot, PlannedFlags& flags);
// What it names. Errors as read_input.
std::optional<Input> read_pilot(const std::string& pilot);

}  // namespace surd::analysis
