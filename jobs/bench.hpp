// surd-bench's subcommands. Each runs while `app` parses.
#pragma once

namespace CLI {
class App;
}

namespace surd::jobs {

void add_bench_train_command(CLI::App& app);

}  // namespace surd::jobs
