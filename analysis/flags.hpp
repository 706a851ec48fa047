// Flags that several subcommands share.
#pragma once

#include "analysis/findings/planned.hpp"
#include "analysis/findings/settings.hpp"

namespace CLI {
class App;
}

namespace surd::analysis {

// --no-penalties and --no-lapse, for every subcommand that fits.
void add_fit_options(CLI::App& command, law::Options& options);
// The flags of Choices, these two among them.
void add_choices(CLI::App& command, Choices& choices);
// The grid of a planned study and the guesses at its truth.
void add_planned_flags(CLI::App& command, PlannedFlags& flags);

}  // namespace surd::analysis
