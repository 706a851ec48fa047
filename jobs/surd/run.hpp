// surd run STUDY: trains a study on all cores or GPUs of this machine.
#pragma once

namespace CLI {
class App;
}

namespace surd::jobs {

// Adds the subcommand; where it is called, it runs surd-run and sets `exit_code` to that of the
// run. Errors are thrown.
void add_run_command(CLI::App& app, int& exit_code);

}  // namespace surd::jobs
