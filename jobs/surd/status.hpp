// surd status RUN: how a run goes, read from its folder by another process.
#pragma once

namespace CLI {
class App;
}

namespace surd::jobs {

// Adds the subcommand; where it is called, it prints and sets `exit_code`. Errors are thrown.
void add_status_command(CLI::App& app, int& exit_code);

}  // namespace surd::jobs
