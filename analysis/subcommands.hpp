// The subcommands of surd-fit, a file each: flags and printing.
#pragma once

namespace CLI {
class App;
}

namespace surd::analysis {

// Each adds its subcommand, which runs while `app` parses; exit_code: undetermined where data were
// read, and no exponent came of them.
void add_compare(CLI::App& app, int& exit_code);
void add_fit(CLI::App& app, int& exit_code);
void add_next(CLI::App& app);
void add_power(CLI::App& app);
void add_report(CLI::App& app, int& exit_code);
void add_simulate(CLI::App& app);
void add_steps(CLI::App& app);

}  // namespace surd::analysis
