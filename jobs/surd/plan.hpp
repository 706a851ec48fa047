// surd plan STUDY: what a study asks for and what it will cost.
#pragma once

namespace CLI {
class App;
}

namespace surd::jobs {

// Adds the subcommand; where it is called, it prints and sets `exit_code`. Errors are thrown.
void add_plan_command(CLI::App& app, int& exit_code);

}  // namespace surd::jobs
