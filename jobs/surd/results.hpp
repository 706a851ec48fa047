// surd results (rebuild | verify | export | merge) RUN...: keeps what a run found.
#pragma once

namespace CLI {
class App;
}

namespace surd::jobs {

// Adds the subcommand; where it is called, it prints and sets `exit_code` (verify: 1 on damage).
// Errors are thrown.
void add_results_command(CLI::App& app, int& exit_code);

}  // namespace surd::jobs
