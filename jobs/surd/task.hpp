// surd task (sample | encode | solve | check) TASK: instances of the sequence problems as JSON
// lines on stdin and stdout.
#pragma once

namespace CLI {
class App;
}

namespace surd::jobs {

// Adds the subcommand, which runs while `app` parses. exit_code: 1 where `check` saw an invalid
// text, else untouched. InputError "stdin:LINE" where a line is not what the action reads.
void add_task_command(CLI::App& app, int& exit_code);

}  // namespace surd::jobs
